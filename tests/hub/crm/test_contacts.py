"""Contacts: one person is one contact, whoever of two meets them first."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from hub.core.errors import Forbidden, Invalid, NotFound
from hub.core.paging import PageRequest
from hub.crm import contacts, folding, views
from hub.crm.contacts import Address
from hub.crm.models import Contact, Identity
from tests.hub.conversations.floor import Floor

NUMBER: Address = ("whatsapp", "+55 11 98765-4321", "+55 11 98765-4321")
USER: Address = ("bsuid", "BR.123", "@carla")


async def meet(floor: Floor, *addresses: Address, name: str = "") -> UUID:
    async with floor.hub.work(floor.system) as work:
        return (await contacts.find_or_create(work, addresses, name=name)).id


async def test_numbers_are_kept_as_digits(floor: Floor) -> None:
    contact_id = await meet(floor, NUMBER)
    assert await meet(floor, ("whatsapp", "5511987654321", "other")) == contact_id
    async with floor.session() as session:
        assert await session.scalar(select(Identity.value)) == "5511987654321"


async def test_sixteen_who_meet_one_person_at_once_make_one_contact(floor: Floor) -> None:
    pairs = [(NUMBER,), (USER, NUMBER), (NUMBER, USER), (USER, NUMBER)] * 4
    await asyncio.gather(*(meet(floor, *pair, name="Carla") for pair in pairs))
    assert await floor.count(Contact) == 1
    assert await floor.count(Identity) == 2


async def test_an_address_learnt_to_be_of_another_follows_the_more_trusted_one(floor: Floor) -> None:
    by_user, by_number = await meet(floor, USER), await meet(floor, NUMBER)
    assert by_user != by_number
    assert await meet(floor, USER, NUMBER) == by_user
    assert await meet(floor, NUMBER) == by_user


async def test_organizations_do_not_share_people(floor: Floor, stranger: Floor) -> None:
    ours, theirs = await meet(floor, NUMBER), await meet(stranger, NUMBER)
    assert ours != theirs
    async with floor.hub.work(await floor.actor("owner")) as work:
        for missing in (theirs, uuid4()):
            with pytest.raises(NotFound):
                await views.get(work, missing)
            with pytest.raises(NotFound):
                await contacts.rename(work, missing, "Mine")


async def test_somebody_without_an_address_is_nobody(floor: Floor) -> None:
    with pytest.raises(Invalid, match="sender_unknown"):
        await meet(floor)


async def test_a_typed_name_stays_and_is_found(floor: Floor) -> None:
    contact_id = await meet(floor, NUMBER, name="carla 🌸")
    async with floor.hub.work(await floor.actor()) as work:
        await contacts.rename(work, contact_id, "  Carla   Conceição ")
    await meet(floor, NUMBER, name="another profile name")
    async with floor.hub.work(await floor.actor()) as work:
        found = await views.page(work, PageRequest(), search="conceicao")
    assert [one.name for one in found.results] == ["Carla Conceição"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
async def test_a_name_has_a_length(floor: Floor, name: str) -> None:
    contact_id = await meet(floor, NUMBER)
    async with floor.hub.work(await floor.actor()) as work:
        with pytest.raises(Invalid):
            await contacts.rename(work, contact_id, name)


async def test_viewers_rename_nobody(floor: Floor) -> None:
    contact_id = await meet(floor, NUMBER)
    async with floor.hub.work(await floor.actor("viewer")) as work:
        with pytest.raises(Forbidden):
            await contacts.rename(work, contact_id, "New")


async def test_pages_are_by_name_unless_told_otherwise(floor: Floor) -> None:
    for number, name in enumerate(("Bia", "ana", "Caio")):
        await meet(floor, ("phone", f"551100000000{number}", ""), name=name)
    async with floor.hub.work(await floor.actor()) as work:
        by_name = [one.name for one in (await views.page(work, PageRequest())).results]
        newest = [one.name for one in (await views.page(work, PageRequest(), ordering="-created_at")).results]
        with pytest.raises(Invalid):
            await views.page(work, PageRequest(), ordering="password")
    assert by_name == ["ana", "Bia", "Caio"]
    assert set(newest) == set(by_name)


@pytest.mark.parametrize(("text", "query"), [
    ("", None), ("!!", None), ("Ação", "'acao':*"), ("um dois", "'um' & 'dois':*"),
    ("(11) 98765-4321", "'11987654321':*"),
    ("o'hara", "'o' & 'hara':*"),
])
def test_queries_hold_words_only(text: str, query: str | None) -> None:
    assert folding.prefix_query(text) == query


def test_every_part_of_a_number_begins_one_of_its_endings() -> None:
    endings = folding.endings("5511987654321")
    assert all(any(ending.startswith(part) for ending in endings) for part in ("55119", "98765", "4321"))
