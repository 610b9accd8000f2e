"""Litestar doing nothing, and Litestar with one INSERT for each request: what a plain application would do."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec
from litestar import Litestar, Request, Response, get, post

TABLE = """CREATE TABLE IF NOT EXISTS hooks (
  id bigserial PRIMARY KEY, source text NOT NULL, vendor_id text NOT NULL, body text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(), UNIQUE (source, vendor_id))"""
_INSERT = "INSERT INTO hooks (source, vendor_id, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_POOL = 16


class _Text(msgspec.Struct):
    body: str


class _Message(msgspec.Struct):
    id: str
    text: _Text | None = None


class _Value(msgspec.Struct):
    messages: list[_Message] = []


class _Change(msgspec.Struct):
    value: _Value


class _Entry(msgspec.Struct):
    changes: list[_Change]


class Delivery(msgspec.Struct):
    entry: list[_Entry]


@post("/webhooks/whatsapp/{org_id:str}", status_code=200)
async def nothing(org_id: str, request: Request[Any, Any, Any]) -> Response[bytes]:
    await request.body()
    return Response(b"", media_type="text/plain")


@get("/nothing")
async def page() -> Response[bytes]:
    return Response(b"{}", media_type="application/json")


@post("/webhooks/whatsapp/{org_id:str}", status_code=200)
async def insert(org_id: str, data: Delivery, request: Request[Any, Any, Any]) -> Response[bytes]:
    for message in data.entry[0].changes[0].value.messages:
        await request.app.state.pool.execute(_INSERT, org_id, message.id, message.text.body if message.text else "")
    return Response(b"", media_type="text/plain")


@asynccontextmanager
async def _pool(app: Litestar) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["REFERENCE_DATABASE_URL"], min_size=_POOL, max_size=_POOL) as pool:
        await pool.execute(TABLE)
        app.state.pool = pool
        yield


noop = Litestar([nothing, page], openapi_config=None)
inserting = Litestar([insert], openapi_config=None, lifespan=[_pool])
