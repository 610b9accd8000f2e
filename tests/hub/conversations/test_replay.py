"""The logs of many conversations at once."""

import asyncio
from uuid import UUID

import pytest

from hub.conversations import replay
from hub.conversations.replay import Stretch
from hub.core.clock import new_id
from hub.core.errors import NotFound
from tests.hub.conversations.floor import Floor


async def talk(floor: Floor) -> UUID:
    _, conversation_id, _ = await floor.say(await floor.visitor(await floor.channel("webchat")))
    await floor.reply(await floor.actor(), conversation_id, "hello")
    return conversation_id


async def test_a_crowd_gets_what_each_would_get_alone(floor: Floor) -> None:
    talks = [await talk(floor) for _ in range(3)]
    asked = [Stretch(one, after, 5, visitor) for one in talks for after in (0, 2) for visitor in (False, True)]

    alone = [await replay.frames(floor.hub, floor.organization_id, one) for one in asked]
    together = await asyncio.gather(*(
        replay.frames(floor.hub, floor.organization_id, one) for one in asked for _ in range(10)
    ))

    assert together == [frames for frames in alone for _ in range(10)]
    assert [[seq for seq, _ in frames] for frames in alone[:2]] == [[1, 2, 3, 4][: len(alone[0])]] * 2


async def test_heads_come_with_who_may_see(floor: Floor) -> None:
    talks = [await talk(floor) for _ in range(2)]

    found = await asyncio.gather(*(replay.head(floor.hub, floor.organization_id, one) for one in talks * 5))

    standing = [await floor.conversation(one) for one in talks]
    assert found == [
        (one.head_seq, replay.Audience(one.department_id, one.assignee_id)) for one in standing
    ] * 5


@pytest.mark.parametrize("foreign", [True, False])
async def test_what_is_not_the_organizations_is_not_found(floor: Floor, foreign: bool) -> None:
    conversation_id = await talk(floor)
    organization_id = new_id() if foreign else floor.organization_id
    asked = conversation_id if foreign else new_id()

    with pytest.raises(NotFound):
        await replay.head(floor.hub, organization_id, asked)
    with pytest.raises(NotFound):
        await replay.frames(floor.hub, organization_id, Stretch(asked, 0, 5, visitor=False))
