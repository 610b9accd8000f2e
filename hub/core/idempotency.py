"""A request of our API that may be sent twice: one effect, and the same answer again (`Idempotency-Key`).

Three steps, each in a transaction: the key is claimed; the unit of work that has the effect marks the claim, so both
commit or neither does; the answer is kept. What a crash in between leaves behind:

- a claim without a mark: nothing has happened. Once it is older than `LEASE` the next request takes it over, and the
  one that was only slow finds its claim gone when it wants to commit, and is undone.
- a mark without an answer: it has happened, and after `ANSWERING` nobody can say any more what was answered. That is
  what a repeat is told.

So nothing happens twice, whatever breaks. What is not done in a unit of work of its actor has to be repeatable by
itself; that is so for messages, which are written in groups and known by their client id.
"""

import hmac
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import DateTime, LargeBinary, UniqueConstraint, and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.access import Actor
from hub.core.clock import new_id
from hub.core.errors import Conflict, Invalid
from hub.core.tenancy import Base, Scope, Scoped, scoped

if TYPE_CHECKING:
    from hub.core.hub import Hub
    from hub.core.work import Work

LIFETIME = timedelta(hours=24)
LEASE = timedelta(seconds=10)
ANSWERING = timedelta(seconds=60)
LARGEST_ANSWER = 256 * 1024  # bytes; a longer one is not kept
RETRY_AFTER = 1.0  # seconds, for whoever asks while the first is being answered

CLAIMED, MARKED = 0, 1  # in place of an HTTP status, while there is no answer


class IdempotencyKey(Scoped, Base):
    """A claim, or a remembered answer. Whoever takes a claim over gives it a new id: the id is the fence.

    `status`: CLAIMED, MARKED, else the HTTP status of `answer`.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = scoped(UniqueConstraint("organization_id", "principal", "key"))

    principal: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int] = mapped_column(default=CLAIMED)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What was answered; `headers` are those that belong to the body."""

    status: int
    headers: dict[str, str]
    body: bytes


def fingerprint(hub: "Hub", *parts: bytes) -> bytes:
    """What a request is recognised by; without our key it tells nothing of what was in it."""
    mac = hmac.new(hub.keyring.derive("requests", purpose="idempotency").encode(), digestmod="sha256")
    for part in parts:
        mac.update(len(part).to_bytes(8) + part)
    return mac.digest()


async def claim(hub: "Hub", actor: Actor, key: str, request_hash: bytes) -> Actor | Answer:
    """The actor who acts under this key now, or what was answered before.

    Raises `Invalid` ("idempotency_key_reused") for another request under the same key, `Conflict` while the first one
    is being answered ("idempotency_key_in_use") or when its answer was not kept ("idempotency_answer_lost").
    """
    assert actor.organization_id is not None
    now = hub.clock.now()
    new = insert(IdempotencyKey).values(
        id=new_id(), organization_id=actor.organization_id, principal=actor.label, key=key, request_hash=request_hash,
        status=CLAIMED, answer=None, created_at=now,
    )
    row = IdempotencyKey
    abandoned = and_(row.status == CLAIMED, row.created_at < now - LEASE, row.request_hash == request_hash)
    taking = new.on_conflict_do_update(
        index_elements=["organization_id", "principal", "key"],
        set_={name: new.excluded[name] for name in ("id", "request_hash", "status", "answer", "created_at")},
        where=or_(row.created_at < now - LIFETIME, abandoned),
    ).returning(row.id)
    async with hub.database.transaction(Scope.of(actor.organization_id)) as session:
        claim_id = await session.scalar(taking)
        if claim_id is not None:
            return msgspec.structs.replace(actor, claim_id=claim_id)
        known = await session.scalar(select(row).where(row.principal == actor.label, row.key == key))
    if known is not None and known.request_hash != request_hash:
        raise Invalid("idempotency_key_reused")
    if known is not None and known.answer is not None:
        return msgspec.msgpack.decode(known.answer, type=Answer)
    if known is not None and known.status != CLAIMED and known.created_at < now - ANSWERING:
        raise Conflict("idempotency_answer_lost")
    raise Conflict("idempotency_key_in_use", retry_after=RETRY_AFTER)


@asynccontextmanager
async def marking(opened: AbstractAsyncContextManager["Work"]) -> AsyncIterator["Work"]:
    """The unit of work, which commits with the mark on its actor's claim or not at all.

    Raises `Conflict` ("idempotency_key_in_use") when another request has taken the claim over.
    """
    async with opened as work:
        yield work
        statement = (
            update(IdempotencyKey).where(IdempotencyKey.id == work.actor.claim_id, IdempotencyKey.answer.is_(None))
            .values(status=MARKED).returning(IdempotencyKey.id)
        )
        if await work.session.scalar(statement) is None:
            raise Conflict("idempotency_key_in_use", retry_after=RETRY_AFTER)


async def settle(hub: "Hub", actor: Actor, answer: Answer) -> None:
    """Keeps the answer, if something happened; else the claim is given up, and the key is as if never used.

    Something happened when a unit of work marked the claim, or the request succeeded. An answer that is too long, or
    that tells of our own failure, is not kept: a repeat is told that it was lost.
    """
    assert actor.organization_id is not None
    own = IdempotencyKey.id == actor.claim_id
    async with hub.database.transaction(Scope.of(actor.organization_id)) as session:
        if answer.status >= 400:
            given_up = await session.execute(
                delete(IdempotencyKey).where(own, IdempotencyKey.status == CLAIMED).returning(IdempotencyKey.id)
            )
            if given_up.first() is not None:
                return
        keeps = len(answer.body) <= LARGEST_ANSWER and answer.status < 500
        kept = {"status": answer.status, "answer": msgspec.msgpack.encode(answer)} if keeps else {"status": MARKED}
        await session.execute(update(IdempotencyKey).where(own).values(**kept))
