"""Custom fields: what may be defined, which values fit, and what becomes of them."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from hub.channels.models import Channel
from hub.conversations import fields as of_conversations
from hub.core.errors import Conflict, Forbidden, Invalid, NotFound
from hub.core.paging import PageRequest
from hub.crm import contacts, fields, values, views
from hub.crm.fields import FieldDraft, FieldPatch, FieldView
from tests.hub.conversations.floor import Floor, word
from tests.hub.crm.test_contacts import NUMBER, meet


async def define(
    floor: Floor, key: str = "plan", type: str = "text", entity: str = "contact", **more: Any
) -> FieldView:
    async with floor.hub.work(await floor.actor("admin")) as work:
        return await fields.create(work, FieldDraft(
            entity=entity, key=key, label=more.pop("label", key), type=type, **more,  # type: ignore[arg-type]
        ))


async def put(floor: Floor, contact_id: UUID, **given: Any) -> dict[str, Any]:
    async with floor.hub.work(await floor.actor()) as work:
        await contacts.set_fields(work, contact_id, given)
        return (await views.get(work, contact_id)).fields


@pytest.mark.parametrize(("type", "value"), [
    ("text", "Ação 🌸"), ("number", 12), ("number", -1.5), ("number", 0), ("date", "2026-02-28"), ("boolean", False),
    ("choice", "gold"), ("url", "https://example.com/a?b=c#d"), ("url", "http://example.com:8080"),
])
def test_a_value_that_fits_its_type_is_kept_as_it_is(type: str, value: Any) -> None:
    kept = values.check(type, value, "/fields/x", ["gold", "silver"])
    assert kept == value
    assert kept.__class__ is value.__class__


@pytest.mark.parametrize(("type", "value"), [
    ("text", ""), ("text", 1), ("text", ["a"]), ("text", {"a": 1}), ("text", "x" * 1001), ("text", "a\x00b"),
    ("text", "a\ud800"), ("number", "12"), ("number", True), ("number", float("nan")), ("number", float("inf")),
    ("number", 10**16), ("number", [1]), ("date", "2026-02-30"), ("date", "28/02/2026"), ("date", "20260228"),
    ("date", "2026-02-28T10:00:00Z"), ("date", 20260228), ("boolean", "true"), ("boolean", 1), ("boolean", 0),
    ("choice", "bronze"), ("choice", 1), ("choice", ["gold"]), ("url", "javascript:alert(1)"), ("url", "example.com"),
    ("url", "data:text/html,x"), ("url", "https://user:pass@example.com"), ("url", "https://"), ("url", 5),
    ("url", "https://[::1"), ("url", "https://example.com/" + "x" * 2000), ("url", "https://example.com/\nx"),
    ("url", "https://a b.c"),
])
def test_a_value_of_another_type_is_refused(type: str, value: Any) -> None:
    with pytest.raises(Invalid):
        values.check(type, value, "/fields/x", ["gold", "silver"])


def test_merging_names_only_what_is_different() -> None:
    after, changed = values.merged({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 5, "c": None, "d": None, "e": 0})
    assert after == {"a": 1, "b": 5, "e": 0}
    assert changed == ("b", "c", "e")


async def test_values_are_set_changed_and_taken_away_one_by_one(floor: Floor) -> None:
    await define(floor)
    await define(floor, "seats", "number")
    contact_id = await meet(floor, NUMBER)
    assert await put(floor, contact_id, plan="gold", seats=3) == {"plan": "gold", "seats": 3}
    assert await put(floor, contact_id, seats=4) == {"plan": "gold", "seats": 4}
    assert await put(floor, contact_id, plan=None) == {"seats": 4}
    assert await put(floor, contact_id) == {"seats": 4}


@pytest.mark.parametrize("key", ["unknown", "plan2", "", "a/b~c", "x" * 500, "\ud800"])
async def test_a_key_that_nobody_defined_is_refused(floor: Floor, key: str) -> None:
    await define(floor)
    await define(floor, "plan2", entity="conversation")
    with pytest.raises(Invalid) as refused:
        await put(floor, await meet(floor, NUMBER), **{key: "x"})
    assert refused.value.errors[0].code == "unknown"


async def test_one_bad_value_keeps_all_of_them_out(floor: Floor) -> None:
    await define(floor)
    await define(floor, "seats", "number")
    contact_id = await meet(floor, NUMBER)
    with pytest.raises(Invalid) as refused:
        await put(floor, contact_id, plan="gold", seats="many")
    assert refused.value.errors[0].pointer == "/fields/seats"
    assert await put(floor, contact_id) == {}


async def test_sixteen_who_set_sixteen_fields_at_once_lose_none(floor: Floor) -> None:
    keys = [f"f{number}" for number in range(16)]
    for key in keys:
        await define(floor, key)
    contact_id = await meet(floor, NUMBER)
    await asyncio.gather(*(put(floor, contact_id, **{key: key}) for key in keys))
    assert await put(floor, contact_id) == {key: key for key in keys}


async def test_of_two_fields_with_one_key_the_first_stays(floor: Floor) -> None:
    answers = await asyncio.gather(*(define(floor, label=f"L{n}") for n in range(4)), return_exceptions=True)
    assert sum(isinstance(one, FieldView) for one in answers) == 1
    assert {one.code for one in answers if isinstance(one, Conflict)} == {"field_taken"}
    assert isinstance(await define(floor, entity="conversation"), FieldView)


@pytest.mark.parametrize("bad", [
    {"key": "Plan"}, {"key": "1st"}, {"key": ""}, {"key": "a" * 41}, {"key": "a-b"}, {"key": "a\n"}, {"label": ""},
    {"type": "choice"}, {"type": "choice", "choices": ["a", "a"]}, {"type": "choice", "choices": [""]},
    {"type": "text", "choices": ["a"]}, {"type": "choice", "choices": [str(n) for n in range(101)]},
])
async def test_a_definition_has_to_make_sense(floor: Floor, bad: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await define(floor, **bad)


async def test_a_changed_field_keeps_its_values(floor: Floor) -> None:
    made = await define(floor, type="choice", choices=["gold", "silver"])
    contact_id = await meet(floor, NUMBER)
    await put(floor, contact_id, plan="gold")
    async with floor.hub.work(await floor.actor("admin")) as work:
        changed = await fields.change(work, made.id, FieldPatch(label="Tarif", choices=["silver"], position=7))
    assert (changed.label, changed.choices, changed.position) == ("Tarif", ["silver"], 7)
    assert await put(floor, contact_id) == {"plan": "gold"}
    with pytest.raises(Invalid):
        await put(floor, contact_id, plan="gold")


async def test_a_deleted_field_takes_its_values_along_and_no_others(floor: Floor, line: Channel) -> None:
    await floor.receive(line, word("Hello", at=floor.hub.clock.now()))
    conversation = await floor.conversation()
    made = [await define(floor, entity=entity) for entity in ("contact", "conversation")]
    await define(floor, "other")
    await put(floor, conversation.contact_id, plan="gold", other="x")
    async with floor.hub.work(floor.system) as work:
        await of_conversations.set_values(work, conversation.id, {"plan": "silver"})
    async with floor.hub.work(floor.system) as work:
        await fields.remove(work, made[0].id)
    assert await put(floor, conversation.contact_id) == {"other": "x"}
    assert (await floor.conversation()).fields == {"plan": "silver"}
    async with floor.hub.work(floor.system) as work:
        await fields.remove(work, made[1].id)
    assert (await floor.conversation()).fields == {}


async def test_a_value_set_while_its_field_is_deleted_does_not_outlive_it(floor: Floor) -> None:
    made, contact_id = await define(floor), await meet(floor, NUMBER)

    async def remove() -> None:
        async with floor.hub.work(floor.system) as work:
            await fields.remove(work, made.id)

    await asyncio.gather(*(put(floor, contact_id, plan=f"p{n}") for n in range(4)), remove(),
                         *(put(floor, contact_id, plan=f"q{n}") for n in range(4)), return_exceptions=True)
    assert await put(floor, contact_id) == {}


async def test_fields_are_listed_by_position(floor: Floor) -> None:
    for key, position in (("b", 2), ("a", 2), ("c", 1)):
        await define(floor, key, position=position)
    await define(floor, "d", entity="conversation")
    async with floor.hub.work(await floor.actor("viewer")) as work:
        every = (await fields.page(work, PageRequest())).results
        some = (await fields.page(work, PageRequest(), entity="conversation")).results
    assert [one.key for one in every] == ["c", "a", "b", "d"]
    assert [one.key for one in some] == ["d"]


@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
async def test_only_owners_and_admins_define_fields(floor: Floor, role: str) -> None:
    made = await define(floor)
    async with floor.hub.work(await floor.actor(role)) as work:
        with pytest.raises(Forbidden):
            await fields.create(work, FieldDraft(entity="contact", key="x", label="x", type="text"))
        with pytest.raises(Forbidden):
            await fields.change(work, made.id, FieldPatch())
        with pytest.raises(Forbidden):
            await fields.remove(work, made.id)


async def test_a_foreign_field_is_a_missing_one(floor: Floor, stranger: Floor) -> None:
    theirs = await define(stranger)
    contact_id = await meet(floor, NUMBER)
    async with floor.hub.work(floor.system) as work:
        for missing in (theirs.id, uuid4()):
            with pytest.raises(NotFound):
                await fields.change(work, missing, FieldPatch(label="mine"))
            with pytest.raises(NotFound):
                await fields.remove(work, missing)
    with pytest.raises(Invalid):
        await put(floor, contact_id, plan="gold")
    await define(floor)
    await put(floor, contact_id, plan="gold")
    async with stranger.hub.work(stranger.system) as work:
        await fields.remove(work, theirs.id)
    assert await put(floor, contact_id) == {"plan": "gold"}
