"""Asks every operation in every way that should bring about one of its statuses, and notes what came."""

import asyncio
import contextlib
import re
import secrets
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import httpx2

from tests.api.furnishing import Furnished, picture
from tests.api.sampling import Sampler

AT_ONCE = 6
LARGE = b'{"name":"' + b"x" * 1_200_000 + b'"}'
ORDER = ("get", "post", "put", "patch", "delete")  # what ends things comes last


class Operation(NamedTuple):
    id: str
    method: str
    path: str
    spec: dict[str, Any]

    @property
    def documented(self) -> set[int]:
        return {int(status) for status in self.spec["responses"]}

    @property
    def body_kind(self) -> str | None:
        return next(iter(self.spec.get("requestBody", {}).get("content", {})), None)


def operations(document: dict[str, Any]) -> list[Operation]:
    found = [
        Operation(spec["operationId"], method, path, spec)
        for path, item in document["paths"].items() for method, spec in item.items()
    ]
    return sorted(found, key=lambda one: (ORDER.index(one.method), one.path))


class Asker:
    """Asks in the name of an organization's people; `seen`: operation id → statuses."""

    def __init__(self, client: httpx2.AsyncClient, document: dict[str, Any], own: Furnished, viewer: str) -> None:
        self.client, self.document, self.own, self.viewer = client, document, own, viewer
        self.seen: dict[str, set[int]] = defaultdict(set)
        self.said: dict[tuple[str, int], str] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def ask(
        self, one: Operation, ids: dict[str, str] | None = None, *, token: str | None = "owner",
        client: httpx2.AsyncClient | None = None, query: str = "", **more: Any,
    ) -> httpx2.Response:
        """`token`: owner, viewer, or None for nobody; a route of the widget is asked by the visitor."""
        if ids is None:
            ids = self.own.ids | (self.own.visitor_ids if "/widget/" in one.path else {})
        elif "/widget/" in one.path and not ids:
            ids = self.own.ids
        path = re.sub(r"\{(\w+)[^}]*\}", lambda match: ids.get(match[1], str(uuid4())), one.path)
        headers = {**self._who(one, token), **more.pop("headers", {})}
        async with self._gate:
            answer = await (client or self.client).request(one.method.upper(), path + query, headers=headers, **more)
        self.seen[one.id].add(answer.status_code)
        self.said[one.id, answer.status_code] = answer.text[:300]
        return answer

    def _who(self, one: Operation, token: str | None) -> dict[str, str]:
        if token is None:
            return {}
        if "/widget/" in one.path:
            return {"authorization": f"Visitor {self.own.visitor_token}"}
        return {"authorization": f"Bearer {self.viewer if token == 'viewer' else self.own.owner.token}"}

    def sample(self, one: Operation, ids: dict[str, str] | None = None, *, whole: bool = False) -> dict[str, Any]:
        """A request body that fits."""
        if one.body_kind == "multipart/form-data":
            return {"files": {"file": ("a.png", picture(), "image/png")}}
        body = Sampler(self.document, ids or self.own.ids).body(one.spec, everything=whole)
        return {"json": body} if body is not None else {}

    async def refusals(self, one: Operation) -> None:
        """Everything that may be asked of any route alike: by nobody, wrongly, for nothing, by who may not."""
        missing = {name: str(uuid4()) for name in self.own.ids}
        await self.ask(one, missing, token=None, **self.sample(one))
        await self.ask(one, token=None, headers={"authorization": "Bearer bad"}, **self.sample(one))
        await self.ask(one, missing, **self.sample(one))
        for ids in (missing, self.own.ids) if one.method != "get" else (missing,):
            await self.ask(one, ids, token="viewer", **self.sample(one))
        if one.body_kind == "application/json":
            await self.ask(one, **self.sample(one, missing, whole=True))
            await self.ask(one, content=b"{", headers={"content-type": "application/json"})
            wrong = {name: ["x"] for name in self.sample(one, whole=True).get("json") or {}}
            for body in ({"no_such_field": 1}, [], wrong):
                await self.ask(one, json=body)
        if one.body_kind == "multipart/form-data":
            await self.ask(one, files={"other": ("a", b"x", "text/plain")})
            await self.ask(one, content=b"x", headers={"content-type": "multipart/form-data; boundary=b"})
        if one.body_kind:
            with contextlib.suppress(httpx2.TransportError):  # an answer before the whole was sent may be lost
                await self.ask(one, content=LARGE, headers={"content-type": "application/json"})
        for query in self._bad_queries(one):
            await self.ask(one, query=query)
        if "/widget/" in one.path:
            await self.ask(one, headers={"origin": "https://evil.example"}, **self.sample(one))
            await self.ask(one, headers={"authorization": "Visitor vis_unknown"}, **self.sample(one))

    def _bad_queries(self, one: Operation) -> Iterator[str]:
        names = [each["name"] for each in one.spec.get("parameters", []) if each["in"] == "query"]
        for name in names:
            yield f"?{name}=%00"
            yield f"?{name}={uuid4()}"
            yield f"?{name}=-1"
        if "q" in names:
            yield "?q="

    async def successes(self, one: Operation) -> None:
        """With what is there, in the fewest words and in all of them; and again, which some routes answer otherwise."""
        for whole in (False, True):
            await self.ask(one, **self.sample(one, whole=whole))

    async def under_one_key(self, one: Operation) -> None:
        """Twice at once, and then with other words, under the same key."""
        names = [each["name"] for each in one.spec.get("parameters", [])]
        if "Idempotency-Key" not in names:
            return
        for _ in range(5):
            key = {"idempotency-key": secrets.token_hex(8)}
            await asyncio.gather(*(self.ask(one, headers=key, **self.sample(one)) for _ in range(4)))
            await self.ask(one, headers={"idempotency-key": ""}, **self.sample(one))
            if 409 in self.seen[one.id]:
                return

    def missing(self, all_operations: list[Operation]) -> dict[str, list[int]]:
        return {one.id: sorted(one.documented - self.seen[one.id]) for one in all_operations
                if one.documented - self.seen[one.id]}

    def undocumented(self, all_operations: list[Operation]) -> dict[str, dict[int, str]]:
        return {
            one.id: {status: self.said[one.id, status] for status in self.seen[one.id] - one.documented}
            for one in all_operations if self.seen[one.id] - one.documented
        }
