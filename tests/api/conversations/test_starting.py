"""Going to the conversation with a contact, and why it cannot be begun."""

from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import select

from hub.channels.models import Channel
from hub.conversations.models import Conversation
from hub.core.access import Actor
from tests.api.conversations.conftest import SignIn
from tests.hub.conversations.floor import Floor

PATH = "/api/v1/conversations"


@pytest.fixture
async def http(sign_in: SignIn, ana: Actor) -> httpx2.AsyncClient:
    return await sign_in(ana)


async def start(http: httpx2.AsyncClient, contact_id: object, channel_id: object) -> tuple[int, str]:
    """(status, the conversation or the code)."""
    answer = await http.post(PATH, json={"contact_id": str(contact_id), "channel_id": str(channel_id)})
    told = answer.json()
    return answer.status_code, told["id"] if answer.status_code == 200 else told["code"]


async def test_the_conversation_that_is_there_is_answered(
    http: httpx2.AsyncClient, floor: Floor, line: Channel, conversation_id: str
) -> None:
    contact_id = (await floor.conversation()).contact_id
    assert await start(http, contact_id, line.id) == (200, conversation_id)


async def test_why_none_can_be_begun_has_a_code(
    http: httpx2.AsyncClient, floor: Floor, line: Channel, conversation_id: str
) -> None:
    contact_id = (await floor.conversation()).contact_id
    another, site = await floor.channel(), await floor.channel("webchat")
    assert await start(http, contact_id, another.id) == (409, "template_required")
    assert await start(http, contact_id, site.id) == (409, "visitor_begins")
    visitor = await floor.visitor(site)
    await floor.say(visitor)
    async with floor.hub.work(floor.system) as work:
        unknown = await work.session.scalar(
            select(Conversation.contact_id).where(Conversation.channel_id == site.id)
        )
    assert await start(http, unknown, line.id) == (409, "no_address")


async def test_what_is_not_there_or_not_to_be_seen_is_not_found(
    http: httpx2.AsyncClient, floor: Floor, line: Channel, conversation_id: str
) -> None:
    conversation = await floor.conversation()
    assert await start(http, uuid4(), line.id) == (404, "not_found")
    assert await start(http, conversation.contact_id, uuid4()) == (404, "not_found")
    async with floor.session() as session:
        (await session.merge(conversation)).department_id = await floor.department()
        await session.flush()
    assert await start(http, conversation.contact_id, line.id) == (404, "not_found")
