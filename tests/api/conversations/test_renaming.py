"""A contact's new name in the lists that are open."""

from typing import Any
from uuid import uuid4

import msgspec

from hub.channels.models import Channel
from hub.conversations import replay
from hub.core.signals import ConversationSignal
from tests.api.conversations.conftest import SignIn
from tests.hub.conversations.floor import Floor, sender, word


def shown(told: ConversationSignal) -> tuple[str, int]:
    """What the row says: the name, under which number."""
    row = msgspec.json.decode(bytes(told.row))["row"]
    return row["contact"]["name"], row["head_seq"]


async def rename(sign_in: SignIn, actor: Any, floor: Floor, conversation_id: str) -> int:
    """Gives the contact another name over HTTP; the status."""
    http = await sign_in(actor)
    contact_id = (await floor.conversation()).contact_id
    answer = await http.patch(f"/api/v1/contacts/{contact_id}", json={"name": "Vera Demo"})
    return int(answer.status_code)


async def test_open_lists_have_the_new_name_at_once_and_so_has_whoever_comes_back(
    sign_in: SignIn, floor: Floor, conversation_id: str
) -> None:
    before = await floor.conversation()
    assert await rename(sign_in, await floor.actor(), floor, conversation_id) == 200
    told = floor.ear.of(before.id)[-1]
    assert shown(told) == ("Vera Demo", before.head_seq + 1)
    assert msgspec.json.decode(bytes(told.event))["e"] == "conversation.contact_renamed"
    assert msgspec.json.decode(bytes(told.event))["d"]["message"] is None
    missed = replay.Stretch(before.id, told.seq - 1, told.seq, visitor=False)
    assert await replay.frames(floor.hub, floor.organization_id, missed) == [(told.seq, bytes(told.event))]
    await floor.assert_gapless(before.id)
    assert await rename(sign_in, await floor.actor(), floor, conversation_id) == 200
    assert floor.ear.of(before.id)[-1] is told  # nothing changed


async def test_lists_of_others_learn_it_although_whoever_renamed_may_not_see_the_conversation(
    sign_in: SignIn, floor: Floor, line: Channel, conversation_id: str
) -> None:
    department = await floor.department()
    async with floor.session() as session:
        conversation = await session.merge(await floor.conversation())
        conversation.department_id = department
        await session.flush()
    assert await rename(sign_in, await floor.actor(), floor, conversation_id) == 200
    told = floor.ear.of(conversation.id)[-1]
    assert shown(told)[0] == "Vera Demo"
    assert told.audience.department_id == department


async def test_a_profile_that_was_renamed_is_told_with_its_next_word(
    floor: Floor, line: Channel, conversation_id: str
) -> None:
    said = word("Me again", at=floor.hub.clock.now(), vendor_id=uuid4().hex, sender=sender(name="Another Name"))
    await floor.receive(line, said)
    assert shown(floor.ear.of((await floor.conversation()).id)[-1])[0] == "Another Name"
    await floor.assert_gapless((await floor.conversation()).id)
