"""The demo organization: it shows the product, is the same each time, and is completed where a start was cut off."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import func, select

from api import seed
from api.app import open_hub
from api.demo import TALKS
from hub.conversations.desk import SavedView, ScheduledMessage
from hub.conversations.models import (
    CannedResponse,
    Conversation,
    ConversationTag,
    Engagement,
    Message,
    Notification,
)
from hub.core.access import system_actor
from hub.core.bus import EventRecord
from hub.core.clock import new_id
from hub.core.hub import Hub
from hub.core.outbox import OutboxRow
from hub.core.settings import Settings
from hub.core.work import Work
from hub.crm.models import Contact, CustomField
from tests.databases import SECRET, fresh_database


@asynccontextmanager
async def empty_hub(postgres_url: str, folder: Path) -> AsyncIterator[Hub]:
    """A hub on a database of its own with nobody in it."""
    url = await fresh_database(postgres_url)
    settings = Settings(environment="test", database_url=url, secret_key=SECRET, data_dir=str(folder))
    async with open_hub(settings) as made:
        yield made


@pytest.fixture(scope="module")
async def seeded(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Hub, seed.SeedReport]]:
    async with empty_hub(postgres_url, tmp_path_factory.mktemp("demo")) as hub:
        yield hub, await seed.seed_demo(hub)


async def organization(hub: Hub) -> UUID:
    found = await seed._organization(hub)
    assert found is not None
    return found


async def states(work: Work) -> set[str]:
    rows = await work.session.scalars(select(Conversation))
    return {"snoozed" if row.snoozed_until else row.status if row.assignee_id else "unassigned" for row in rows}


async def test_the_demo_shows_what_there_is(seeded: tuple[Hub, seed.SeedReport]) -> None:
    hub, report = seeded
    assert report.created
    assert report.email == "owner@demo.example"
    async with hub.work(system_actor(await organization(hub), "test")) as work:
        session = work.session
        for table in (CannedResponse, SavedView, CustomField, ConversationTag):
            assert await session.scalar(select(func.count()).select_from(table)) > 2  # type: ignore[operator]
        assert await states(work) == {"open", "closed", "snoozed", "unassigned"}
        kinds = set(await session.scalars(select(Notification.kind).where(Notification.read_at.is_(None))))
        assert kinds >= {"mention", "assigned", "message"}
        assert list(await session.scalars(select(ScheduledMessage.state))) == ["waiting"]
        assert len(set(await session.scalars(select(Conversation.department_id)))) == 4  # three, and none
        assert any(row.fields for row in await session.scalars(select(Contact)))
        assert any(row.fields for row in await session.scalars(select(Conversation)))
        assert set(await session.scalars(select(Engagement.disposition))) == {None, "solved", "refunded"}
        assert set(await session.scalars(select(Message.state))) <= {"read", "received", "sent"}
        last = [row.last_message or {} for row in await session.scalars(select(Conversation))]
        assert {one["state"] for one in last} == {"read", "received"}


async def test_its_logs_have_no_gap_and_its_times_lie_in_the_past(seeded: tuple[Hub, seed.SeedReport]) -> None:
    hub, _ = seeded
    async with hub.work(system_actor(await organization(hub), "test")) as work:
        for row in (await work.session.scalars(select(Conversation))).all():
            numbers = await work.session.scalars(
                select(EventRecord.seq).where(EventRecord.conversation_id == row.id).order_by(EventRecord.seq)
            )
            assert list(numbers) == list(range(1, row.head_seq + 1))
            assert row.last_activity_at <= hub.clock.now()
        due = set(await work.session.scalars(select(OutboxRow.job).where(OutboxRow.state == "waiting")))
        assert due == {"resume", "send_scheduled"}


async def test_seeding_again_changes_nothing_and_says_the_same(seeded: tuple[Hub, seed.SeedReport]) -> None:
    hub, first = seeded
    second = await seed.seed_demo(hub)
    assert not second.created
    assert msgspec.structs.replace(second, created=True) == first
    assert [talk.wa_id for talk in first.talks] == [talk.wa_id for talk in TALKS if talk.wa_id]
    assert all(talk.messages for talk in first.talks)


async def test_a_start_that_was_cut_off_is_completed(postgres_url: str, tmp_path: Path) -> None:
    async with empty_hub(postgres_url, tmp_path) as hub:
        await seed._house(hub, new_id())  # and then the power went
        report = await seed.seed_demo(hub)
    assert not report.created
    assert all(talk.messages for talk in report.talks)
