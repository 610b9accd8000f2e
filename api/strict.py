"""Input is taken as the OpenAPI document tells it: a body has the types of JSON, a query parameter one spelling.

Left to itself, the framework turns one type into another wherever it can: 0 into false, and "0.5" into an instant.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from types import NoneType
from typing import Any

import msgspec
from litestar import Litestar, Request
from litestar.enums import ParamType
from litestar.exceptions import SerializationException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.params import ParameterKwarg
from litestar.typing import FieldDefinition
from litestar.utils.signature import ParsedSignature

from hub.core.errors import FieldError, Invalid

_SPELLED: dict[Any, str] = {
    bool: "true|false",
    int: "-?[0-9]+",
    datetime: r"[0-9]{4}(-[0-9]{2}){2}[Tt][0-9]{2}(:[0-9]{2}){2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})",  # RFC 3339
    NoneType: "null",
}


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON is read as what the handler takes, at once."""

    async def json(self) -> Any:
        """Raises `ValidationException` for what does not fit, `SerializationException` for what is not JSON."""
        taken = self.route_handler.parsed_data_field
        try:
            return msgspec.json.decode(await self.body(), type=taken.annotation if taken else Any)
        except msgspec.ValidationError as error:
            raise ValidationException(extra=[{"message": str(error)}]) from error
        except msgspec.DecodeError as error:
            raise SerializationException(str(error)) from error


def learn(app: Litestar) -> None:
    """Notes at every route how its query parameters are spelled."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler):
                handler.opt["spelled"] = dict(_spellings(handler, handler.parsed_fn_signature))


def _spellings(handler: HTTPRouteHandler, signature: ParsedSignature) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Of what a function takes from the query, and of what its dependencies do."""
    for name, field in signature.parameters.items():
        declared, provided = field.kwarg_definition, handler.resolve_dependencies().get(name)
        if provided is not None:
            yield from _spellings(handler, provided.parsed_fn_signature)
        elif isinstance(declared, ParameterKwarg) and declared.param_type == ParamType.QUERY:
            types = set(_types(field))
            if types <= _SPELLED.keys():
                yield declared.name or name, re.compile("|".join(_SPELLED[one] for one in types))


def _types(field: FieldDefinition) -> Iterator[Any]:
    """What a value may be, without unions and lists around it."""
    if not field.inner_types:
        yield field.annotation
    for inner in field.inner_types:
        yield from _types(inner)


async def before(request: Request[Any, Any, Any]) -> None:
    """Looks at the query ahead of the handler. Raises `Invalid` for a parameter that is spelled in another way."""
    spelled: dict[str, re.Pattern[str]] = request.route_handler.opt["spelled"]
    wrong = {
        name: FieldError(f"/{name}", "invalid") for name, value in request.query_params.multi_items()
        if name in spelled and not spelled[name].fullmatch(value)
    }
    if wrong:
        raise Invalid("invalid", errors=tuple(wrong.values()))
