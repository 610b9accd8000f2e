"""Who is told of what: once for each conversation, never of one's own acts or of what one may not see."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import update

from hub import maintenance
from hub.channels.models import Channel
from hub.conversations import log, notifications, preferences, reading, threads
from hub.conversations.models import Message, Notification
from hub.conversations.notifications import NotificationPage, NotificationView
from hub.conversations.preferences import Preferences, Ways
from hub.core.access import Actor
from hub.core.clock import SteppingClock, new_id
from hub.core.errors import Invalid, NotFound
from hub.core.signals import NotificationSignal, NotificationsRead
from hub.events import MessageSent
from tests.hub.conversations.floor import Floor, word


async def listed(floor: Floor, actor: Actor, **more: Any) -> NotificationPage:
    async with floor.hub.work(actor) as work:
        return await notifications.page(work, **more)


async def kinds(floor: Floor, actor: Actor) -> list[str]:
    return [one.kind for one in (await listed(floor, actor)).results]


async def read(floor: Floor, actor: Actor, **which: Any) -> int:
    async with floor.hub.work(actor) as work:
        return (await notifications.read(work, **which)).unread


async def prefer(floor: Floor, actor: Actor, **more: Any) -> None:
    async with floor.hub.work(actor) as work:
        await preferences.put(work, Preferences(**more))


async def assign(floor: Floor, by: Actor, conversation_id: UUID, to: Actor | None, **more: Any) -> None:
    async with floor.hub.work(by) as work:
        await threads.assign(work, conversation_id, user_id=to.user_id if to else None, **more)


async def mention(floor: Floor, by: Actor, conversation_id: UUID, *named: UUID | None, note: bool = True) -> None:
    """A note that names colleagues in its content."""
    async with floor.hub.work(by) as work:
        thread = await log.lock(work, conversation_id)
        message = Message(
            id=new_id(), organization_id=work.organization_id, conversation_id=thread.id,
            channel_id=thread.conversation.channel_id, engagement_id=None, author="agent", author_id=by.user_id,
            author_name=by.name, note=note, kind="text", text="look at this",
            content={"mentions": [{"id": str(one), "name": "N"} for one in named]}, state="sent", state_at=work.now,
            search_text="", created_at=work.now, occurred_at=work.now,
        )
        await log.post(thread, message, MessageSent, author="agent", author_id=by.user_id, note=note)


@pytest.fixture
async def ana(floor: Floor) -> Actor:
    return await floor.actor(name="Ana Demo")


@pytest.fixture
async def boss(floor: Floor) -> Actor:
    return await floor.actor("owner", name="Boss Demo")


@pytest.fixture
async def held(floor: Floor, line: Channel, ana: Actor) -> UUID:
    """A conversation that Ana has accepted."""
    await floor.receive(line, word("Hello", at=floor.hub.clock.now()))
    conversation_id = (await floor.conversation()).id
    async with floor.hub.work(ana) as work:
        await threads.accept(work, conversation_id)
    return conversation_id


async def hears(floor: Floor, line: Channel, text: str = "Are you there?") -> None:
    await floor.receive(line, word(text, at=floor.hub.clock.now()))


async def test_words_in_what_nobody_has_notify_nobody(floor: Floor, line: Channel, ana: Actor, boss: Actor) -> None:
    await hears(floor, line)
    assert await floor.count(Notification) == 0


async def test_ten_messages_are_one_notification_with_the_last_words(
    floor: Floor, line: Channel, ana: Actor, boss: Actor, held: UUID, clock: SteppingClock
) -> None:
    for number in range(10):
        clock.advance(seconds=1)
        await hears(floor, line, f"word {number}")
    page = await listed(floor, ana)
    (one,) = page.results
    assert (one.kind, one.text, one.actor, one.contact.name) == ("message", "word 9", None, "Carla Demo")
    assert (one.conversation_id, one.created_at, page.unread) == (held, clock.now(), 1)
    assert (await listed(floor, boss)).results == []


async def test_ten_messages_at_once_are_one_notification(
    floor: Floor, line: Channel, ana: Actor, held: UUID
) -> None:
    await floor.take(floor.heard(line, *(word(f"w{n}", at=floor.hub.clock.now()) for n in range(5))))
    await floor.take(floor.heard(line, *(word(f"v{n}", at=floor.hub.clock.now()) for n in range(5))))
    await asyncio.gather(floor.run(), floor.run())
    assert await kinds(floor, ana) == ["message"]


async def test_after_reading_the_next_message_is_a_new_notification(
    floor: Floor, line: Channel, ana: Actor, held: UUID, clock: SteppingClock
) -> None:
    await hears(floor, line, "first")
    assert await read(floor, ana, every=True) == 0
    clock.advance(seconds=1)
    await hears(floor, line, "second")
    page = await listed(floor, ana)
    assert [(one.text, one.read_at is None) for one in page.results] == [("second", True), ("first", False)]
    assert page.unread == 1
    assert [one.text for one in (await listed(floor, ana, unread=True)).results] == ["second"]


async def test_a_picture_without_words_says_what_it_is(floor: Floor, line: Channel, ana: Actor, held: UUID) -> None:
    await floor.receive(line, word("", at=floor.hub.clock.now(), kind="image"))
    (one,) = (await listed(floor, ana)).results
    assert (one.text, one.message_kind) == ("", "image")


async def test_the_new_owner_is_told_by_whom_and_nobody_else_is(
    floor: Floor, ana: Actor, boss: Actor, held: UUID
) -> None:
    bia = await floor.actor(name="Bia Demo")
    await assign(floor, boss, held, bia)
    (one,) = (await listed(floor, bia)).results
    assert one.actor is not None
    assert (one.kind, one.actor.name, one.message_id, one.text) == ("assigned", "Boss Demo", None, "Hello")
    assert (await kinds(floor, ana), await kinds(floor, boss)) == ([], [])


async def test_nobody_is_told_of_what_they_took_themselves(floor: Floor, ana: Actor, boss: Actor, held: UUID) -> None:
    await assign(floor, boss, held, boss)
    await assign(floor, boss, held, None)
    assert await floor.count(Notification) == 0


async def test_the_owner_is_told_when_somebody_opens_it_again(
    floor: Floor, ana: Actor, boss: Actor, held: UUID
) -> None:
    for by in (ana, boss):
        async with floor.hub.work(ana) as work:
            await threads.close(work, held)
        async with floor.hub.work(by) as work:
            await threads.reopen(work, held)
    assert await kinds(floor, ana) == ["reopened"]


async def test_every_mention_is_told_once(floor: Floor, ana: Actor, boss: Actor, held: UUID) -> None:
    await mention(floor, boss, held, ana.user_id, boss.user_id)
    await mention(floor, boss, held, ana.user_id)
    await mention(floor, boss, held, ana.user_id, note=False)
    found = (await listed(floor, ana)).results
    assert [(one.kind, one.text) for one in found] == [("mention", "look at this")] * 2
    assert len({one.message_id for one in found}) == 2
    assert await kinds(floor, boss) == []


async def test_who_may_not_see_it_or_is_gone_is_told_nothing(
    floor: Floor, stranger: Floor, ana: Actor, boss: Actor, held: UUID
) -> None:
    outsider, gone = await floor.actor(), await floor.actor(active=False)
    theirs = await stranger.actor("owner")
    await assign(floor, boss, held, ana, department_id=await floor.department())
    await mention(floor, boss, held, outsider.user_id, gone.user_id, theirs.user_id, uuid4())
    assert await floor.count(Notification) == 0
    assert await kinds(stranger, theirs) == []


async def test_what_may_no_longer_be_seen_is_neither_listed_nor_counted(
    floor: Floor, line: Channel, ana: Actor, boss: Actor, held: UUID
) -> None:
    await hears(floor, line)
    sales = await floor.department()
    await assign(floor, boss, held, None, department_id=sales)
    page = await listed(floor, ana)
    assert (page.results, page.unread) == ([], 0)
    with pytest.raises(NotFound):
        await read(floor, ana, conversation_id=held)


async def test_what_is_not_wanted_in_the_list_is_not_written(
    floor: Floor, line: Channel, ana: Actor, boss: Actor, held: UUID
) -> None:
    no = Ways(app=False)
    await prefer(floor, ana, message=no, assigned=no)
    await hears(floor, line)
    await assign(floor, boss, held, None)
    await assign(floor, boss, held, ana)
    await mention(floor, boss, held, ana.user_id)
    assert await kinds(floor, ana) == ["mention"]
    await prefer(floor, ana)
    await hears(floor, line)
    assert sorted(await kinds(floor, ana)) == ["mention", "message"]


async def test_quiet_is_for_the_page_and_loses_nothing(floor: Floor, line: Channel, ana: Actor, held: UUID) -> None:
    await prefer(floor, ana, quiet=True)
    await hears(floor, line)
    assert await kinds(floor, ana) == ["message"]


async def test_reading_the_conversation_reads_what_was_told_of_it(
    floor: Floor, line: Channel, ana: Actor, boss: Actor, held: UUID
) -> None:
    await hears(floor, line)
    await assign(floor, boss, held, None)
    await assign(floor, boss, held, ana)
    assert (await listed(floor, ana)).unread == 2
    async with floor.hub.work(ana) as work:
        await reading.mark_read(work, held, (await floor.conversation()).head_seq)
    assert (await listed(floor, ana)).unread == 0


async def test_reading_up_to_a_number_leaves_what_came_after_it_unread(
    floor: Floor, line: Channel, ana: Actor, held: UUID
) -> None:
    await hears(floor, line)
    head = (await floor.conversation()).head_seq
    async with floor.hub.work(ana) as work:
        await reading.mark_read(work, held, head - 1)
    assert (await listed(floor, ana)).unread == 1
    async with floor.hub.work(ana) as work:
        await reading.mark_read(work, held, head)
        await reading.mark_read(work, held, head)
    assert (await listed(floor, ana)).unread == 0


async def test_viewing_the_conversation_reads_all_of_it(
    floor: Floor, line: Channel, ana: Actor, boss: Actor, held: UUID
) -> None:
    await hears(floor, line)
    async with floor.hub.work(boss) as work:
        await notifications.view_conversation(work, held)
    assert (await listed(floor, ana)).unread == 1
    async with floor.hub.work(ana) as work:
        await notifications.view_conversation(work, held)
    assert (await listed(floor, ana)).unread == 0


async def test_some_all_or_a_conversations_are_read(floor: Floor, ana: Actor, boss: Actor, held: UUID) -> None:
    for _ in range(4):
        await mention(floor, boss, held, ana.user_id)
    ids = [one.id for one in (await listed(floor, ana)).results]
    assert await read(floor, ana, ids=ids[:1]) == 3
    assert await read(floor, ana, ids=[]) == 3
    assert await read(floor, boss, ids=ids) == 0
    assert (await listed(floor, ana)).unread == 3
    assert await read(floor, ana, conversation_id=held) == 0
    with pytest.raises(Invalid):
        await read(floor, ana)


async def test_foreign_ones_are_missing_ones(
    floor: Floor, stranger: Floor, ana: Actor, boss: Actor, held: UUID
) -> None:
    await mention(floor, boss, held, ana.user_id)
    (mine,) = (await listed(floor, ana)).results
    theirs = await stranger.actor("owner")
    assert await read(stranger, theirs, ids=[mine.id]) == await read(stranger, theirs, ids=[uuid4()]) == 0
    for missing in (held, uuid4()):
        with pytest.raises(NotFound):
            await read(stranger, theirs, conversation_id=missing)
    assert (await listed(floor, ana)).unread == 1


async def test_pages_of_notifications_have_each_one_once(
    floor: Floor, ana: Actor, boss: Actor, held: UUID, clock: SteppingClock
) -> None:
    for number in range(7):
        clock.advance(seconds=number % 2)
        await mention(floor, boss, held, ana.user_id)
    seen: list[NotificationView] = []
    cursor: str | None = None
    while cursor is not None or not seen:
        page = await listed(floor, ana, limit=3, cursor=cursor)
        seen += page.results
        cursor = page.next_cursor
    assert len({one.id for one in seen}) == len(seen) == 7
    assert [one.created_at for one in seen] == sorted((one.created_at for one in seen), reverse=True)
    for bad in ({"limit": 0}, {"limit": 101}, {"cursor": "x"}):
        with pytest.raises(Invalid):
            await listed(floor, ana, **bad)


async def test_screens_are_told_after_the_commit_with_what_the_list_says(
    floor: Floor, line: Channel, ana: Actor, held: UUID
) -> None:
    await hears(floor, line)
    told = [one for one in floor.hub.signals.heard if isinstance(one, NotificationSignal)]  # type: ignore[attr-defined]
    page = await listed(floor, ana)
    assert (told[-1].user_id, told[-1].audience.assignee_id) == (ana.user_id, ana.user_id)
    assert told[-1].notification == msgspec.to_builtins(page.results[0])


async def test_reading_is_told_once_and_only_when_something_was_unread(
    floor: Floor, line: Channel, ana: Actor, held: UUID
) -> None:
    await hears(floor, line)
    await read(floor, ana, every=True)
    await read(floor, ana, every=True)
    told = [one for one in floor.hub.signals.heard if isinstance(one, NotificationsRead)]  # type: ignore[attr-defined]
    assert [one.user_id for one in told] == [ana.user_id]


async def test_many_are_counted_at_once_each_by_what_they_may_see(
    floor: Floor, stranger: Floor, ana: Actor, boss: Actor, held: UUID
) -> None:
    sales = await floor.department()
    bia = await floor.actor(departments=[sales])
    people = [ana, bia, boss, theirs := await stranger.actor("owner")]
    await mention(floor, boss, held, ana.user_id, bia.user_id)
    await mention(floor, bia, held, ana.user_id, boss.user_id)

    async def counted() -> list[int]:
        ids = [one.user_id for one in people if one.user_id]
        found = await notifications.unread_of(floor.hub.reading(floor.system), ids)
        assert [found.get(one, 0) for one in ids[:3]] == [(await listed(floor, one)).unread for one in people[:3]]
        assert theirs.user_id not in found
        return [found.get(one, 0) for one in ids]

    assert await counted() == [2, 1, 1, 0]
    await assign(floor, boss, held, ana, department_id=sales)
    assert await counted() == [2, 1, 1, 0]
    await assign(floor, boss, held, None, department_id=sales)
    assert await counted() == [0, 1, 1, 0]
    assert await read(floor, bia, every=True) == 0
    assert await counted() == [0, 0, 1, 0]


async def test_an_act_that_is_rolled_back_told_nobody(floor: Floor, ana: Actor, boss: Actor, held: UUID) -> None:
    bia = await floor.actor()
    with pytest.raises(RuntimeError):
        async with floor.hub.work(boss) as work:
            await threads.assign(work, held, user_id=bia.user_id)
            raise RuntimeError
    assert await kinds(floor, bia) == []


async def test_preferences_are_ones_own_and_complete(floor: Floor, ana: Actor, boss: Actor) -> None:
    await prefer(floor, ana, message=Ways(sound=False), quiet=True)
    async with floor.hub.work(ana) as work:
        mine = await preferences.get(work)
    async with floor.hub.work(boss) as work:
        assert await preferences.get(work) == Preferences()
    assert (mine.message.sound, mine.message.app, mine.mention.sound, mine.quiet) == (False, True, True, True)


async def test_preferences_set_in_two_tabs_at_once_are_one_of_them(floor: Floor, ana: Actor) -> None:
    await asyncio.gather(*(prefer(floor, ana, quiet=bool(number % 2)) for number in range(8)))
    async with floor.hub.work(ana) as work:
        assert (await preferences.get(work)).mention == Ways()


async def test_words_that_come_while_others_are_read_are_never_told_twice_nor_lost(
    floor: Floor, line: Channel, ana: Actor, held: UUID
) -> None:
    for number in range(12):
        await asyncio.gather(hears(floor, line, f"w{number}"), *(read(floor, ana, every=True) for _ in range(3)))
        await hears(floor, line, f"v{number}")
        (unread,) = (await listed(floor, ana, unread=True)).results
        assert unread.text == f"v{number}"


async def test_what_was_read_long_ago_is_swept_out_and_nothing_else(
    floor: Floor, ana: Actor, boss: Actor, held: UUID
) -> None:
    for _ in range(3):
        await mention(floor, boss, held, ana.user_id)
    old, recent, unread = (one.id for one in (await listed(floor, ana)).results)
    async with floor.session() as session:
        for row_id, days in ((old, 91), (recent, 89)):
            ago = floor.hub.clock.now() - timedelta(days=days)
            await session.execute(update(Notification).where(Notification.id == row_id).values(read_at=ago))
    await maintenance.sweep(floor.hub)
    assert {one.id for one in (await listed(floor, ana)).results} == {recent, unread}
