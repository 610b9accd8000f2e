"""Canned responses: whose they are, that a shortcut means one text, and what becomes of their variables."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.channels.models import Channel
from hub.conversations import canned
from hub.conversations.canned import CannedDraft, CannedPatch, CannedView
from hub.conversations.filling import fill
from hub.core.access import Actor
from hub.core.errors import Conflict, Forbidden, Invalid, NotFound
from hub.core.paging import PageRequest
from tests.hub.conversations.floor import Floor, sender, word

VALUES = {
    "contact.name": "Carla Demo", "contact.first_name": "Carla", "agent.name": "", "channel.name": "{{contact.name}}",
}


async def prepare(floor: Floor, actor: Actor, shortcut: str = "hi", body: str = "Hello", **more: Any) -> CannedView:
    async with floor.hub.work(actor) as work:
        return await canned.create(work, CannedDraft(shortcut=shortcut, title="A title", body=body, **more))


async def change(floor: Floor, actor: Actor, response_id: UUID, **given: Any) -> CannedView:
    async with floor.hub.work(actor) as work:
        return await canned.change(work, response_id, CannedPatch(**given))


async def listed(floor: Floor, actor: Actor, search: str = "") -> list[str]:
    async with floor.hub.work(actor) as work:
        return [one.shortcut for one in (await canned.page(work, PageRequest(), search=search)).results]


async def filled(floor: Floor, actor: Actor, response_id: UUID, conversation_id: UUID | None = None) -> str:
    async with floor.hub.work(actor) as work:
        return (await canned.text(work, response_id, conversation_id=conversation_id)).text


@pytest.mark.parametrize(("body", "text"), [
    ("Hello {{contact.first_name}}!", "Hello Carla!"), ("Hello {{ contact.name }}.", "Hello Carla Demo."),
    ("Hello {{agent.name}}, welcome", "Hello, welcome"), ("Hello {{agent.name}} and welcome", "Hello and welcome"),
    ("{{agent.name}} here", "here"), ("Bye {{agent.name}}", "Bye"), ("Bye {{agent.name}}\nNext", "Bye\nNext"),
    ("a {{agent.name}} {{agent.name}} b", "a b"), ("({{agent.name}})", "()"), ("{{agent.name}}", ""),
    ("{{unknown.thing}}x", "x"), ("{{Contact.Name}} {{}} {{{contact.first_name}}}", "{{Contact.Name}} {{}} {Carla}"),
    ("via {{channel.name}}", "via {{contact.name}}"), ("two  spaces stay", "two  spaces stay"), ("  - a", "  - a"),
])
def test_variables_are_filled_once_and_leave_no_holes(body: str, text: str) -> None:
    assert fill(body, VALUES) == text


@given(st.text(alphabet="{} contact.name\n,", max_size=60), st.text(max_size=20))
def test_filling_never_fails_and_leaves_no_mark(body: str, name: str) -> None:
    assert "\x00" not in fill(body, {"contact.name": name.replace("\x00", "")})


async def test_ones_own_are_for_oneself(floor: Floor) -> None:
    ana, boss = await floor.actor(), await floor.actor("owner")
    made = await prepare(floor, ana)
    assert (made.scope, made.owner_id) == ("personal", ana.user_id)
    assert (await listed(floor, ana), await listed(floor, boss)) == (["hi"], [])
    for attempt in (change(floor, boss, made.id, title="x"), filled(floor, boss, made.id)):
        with pytest.raises(NotFound):
            await attempt


async def test_the_organizations_are_for_everybody_and_written_by_managers(floor: Floor) -> None:
    ana, manager, viewer = await floor.actor(), await floor.actor("manager"), await floor.actor("viewer")
    made = await prepare(floor, manager, scope="organization")
    assert (made.scope, made.owner_id) == ("organization", None)
    assert await listed(floor, ana) == await listed(floor, viewer) == ["hi"]
    for refused in (prepare(floor, ana, "mine", scope="organization"), change(floor, ana, made.id, title="x"),
                    prepare(floor, viewer, "own")):
        with pytest.raises(Forbidden):
            await refused


async def test_a_departments_are_for_its_members_and_those_who_see_all(floor: Floor) -> None:
    sales = await floor.department()
    inside, outside = await floor.actor(departments=[sales]), await floor.actor()
    manager = await floor.actor("manager")
    made = await prepare(floor, manager, scope="organization", department_id=sales)
    assert (await listed(floor, inside), await listed(floor, outside), await listed(floor, manager)) == (
        ["hi"], [], ["hi"])
    with pytest.raises(NotFound):
        await filled(floor, outside, made.id)


async def test_one_of_ones_own_belongs_to_no_department(floor: Floor) -> None:
    with pytest.raises(Invalid):
        await prepare(floor, await floor.actor(), department_id=await floor.department())


async def test_of_eight_who_take_one_shortcut_at_once_one_gets_it(floor: Floor) -> None:
    manager = await floor.actor("manager")
    answers = await asyncio.gather(
        *(prepare(floor, manager, scope="organization", body=f"b{n}") for n in range(8)), return_exceptions=True
    )
    assert sum(isinstance(one, CannedView) for one in answers) == 1
    assert [one.code for one in answers if isinstance(one, Conflict)] == ["shortcut_taken"] * 7


async def test_a_shortcut_is_taken_for_one_owner_only(floor: Floor) -> None:
    ana, bia, manager = await floor.actor(), await floor.actor(), await floor.actor("manager")
    await prepare(floor, manager, scope="organization")
    await prepare(floor, ana)
    await prepare(floor, bia)
    other = await prepare(floor, ana, "other")
    for refused in (prepare(floor, ana), change(floor, ana, other.id, shortcut="hi")):
        with pytest.raises(Conflict, match="shortcut_taken"):
            await refused
    assert await listed(floor, ana) == ["hi", "hi", "other"]


@pytest.mark.parametrize("bad", [
    {"shortcut": ""}, {"shortcut": "Hi"}, {"shortcut": "a b"}, {"shortcut": "a" * 41}, {"shortcut": "á"},
    {"shortcut": "a\n"}, {"body": ""}, {"body": "  \n"}, {"body": "x" * 4097}, {"body": "\x00"},
])
async def test_a_text_has_a_shortcut_and_something_to_say(floor: Floor, bad: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        await prepare(floor, await floor.actor(), **bad)


async def test_a_changed_text_is_found_by_its_new_words(floor: Floor) -> None:
    ana = await floor.actor()
    made = await prepare(floor, ana)
    await change(floor, ana, made.id, shortcut="bye", title="Farewell", body="100%_ sure")
    assert [await listed(floor, ana, words) for words in ("FAREW", "bye", "100%_", "%", "hello", "_")] == [
        ["bye"], ["bye"], ["bye"], ["bye"], [], ["bye"]]


async def test_a_text_speaks_of_the_conversation_it_is_used_in(floor: Floor, line: Channel) -> None:
    await floor.receive(line, word("Hi", at=floor.hub.clock.now()))
    ana = await floor.actor(name="Ana Demo")
    names = ("contact.first_name", "agent.first_name", "organization.name", "channel.name")
    made = await prepare(floor, ana, body=" ".join(f"{{{{{name}}}}}" for name in names))
    assert await filled(floor, ana, made.id, (await floor.conversation()).id) == "Carla Ana Demo Line"
    assert await filled(floor, ana, made.id) == "Ana Demo"


async def test_nobody_is_called_by_their_number(floor: Floor, line: Channel) -> None:
    await floor.receive(line, word("Hi", at=floor.hub.clock.now(), sender=sender(name="")))
    ana = await floor.actor()
    made = await prepare(floor, ana, body="Hello {{contact.name}}!")
    assert await filled(floor, ana, made.id, (await floor.conversation()).id) == "Hello!"


async def test_a_conversation_that_may_not_be_seen_is_spoken_of_by_nobody(
    floor: Floor, stranger: Floor, line: Channel
) -> None:
    theirs = await stranger.channel()
    await stranger.receive(theirs, word("Hi", at=floor.hub.clock.now()))
    ana = await floor.actor()
    made = await prepare(floor, ana)
    for missing in ((await stranger.conversation()).id, uuid4()):
        with pytest.raises(NotFound):
            await filled(floor, ana, made.id, missing)


async def test_a_foreign_text_and_a_foreign_department_are_missing_ones(floor: Floor, stranger: Floor) -> None:
    theirs = await prepare(stranger, await stranger.actor("owner"), scope="organization")
    owner = await floor.actor("owner")
    for missing in (theirs.id, uuid4()):
        for attempt in (change(floor, owner, missing, title="x"), filled(floor, owner, missing)):
            with pytest.raises(NotFound):
                await attempt
    for missing in (await stranger.department(), uuid4()):
        with pytest.raises(NotFound, match="department_not_found"):
            await prepare(floor, owner, scope="organization", department_id=missing)


async def test_a_deleted_text_gives_its_shortcut_back(floor: Floor) -> None:
    ana = await floor.actor()
    made = await prepare(floor, ana)
    async with floor.hub.work(ana) as work:
        await canned.remove(work, made.id)
    assert await listed(floor, ana) == []
    await prepare(floor, ana)
