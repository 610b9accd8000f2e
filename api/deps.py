"""What handlers are given: the hub, the one who asks, and the page they asked for."""

from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Request
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from hub.core.access import Actor
from hub.core.errors import Unauthenticated
from hub.core.hub import Hub
from hub.core.paging import Page, PageRequest

AnyRequest = Request[Any, Any, Any]


def provide_hub(request: AnyRequest) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


def provide_actor(request: AnyRequest) -> Actor:
    """The actor that the authentication middleware found. Raises `Unauthenticated` when there is none."""
    actor: Actor | None = request.scope.get("actor")  # type: ignore[assignment]
    if actor is None:
        raise Unauthenticated
    return actor


def provide_locale(request: AnyRequest) -> str:
    return str(request.scope.get("locale", "en"))


PageNumber = Annotated[int | None, QueryParameter(name="page", description="1-based page")]
PageSize = Annotated[int | None, QueryParameter(name="page_size", description="rows on a page, at most 100")]
PerPage = Annotated[int | None, QueryParameter(name="per_page", description="the same as page_size")]


def provide_page_request(
    page_number: PageNumber = None, page_size: PageSize = None, per_page: PerPage = None
) -> PageRequest:
    return PageRequest(page=page_number or 1 if page_number != 0 else 0, page_size=_first(page_size, per_page, 25))


def _first(*values: int | None) -> int:
    return next(value for value in values if value is not None)


def with_links(request: AnyRequest, page: Page[Any], asked: PageRequest) -> Page[Any]:
    """The page with the relative URLs of its neighbours."""

    def link(number: int) -> str:
        query = [(key, value) for key, value in request.query_params.multi_items() if key != "page"]
        return f"{request.url.path}?{urlencode([*query, ('page', str(number))])}"

    more = page.count_is_estimate or asked.page * asked.page_size < page.count
    return msgspec.structs.replace(
        page,
        next=link(asked.page + 1) if more and page.results else None,
        previous=link(asked.page - 1) if asked.page > 1 else None,
    )


DEPENDENCIES = {
    "hub": Provide(provide_hub, sync_to_thread=False),
    "actor": Provide(provide_actor, sync_to_thread=False),
    "locale": Provide(provide_locale, sync_to_thread=False),
    "page": Provide(provide_page_request, sync_to_thread=False),
}

# How handlers ask for them: `hub: TheHub, actor: TheActor, locale: TheLocale, page: ThePage`.
TheHub = NamedDependency[Hub]
TheActor = NamedDependency[Actor]
TheLocale = NamedDependency[str]
ThePage = NamedDependency[PageRequest]
