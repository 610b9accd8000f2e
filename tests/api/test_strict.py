"""A body is what it is declared to be, and who sends another hears where it does not fit, in their language."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar, post
from litestar.params import JSONBody
from litestar.testing import TestClient

from api.errors import HANDLERS
from api.strict import StrictRequest


class Item(msgspec.Struct, forbid_unknown_fields=True):
    many: int


class Body(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    open: bool = False
    items: list[Item] = []
    counts: dict[UUID, int] = {}


@post("/", status_code=200)
async def take(data: JSONBody[Body]) -> Body:
    return data


@post("/perhaps", status_code=200)
async def take_or_leave(data: JSONBody[Body | None] = None) -> Body | None:
    return data


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Litestar]]:
    app = Litestar([take, take_or_leave], request_class=StrictRequest, exception_handlers=HANDLERS)
    with TestClient(app) as made:
        yield made


def test_what_fits_is_taken(client: TestClient[Litestar]) -> None:
    body = {"name": "x", "open": True, "items": [{"many": 1}], "counts": {"00000000-0000-0000-0000-000000000001": 2}}
    assert client.post("/", json=body).json() == body


@pytest.mark.parametrize(("raw", "status"), [
    (b"", 200), (b"null", 200), (b"{}", 422), (b"{", 400), (b'{"name":"\xff"}', 400),
])
def test_a_body_may_be_left_out_where_it_is_declared_so(
    client: TestClient[Litestar], raw: bytes, status: int
) -> None:
    assert client.post("/perhaps", content=raw).status_code == status


@pytest.mark.parametrize(("raw", "pointer", "code"), [
    (b"", "", "required"),
    (b"null", "", "invalid"),
    (b"[]", "", "invalid"),
    (b"{}", "/name", "required"),
    (b'{"name":1}', "/name", "invalid"),
    (b'{"open":0}', "/open", "invalid"),
    (b'{"open":"true"}', "/open", "invalid"),
    (b'{"other":1}', "/other", "unknown_field"),
    (b'{"a~b/c":1}', "/a~0b~1c", "unknown_field"),
    (b'{"items":[{"many":1},{"many":"1"}]}', "/items/1/many", "invalid"),
    (b'{"items":[{}]}', "/items/0/many", "required"),
    (b'{"items":[{"few":1}]}', "/items/0/few", "unknown_field"),
    (b'{"counts":{"00000000-0000-0000-0000-000000000001":"2"}}', "/counts", "invalid"),
    (b'{"counts":{"x":2}}', "/counts", "invalid"),
])
def test_the_place_that_does_not_fit_is_named(
    client: TestClient[Litestar], raw: bytes, pointer: str, code: str
) -> None:
    answer = client.post("/", content=raw)
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["code"]) == (422, "invalid")
    assert [(one["pointer"], one["code"]) for one in told["errors"]] == [(pointer, code)]
