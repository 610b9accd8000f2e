"""Who is shown what is decided at the moment of showing, on the actor as it is then (A4, T3)."""

import asyncio
from uuid import UUID

import msgspec

from api.live.fanout import Fanout
from hub.core.access import PERMISSIONS, Actor, Role
from hub.core.clock import new_id
from hub.core.signals import ActorChanged, Audience, MarkerSignal, PresenceSignal, SessionEnded
from tests.api.live.world import Tab, World, until


def session_ended(actor: Actor, session_id: UUID | None = None) -> SessionEnded:
    assert actor.organization_id is not None
    assert actor.user_id is not None
    return SessionEnded(organization_id=actor.organization_id, user_id=actor.user_id, session_id=session_id)


def changed(world: World, actor: Actor, **changes: object) -> ActorChanged:
    """The actor is another one from now on; the signal that says so."""
    assert actor.session_id is not None
    assert actor.organization_id is not None
    assert actor.user_id is not None
    world.people[actor.session_id] = msgspec.structs.replace(actor, **changes)
    return ActorChanged(organization_id=actor.organization_id, user_id=actor.user_id)


async def test_a_foreign_conversation_is_as_little_there_as_a_missing_one(fanout: Fanout, world: World) -> None:
    thread = world.thread(new_id())
    tab = Tab(fanout, world.person(new_id()))
    foreign = await tab.follow(thread, ref="r")
    missing = await tab.follow(world.thread(new_id()), ref="r")
    assert foreign == missing
    assert foreign["code"] == "not_found"
    world.write(thread)
    assert tab.screen.kinds() == ["error", "error"]
    assert not fanout.following.topics


async def test_a_conversation_of_another_department_is_not_there(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    sales, support = new_id(), new_id()
    thread = world.thread(organization_id, Audience(sales, None))
    tab = Tab(fanout, world.person(organization_id, Role.AGENT, support))
    assert (await tab.follow(thread))["code"] == "not_found"
    assert "gone" not in tab.screen.kinds()


async def test_rows_go_to_those_who_may_see_them_and_to_nobody_else(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    sales = new_id()
    member, stranger = (world.person(organization_id, Role.AGENT, one) for one in (sales, new_id()))
    tabs = [Tab(fanout, actor) for actor in (member, stranger, world.person(new_id(), Role.OWNER))]
    for tab in tabs:
        await tab.say(t="subscribe", topic="inbox")
    world.write(world.thread(organization_id, Audience(sales, None)))
    assert [tab.screen.kinds() for tab in tabs] == [["subscribed", "row"], ["subscribed"], ["subscribed"]]


async def test_losing_sight_is_told_once_and_ends_the_subscription(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    sales, support = new_id(), new_id()
    tab = Tab(fanout, world.person(organization_id, Role.AGENT, sales))
    thread = world.thread(organization_id, Audience(sales, None))
    await tab.say(t="subscribe", topic="inbox")
    await tab.follow(thread)
    world.write(thread)
    world.write(thread, Audience(support, None))
    world.write(thread)
    assert tab.screen.kinds() == ["subscribed", "subscribed", "row", "event", "gone"]
    assert not fanout.following.topics


async def test_the_newest_audience_decides_even_when_its_signal_overtakes(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    sales, support = new_id(), new_id()
    tab = Tab(fanout, world.person(organization_id, Role.AGENT, sales))
    thread = world.thread(organization_id, Audience(sales, None))
    await tab.say(t="subscribe", topic="inbox")
    await tab.follow(thread)
    earlier, later = world.commit(thread), world.commit(thread, Audience(support, None))
    world.tell(later, earlier)
    assert tab.screen.kinds() == ["subscribed", "subscribed", "gone"]


async def test_nothing_is_shown_while_the_actor_is_read_again(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    sales = new_id()
    actor = world.person(organization_id, Role.AGENT, sales)
    tab = Tab(fanout, actor)
    thread = world.thread(organization_id, Audience(sales, None))
    await tab.say(t="subscribe", topic="inbox")
    await tab.follow(thread)
    world.reading = asyncio.Event()
    world.tell(changed(world, actor, department_ids=frozenset()))
    world.write(thread)
    for _ in range(20):
        await asyncio.sleep(0)
    assert tab.screen.kinds() == ["subscribed", "subscribed"]
    world.reading.set()
    await until(lambda: "reset" in tab.screen.kinds())
    assert tab.screen.kinds()[2:] == ["gone", "reset"]


async def test_what_a_kept_subscription_missed_meanwhile_is_reset(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    actor = world.person(organization_id)
    tab = Tab(fanout, actor)
    thread = world.thread(organization_id)
    await tab.follow(thread)
    world.tell(changed(world, actor, role=Role.MANAGER, permissions=PERMISSIONS[Role.MANAGER]))
    world.write(thread)
    await until(lambda: "reset" in tab.screen.kinds())
    assert (await tab.follow(thread, **{"from": 0, "epoch": "e1"}))["mode"] == "resumed"
    assert tab.screen.numbers() == [1]


async def test_an_actor_that_cannot_be_read_has_to_come_again(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    actor = world.person(organization_id)
    tab = Tab(fanout, actor)
    world.away = True
    world.tell(changed(world, actor))
    await until(lambda: tab.connection.closing is not None)
    assert tab.connection.closing == 4010


async def test_an_ended_session_hears_nothing_more_in_the_same_tick(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    actor = world.person(organization_id)
    ended, other = Tab(fanout, actor), Tab(fanout, msgspec.structs.replace(actor, session_id=new_id()))
    thread = world.thread(organization_id)
    for tab in (ended, other):
        await tab.follow(thread)
    world.tell(session_ended(actor, actor.session_id), world.commit(thread))
    assert ended.connection.closing == 4003
    assert ended.screen.numbers() == []
    assert other.screen.numbers() == [1]
    world.tell(session_ended(actor))
    assert other.connection.closing == 4003


async def test_a_session_that_ended_between_ticket_and_joining_is_closed(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    actor = world.person(organization_id)
    mark = fanout.mark()
    world.tell(session_ended(actor, actor.session_id))
    tab = Tab(fanout, world.person(organization_id))
    tab.connection.actor = actor
    fanout.leave(tab.connection)
    fanout.join(tab.connection, mark)
    assert tab.connection.closing == 4003


async def test_ended_sessions_and_changed_roles_are_found_without_a_signal(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    gone, demoted, same = (world.person(organization_id) for _ in range(3))
    tabs = [Tab(fanout, actor) for actor in (gone, demoted, same)]
    assert gone.session_id is not None
    del world.people[gone.session_id]
    changed(world, demoted, role=Role.VIEWER, permissions=PERMISSIONS[Role.VIEWER])
    await fanout.upkeep.check_sessions()
    await until(lambda: tabs[1].connection.actor.role is Role.VIEWER)
    assert [tab.connection.closing for tab in tabs] == [4003, None, None]
    assert world.calls.count("standing") == 1


async def test_a_visitor_follows_only_its_own_conversation_and_sees_only_visitor_frames(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    own, other = world.thread(organization_id), world.thread(organization_id)
    tab = Tab(fanout, world.visitor(own))
    assert (await tab.follow(other))["code"] == "not_found"
    await tab.follow(own)
    await tab.say(t="subscribe", topic="inbox")
    await tab.say(t="viewing", id=own.id)
    await tab.say(t="presence", state="away")
    world.write(own)
    world.write(other)
    assert tab.screen.kinds() == ["error", "subscribed", "error", "error", "error", "event"]
    assert tab.screen.of("event")[0]["e"] == "hidden"
    assert "secret" not in str(tab.screen.frames)


async def test_a_visitors_conversation_may_come_into_being_after_the_welcome(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    actor = world.visitor(organization_id=organization_id)
    tab = Tab(fanout, actor)
    thread = world.thread(organization_id)
    assert (await tab.follow(thread))["code"] == "not_found"
    assert actor.visitor_id is not None
    world.visitor_conversations[actor.visitor_id] = thread.id
    assert (await tab.follow(thread))["t"] == "subscribed"


async def test_a_visitor_whose_channel_is_closed_is_sent_away(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    staying, leaving = (Tab(fanout, world.visitor(world.thread(organization_id))) for _ in range(2))
    world.unwelcome.add(leaving.connection.person_id)
    await fanout.upkeep.check_visitors()
    assert [tab.connection.closing for tab in (staying, leaving)] == [None, 4003]


async def test_a_visitor_that_answers_a_beat_has_what_came_before_it(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    thread = world.thread(organization_id, entries=4)
    visitor, agent = Tab(fanout, world.visitor(thread)), Tab(fanout, world.person(organization_id))
    for tab in (visitor, agent):
        await tab.follow(thread)
    await fanout.upkeep.beat()
    world.write(thread)
    for tab in (visitor, visitor, agent):
        await tab.say(t="pong")
    assert [call for call in world.calls if call.startswith("delivered")] == ["delivered 4"]


async def test_presence_and_markers_stay_in_the_organization_and_with_the_user(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    ana, ben = world.person(organization_id), world.person(organization_id)
    thread = world.thread(organization_id)
    own, colleague, foreign, visitor = (
        Tab(fanout, actor) for actor in (ana, ben, world.person(new_id()), world.visitor(thread))
    )
    assert ana.user_id is not None
    world.tell(
        PresenceSignal(organization_id=organization_id, users=((ana.user_id, "busy"),)),
        MarkerSignal(organization_id=organization_id, user_id=ana.user_id, conversation_id=thread.id, seq=4,
                     inbound_seen=2),
    )
    assert own.screen.kinds() == ["presence", "marker"]
    assert colleague.screen.kinds() == ["presence"]
    assert foreign.screen.frames == visitor.screen.frames == []
    assert own.connection.state == "busy"


async def test_presence_that_was_not_heard_is_told_from_the_store(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    tab = Tab(fanout, world.person(organization_id))
    here, left = new_id(), new_id()
    world.states[organization_id, here] = "busy"
    fanout.upkeep.seen(organization_id, left, "online")
    await fanout.upkeep.reconcile()
    await fanout.upkeep.reconcile()
    await until(lambda: len(tab.screen.of("presence")) == 2)
    told = [frame["users"][0] for frame in tab.screen.of("presence")]
    assert told == [{"id": str(here), "state": "busy"}, {"id": str(left), "state": "offline"}]


async def test_typing_reaches_the_others_and_names_no_agents_id_to_a_visitor(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    thread = world.thread(organization_id)
    ana = world.person(organization_id)
    typist, colleague, inbox, visitor = (
        Tab(fanout, actor)
        for actor in (ana, world.person(organization_id), world.person(organization_id), world.visitor(thread))
    )
    for tab in (typist, colleague, visitor):
        await tab.follow(thread)
    await inbox.say(t="subscribe", topic="inbox")
    await typist.say(t="typing", id=thread.id, on=True)
    await visitor.say(t="typing", id=thread.id, on=True)
    assert [frame["who"]["kind"] for frame in typist.screen.of("typing")] == ["customer"]
    assert [frame["who"]["kind"] for frame in colleague.screen.of("typing")] == ["agent", "customer"]
    assert [frame["who"]["kind"] for frame in inbox.screen.of("typing")] == ["customer"]
    assert [frame["who"] for frame in visitor.screen.of("typing")] == [{"kind": "agent", "id": None, "name": "Ana"}]


async def test_typing_that_is_not_repeated_ends_by_itself_and_with_its_connection(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    thread = world.thread(organization_id)
    kept, closed = (Tab(fanout, world.person(organization_id)) for _ in range(2))
    for tab in (kept, closed):
        await tab.say(t="typing", id=thread.id, on=True)
    fanout.leave(closed.connection)
    now = asyncio.get_running_loop().time()
    await fanout.upkeep.expire(now)
    assert world.typed == [(thread.id, True), (thread.id, True), (thread.id, False)]
    await fanout.upkeep.expire(now + 6.1)
    assert world.typed[3:] == [(thread.id, False)]


async def test_viewers_are_told_whole_to_whoever_follows_the_conversation(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    thread = world.thread(organization_id)
    ana, ben = world.person(organization_id), world.person(organization_id)
    first, again, second = Tab(fanout, ana), Tab(fanout, ana), Tab(fanout, ben)
    await first.follow(thread)
    for tab in (first, again, second):
        await tab.say(t="viewing", id=thread.id)
    late = Tab(fanout, world.person(organization_id))
    await late.follow(thread)
    fanout.leave(again.connection)
    fanout.leave(second.connection)
    people = [{user["id"] for user in frame["users"]} for frame in first.screen.of("viewers")]
    assert people == [{str(ana.user_id)}, {str(ana.user_id), str(ben.user_id)}, {str(ana.user_id)}]
    assert len(late.screen.of("viewers")[0]["users"]) == 2


async def test_who_may_not_see_a_conversation_is_no_viewer_of_it(
    fanout: Fanout, world: World, organization_id: UUID
) -> None:
    sales = new_id()
    actor = world.person(organization_id, Role.AGENT, sales)
    tab, other = Tab(fanout, actor), Tab(fanout, world.person(organization_id, Role.OWNER))
    hidden, thread = world.thread(organization_id, Audience(new_id(), None)), world.thread(organization_id)
    await tab.say(t="viewing", id=hidden.id)
    assert tab.screen.of("error")[0]["code"] == "not_found"
    await other.follow(thread)
    await tab.follow(thread)
    await tab.say(t="viewing", id=thread.id)
    world.write(thread, Audience(new_id(), None))
    assert tab.connection.viewing is None
    assert other.screen.of("viewers")[-1]["users"] == []
