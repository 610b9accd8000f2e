"""Claims on idempotency keys: what commits together, and what every break in between leaves behind."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import func, select

from hub.core import idempotency
from hub.core.access import Actor, system_actor
from hub.core.clock import SteppingClock, new_id
from hub.core.errors import Conflict, Invalid
from hub.core.hub import Hub
from hub.core.idempotency import LARGEST_ANSWER, Answer, IdempotencyKey
from hub.core.outbox import OutboxRow
from tests.databases import add_organization, bare_hub

GOOD = Answer(201, {"content-type": "application/json"}, b'{"id": 1}')
REQUEST = b"the same request"


@pytest.fixture
async def hub(database_url: str, clock: SteppingClock) -> AsyncIterator[Hub]:
    async with bare_hub(database_url, clock=clock) as made:
        yield made


@pytest.fixture
async def actor(hub: Hub) -> Actor:
    return Actor(kind="user", organization_id=await add_organization(hub), user_id=new_id())


async def claim(hub: Hub, actor: Actor, key: str = "key", request: bytes = REQUEST) -> Actor:
    claimed = await idempotency.claim(hub, actor, key, request)
    assert isinstance(claimed, Actor)
    return claimed


async def act(hub: Hub, actor: Actor) -> None:
    """An effect that can be counted."""
    async with hub.work(actor) as work:
        await work.later("effect", {}, key=str(new_id()))


async def effects(hub: Hub, organization_id: UUID | None) -> int:
    async with hub.work(system_actor(organization_id, "test")) as work:
        return await work.session.scalar(select(func.count()).select_from(OutboxRow)) or 0


async def refusal(hub: Hub, actor: Actor, key: str = "key", request: bytes = REQUEST) -> str:
    with pytest.raises((Conflict, Invalid)) as refused:
        await idempotency.claim(hub, actor, key, request)
    return refused.value.code


async def test_an_answer_comes_again_and_another_request_is_refused(hub: Hub, actor: Actor) -> None:
    claimed = await claim(hub, actor)
    await act(hub, claimed)
    await idempotency.settle(hub, claimed, GOOD)
    assert await idempotency.claim(hub, actor, "key", REQUEST) == GOOD
    assert await refusal(hub, actor, request=b"another") == "idempotency_key_reused"
    await claim(hub, actor, "another key")


async def test_a_key_belongs_to_one_principal_of_one_organization(hub: Hub, actor: Actor) -> None:
    claimed = await claim(hub, actor)
    await act(hub, claimed)
    await idempotency.settle(hub, claimed, GOOD)
    colleague = Actor(kind="user", organization_id=actor.organization_id, user_id=new_id())
    stranger = Actor(kind="user", organization_id=await add_organization(hub), user_id=actor.user_id)
    for other in (colleague, stranger):
        await claim(hub, other)


async def test_while_the_first_is_being_answered_others_are_told_to_wait(hub: Hub, actor: Actor) -> None:
    await claim(hub, actor)
    assert await refusal(hub, actor) == "idempotency_key_in_use"
    assert await refusal(hub, actor, request=b"another") == "idempotency_key_reused"


async def test_a_refused_request_leaves_the_key_as_if_never_used(hub: Hub, actor: Actor) -> None:
    claimed = await claim(hub, actor)
    await idempotency.settle(hub, claimed, Answer(422, {}, b"{}"))
    await claim(hub, actor, request=b"the same, mended")


async def test_a_crash_before_the_effect_delays_a_repeat_and_loses_nothing(
    hub: Hub, actor: Actor, clock: SteppingClock
) -> None:
    await claim(hub, actor)  # and nobody comes back
    clock.advance(seconds=9)
    assert await refusal(hub, actor) == "idempotency_key_in_use"
    clock.advance(seconds=2)
    again = await claim(hub, actor)
    await act(hub, again)
    await idempotency.settle(hub, again, GOOD)
    assert await effects(hub, actor.organization_id) == 1


async def test_a_crash_between_effect_and_answer_never_makes_a_second_effect(
    hub: Hub, actor: Actor, clock: SteppingClock
) -> None:
    await act(hub, await claim(hub, actor))
    clock.advance(seconds=59)
    assert await refusal(hub, actor) == "idempotency_key_in_use"  # it may yet be answered
    for _ in range(2):
        clock.advance(hours=1)
        assert await refusal(hub, actor) == "idempotency_answer_lost"
    assert await effects(hub, actor.organization_id) == 1


async def test_who_was_only_slow_finds_the_claim_gone_and_is_undone(
    hub: Hub, actor: Actor, clock: SteppingClock
) -> None:
    slow = await claim(hub, actor)
    clock.advance(seconds=11)
    fast = await claim(hub, actor)
    await act(hub, fast)
    with pytest.raises(Conflict, match="idempotency_key_in_use"):
        await act(hub, slow)
    await idempotency.settle(hub, slow, Answer(409, {}, b"{}"))  # has no say any more
    await idempotency.settle(hub, fast, GOOD)
    assert await idempotency.claim(hub, actor, "key", REQUEST) == GOOD
    assert await effects(hub, actor.organization_id) == 1


async def test_a_request_of_several_units_of_work_is_done_once(hub: Hub, actor: Actor) -> None:
    claimed = await claim(hub, actor)
    await act(hub, claimed)
    await act(hub, claimed)
    await idempotency.settle(hub, claimed, Answer(409, {}, b"half of it"))
    assert await idempotency.claim(hub, actor, "key", REQUEST) == Answer(409, {}, b"half of it")


@pytest.mark.parametrize("answer", [Answer(200, {}, b"x" * (LARGEST_ANSWER + 1)), Answer(503, {}, b"{}")])
async def test_what_is_too_long_or_our_own_failure_is_not_kept_but_not_done_again(
    hub: Hub, actor: Actor, clock: SteppingClock, answer: Answer
) -> None:
    claimed = await claim(hub, actor)
    await act(hub, claimed)
    await idempotency.settle(hub, claimed, answer)
    clock.advance(minutes=2)
    assert await refusal(hub, actor) == "idempotency_answer_lost"


async def test_after_a_day_a_key_is_new_again(hub: Hub, actor: Actor, clock: SteppingClock) -> None:
    claimed = await claim(hub, actor)
    await act(hub, claimed)
    await idempotency.settle(hub, claimed, GOOD)
    clock.advance(hours=23, minutes=59)
    assert await idempotency.claim(hub, actor, "key", REQUEST) == GOOD
    clock.advance(minutes=2)
    await claim(hub, actor, request=b"another")
    async with hub.work(actor) as work:
        assert len((await work.session.scalars(select(IdempotencyKey))).all()) == 1


async def test_a_fingerprint_tells_its_parts_apart(hub: Hub) -> None:
    same = idempotency.fingerprint(hub, b"ab", b"c")
    assert same == idempotency.fingerprint(hub, b"ab", b"c")
    assert same != idempotency.fingerprint(hub, b"a", b"bc")
