"""Addresses given to a contact by hand: each has one holder, whoever of two is first, and some are not to be taken."""

import asyncio
from uuid import UUID, uuid4

import pytest

from hub.channels.models import Channel
from hub.core.access import Actor
from hub.core.errors import Conflict, Forbidden, Invalid, NotFound
from hub.crm import contacts, identities, views
from hub.crm.identities import IdentityDraft
from hub.crm.views import ContactView
from tests.hub.conversations.floor import Floor, word
from tests.hub.crm.test_contacts import meet


def draft(value: str = "carla@example.com", kind: str = "email") -> IdentityDraft:
    return IdentityDraft(kind=kind, value=value)  # type: ignore[arg-type]


async def add(floor: Floor, actor: Actor, contact_id: UUID, given: IdentityDraft | None = None) -> ContactView:
    async with floor.hub.work(actor) as work:
        await identities.add(work, contact_id, given or draft())
        return await views.get(work, contact_id)


async def remove(floor: Floor, actor: Actor, contact_id: UUID, identity_id: UUID) -> ContactView:
    async with floor.hub.work(actor) as work:
        await identities.remove(work, contact_id, identity_id)
        return await views.get(work, contact_id)


@pytest.fixture
async def ana(floor: Floor) -> Actor:
    return await floor.actor()


@pytest.fixture
async def carla(floor: Floor) -> UUID:
    return await meet(floor, ("visitor", "v1", "#1"), name="Carla")


@pytest.mark.parametrize(("kind", "given", "kept"), [
    ("email", "  Carla@Example.COM ", "carla@example.com"), ("phone", "+55 (11) 98765-4321", "5511987654321"),
    ("phone", "5511987654321", "5511987654321"), ("phone", "+1 202 555 0105", "12025550105"),
])
async def test_an_address_is_kept_in_one_form_and_found(
    floor: Floor, ana: Actor, carla: UUID, kind: str, given: str, kept: str
) -> None:
    seen = await add(floor, ana, carla, draft(given, kind))
    async with floor.hub.work(ana) as work:
        found = await views.search(work, kept, limit=5)
    assert (seen.identities[-1].kind, seen.identities[-1].value) == (kind, kept)
    assert [one.id for one in found] == [carla]


@pytest.mark.parametrize(("kind", "given"), [
    ("email", "carla"), ("email", ""), ("email", "a@b@c.de"), ("email", "x" * 250 + "@example.com"),
    ("email", "carla\x00@example.com"), ("phone", ""), ("phone", "12"), ("phone", "call me"), ("phone", "+" + "9" * 60),
    ("phone", "+55 11 \x00"),
])
async def test_what_is_no_address_is_refused(floor: Floor, ana: Actor, carla: UUID, kind: str, given: str) -> None:
    with pytest.raises(Invalid):
        await add(floor, ana, carla, draft(given, kind))


async def test_an_address_of_another_says_whose_it_is(floor: Floor, ana: Actor, carla: UUID) -> None:
    bia = await meet(floor, ("email", "carla@example.com", "carla@example.com"), name="Bia")
    with pytest.raises(Conflict, match="identity_taken") as refused:
        await add(floor, ana, carla)
    assert refused.value.extra == {"contact": {"id": str(bia), "name": "Bia"}}


async def test_giving_the_same_address_twice_changes_nothing(floor: Floor, ana: Actor, carla: UUID) -> None:
    once = await add(floor, ana, carla)
    assert await add(floor, ana, carla, draft("CARLA@example.com")) == once


async def test_of_eight_contacts_that_claim_one_address_at_once_one_has_it(floor: Floor, ana: Actor) -> None:
    people = [await meet(floor, ("visitor", f"v{number}", ""), name=f"P{number}") for number in range(8)]
    answers = await asyncio.gather(*(add(floor, ana, one) for one in people), return_exceptions=True)
    assert sum(isinstance(one, ContactView) for one in answers) == 1
    assert sum(isinstance(one, Conflict) and one.code == "identity_taken" for one in answers) == 7


async def test_eight_addresses_given_to_one_contact_at_once_are_all_there_and_found(
    floor: Floor, ana: Actor, carla: UUID
) -> None:
    await asyncio.gather(*(add(floor, ana, carla, draft(f"c{number}@example.com")) for number in range(8)))
    async with floor.hub.work(ana) as work:
        assert len((await views.get(work, carla)).identities) == 9
        assert [len(await views.search(work, f"c{number}@example.com", limit=5)) for number in range(8)] == [1] * 8


async def test_a_message_that_comes_while_its_number_is_given_to_the_contact_finds_one_contact(
    floor: Floor, ana: Actor, carla: UUID, line: Channel
) -> None:
    async def hears(number: int) -> UUID:
        async with floor.hub.work(floor.system) as work:
            found = await contacts.find_or_create(work, [("visitor", "v1", ""), ("phone", f"551198765432{number}", "")])
            return found.id

    both = [task for number in range(6)
            for task in (hears(number), add(floor, ana, carla, draft(f"+551198765432{number}", "phone")))]
    answers = await asyncio.gather(*both)
    assert {one if isinstance(one, UUID) else one.id for one in answers} == {carla}


async def test_an_address_that_is_taken_away_is_free_again(floor: Floor, ana: Actor, carla: UUID) -> None:
    seen = await add(floor, ana, carla)
    left = await remove(floor, ana, carla, seen.identities[-1].id)
    bia = await meet(floor, ("visitor", "v2", ""), name="Bia")
    assert [one.kind for one in left.identities] == ["visitor"]
    assert (await add(floor, ana, bia)).identities[-1].value == "carla@example.com"


async def test_the_address_that_a_conversation_is_held_with_stays(floor: Floor, ana: Actor, line: Channel) -> None:
    await floor.receive(line, word("Hello", at=floor.hub.clock.now()))
    conversation = await floor.conversation()
    assert conversation.identity_id is not None
    with pytest.raises(Conflict, match="identity_in_use"):
        await remove(floor, ana, conversation.contact_id, conversation.identity_id)


async def test_a_visitors_own_way_to_their_thread_stays(floor: Floor, ana: Actor, carla: UUID) -> None:
    async with floor.hub.work(ana) as work:
        own = (await views.get(work, carla)).identities[0].id
    with pytest.raises(Conflict, match="identity_in_use"):
        await remove(floor, ana, carla, own)


async def test_another_contacts_address_is_not_there_to_be_taken(floor: Floor, ana: Actor, carla: UUID) -> None:
    bia = await meet(floor, ("email", "bia@example.com", ""), name="Bia")
    async with floor.hub.work(ana) as work:
        theirs = (await views.get(work, bia)).identities[0].id
    for missing in (theirs, uuid4()):
        with pytest.raises(NotFound):
            await remove(floor, ana, carla, missing)


async def test_a_foreign_contact_is_a_missing_one(floor: Floor, stranger: Floor, ana: Actor) -> None:
    theirs = await meet(stranger, ("email", "carla@example.com", ""), name="Theirs")
    async with stranger.hub.work(stranger.system) as work:
        address = (await views.get(work, theirs)).identities[0].id
    for missing in (theirs, uuid4()):
        with pytest.raises(NotFound):
            await add(floor, ana, missing, draft("not an address"))
        with pytest.raises(NotFound):
            await remove(floor, ana, missing, address)


async def test_two_organizations_may_know_the_same_address(
    floor: Floor, stranger: Floor, ana: Actor, carla: UUID
) -> None:
    await meet(stranger, ("email", "carla@example.com", ""), name="Theirs")
    assert (await add(floor, ana, carla)).identities[-1].value == "carla@example.com"


async def test_viewers_give_and_take_nothing(floor: Floor, carla: UUID) -> None:
    viewer = await floor.actor("viewer")
    with pytest.raises(Forbidden):
        await add(floor, viewer, carla)
    with pytest.raises(Forbidden):
        await remove(floor, viewer, carla, uuid4())
