"""Who calls the Graph API, under which address, and the note in the record that every call leaves."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from litestar import Request

from providers.simulator.config import NumberConfig
from providers.simulator.errors import GraphError, unknown_object
from providers.simulator.record import Call, Record
from providers.simulator.world import World

GraphRequest = Request[Any, Any, Any]


class Access:
    """Bearer tokens against numbers and business accounts."""

    def __init__(self, world: World, record: Record, public_url: str | None) -> None:
        self._world = world
        self._record = record
        self._public_url = public_url

    @contextlib.contextmanager
    def call(self, request: GraphRequest, *, kind: str) -> Iterator[Call]:
        """Keep the call in the record, however it ends."""
        call = self._record.open(method=request.method, path=request.scope["path"], kind=kind)
        call.phone_number_id = request.path_params.get("node", "")
        version = request.path_params.get("version", "v1.0")
        try:
            if not re.fullmatch(r"v\d{1,3}\.\d", version):
                raise GraphError(2500, f"Unknown path components: /{version}")
            yield call
        except GraphError as error:
            if call.outcome == "accepted":
                call.outcome = "refused"
            call.status, call.error_code = error.status, error.code
            raise
        finally:
            self._record.close(call)

    def token(self, request: GraphRequest) -> str:
        """The bearer token, when some number has it; else 190."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token or not any(n.access_token == token for n in self._world.numbers):
            raise GraphError(190, "The access token is missing, unknown or expired.")
        return token

    def number(self, request: GraphRequest) -> NumberConfig:
        """The business number in the path, which the token may use."""
        token, phone_number_id = self.token(request), request.path_params["node"]
        number = self._world.numbers.get(phone_number_id)
        if number is None or number.access_token != token:
            raise unknown_object(phone_number_id)
        return number

    def account(self, request: GraphRequest) -> list[NumberConfig]:
        """The numbers of the business account in the path that the token may use."""
        token, waba_id = self.token(request), request.path_params["node"]
        numbers = [n for n in self._world.numbers if n.waba_id == waba_id and n.access_token == token]
        if not numbers:
            raise unknown_object(waba_id)
        return numbers

    def base_url(self, request: GraphRequest) -> str:
        """The simulator's own address as the caller sees it, without a slash at the end."""
        if self._public_url:
            return self._public_url.rstrip("/")
        host = request.headers.get("host", "127.0.0.1")
        return f"{request.scope['scheme']}://{host}{request.scope.get('simulator_prefix', '')}"

    def reaches(self, request: GraphRequest, phone_number_id: str) -> bool:
        """Whether the token may use this number."""
        number = self._world.numbers.get(phone_number_id)
        return number is not None and number.access_token == self.token(request)
