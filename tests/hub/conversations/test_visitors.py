"""Visitors of a widget: who they are, what they look at, what they think of us, and their thread by mail."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from hub.channels import visitors
from hub.channels.identity import Identity as Vouched
from hub.channels.models import Channel, Visitor
from hub.channels.visitors import VisitorDraft, visitor_actor
from hub.conversations import identifying, ratings, threads, transcripts, views, visiting
from hub.conversations.models import Rating
from hub.conversations.ratings import RatingDraft
from hub.conversations.transcripts import TranscriptDraft
from hub.core.access import Actor
from hub.core.clock import SteppingClock
from hub.core.errors import Conflict, Forbidden, Invalid, LimitReached
from hub.core.outbox import OutboxRow
from hub.core.signals import VisitorSignal
from hub.crm import contacts
from hub.crm.models import Identity
from hub.presence import visitors as presence
from tests.hub.conversations.floor import Floor

VERA = Vouched(subject="4711", name="Vera Demo", email="vera@example.com")


@pytest.fixture
async def site(floor: Floor) -> Channel:
    channel = await floor.channel("webchat")
    async with floor.session() as session:
        found = (await session.scalars(select(Channel).where(Channel.id == channel.id))).one()
        found.settings = {"share_page": "ask"}
        await session.commit()
    channel.settings = {"share_page": "ask"}
    return channel


@pytest.fixture
async def vera(floor: Floor, site: Channel) -> Actor:
    return await floor.visitor(site)


async def greet(
    floor: Floor, site: Channel, token: str | None = None, vouched: Vouched | None = None, **said: str
) -> tuple[Visitor, str]:
    """Opens a session as the widget does."""
    async with floor.hub.work(floor.system) as work:
        made = await visitors.greet(work, site, VisitorDraft(visitor_token=token, **said), vouched)
        if vouched is not None:
            await identifying.identify(work, site, made[0], vouched)
    return made


async def close(floor: Floor, conversation_id: UUID) -> None:
    async with floor.hub.work(await floor.actor()) as work:
        await threads.close(work, conversation_id)


async def rate(floor: Floor, visitor: Actor, score: int = 5, comment: str = "") -> Any:
    async with floor.hub.work(visitor) as work:
        return await ratings.rate(work, RatingDraft(score=score, comment=comment))


async def ask_for_transcript(floor: Floor, visitor: Actor, email: str = "vera@example.com") -> None:
    async with floor.hub.work(visitor) as work:
        await transcripts.order(work, TranscriptDraft(email=email))


# Reopening.


async def test_the_customers_own_word_reopens_with_a_line_that_both_sides_read(floor: Floor, vera: Actor) -> None:
    _, conversation_id, _ = await floor.say(vera, "One")
    await close(floor, conversation_id)
    await floor.say(vera, "Two")
    lines = [message.content["event"] for message in await floor.messages(lines=True) if message.kind == "system"]
    async with floor.hub.work(vera) as work:
        page = await views.visitor_messages(work)
    assert lines == ["opened", "closed", "reopened"]
    assert [one.content.get("event") or one.text for one in page.results] == ["One", "closed", "reopened", "Two"]


# Rating.


async def test_a_rating_is_a_line_that_shows_the_visitor_the_score_and_the_agent_the_words(
    floor: Floor, vera: Actor
) -> None:
    _, conversation_id, _ = await floor.say(vera)
    await close(floor, conversation_id)
    line = await rate(floor, vera, 4, "Quick\x00 and kind")
    assert line.content == {"event": "rated", "score": 4}
    assert (await floor.messages(lines=True))[-1].content == {"event": "rated", "score": 4, "comment": "Quick and kind"}
    await floor.assert_gapless(conversation_id)


async def test_an_engagement_is_rated_once_however_many_try_together(floor: Floor, vera: Actor) -> None:
    _, conversation_id, _ = await floor.say(vera)
    await close(floor, conversation_id)
    outcomes = await asyncio.gather(*(rate(floor, vera, 5) for _ in range(4)), return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, Conflict)]
    assert [one.code for one in refused] == ["already_rated"] * 3
    assert await floor.count(Rating) == 1


async def test_each_engagement_has_a_rating_of_its_own(floor: Floor, vera: Actor) -> None:
    for score in (2, 5):
        _, conversation_id, _ = await floor.say(vera)
        await close(floor, conversation_id)
        await rate(floor, vera, score)
    async with floor.session() as session:
        assert sorted(await session.scalars(select(Rating.score))) == [2, 5]


async def test_what_has_not_ended_cannot_be_rated(floor: Floor, vera: Actor) -> None:
    await floor.say(vera)
    with pytest.raises(Conflict) as refused:
        await rate(floor, vera)
    assert refused.value.code == "nothing_to_rate"


async def test_a_visitor_without_a_word_has_nothing_to_rate(floor: Floor, vera: Actor) -> None:
    with pytest.raises(Conflict):
        await rate(floor, vera)


async def test_a_comment_has_an_end(floor: Floor, vera: Actor) -> None:
    with pytest.raises(Invalid):
        await rate(floor, vera, 5, "x" * 1001)


# Transcript.


async def test_the_transcript_goes_out_in_the_visitors_language_without_notes(
    floor: Floor, site: Channel, vera: Actor
) -> None:
    async with floor.session() as session:
        (await session.scalars(select(Visitor).where(Visitor.id == vera.visitor_id))).one().locale = "pt-BR"
        await session.commit()
    _, conversation_id, _ = await floor.say(vera, "Vocês entregam?")
    ana = await floor.actor(name="Ana Demo")
    await floor.reply(ana, conversation_id, "Sim, amanhã.")
    await floor.reply(ana, conversation_id, "Only for colleagues", note=True)
    await ask_for_transcript(floor, vera)
    await floor.run()
    (mail,) = floor.hub.ports.mailer.mails
    assert (mail.to, mail.subject) == ("vera@example.com", "Sua conversa com Line")
    assert mail.text.index("Você\nVocês entregam?") < mail.text.index("Ana Demo\nSim, amanhã.")
    assert "Only for colleagues" not in mail.text


async def test_a_transcript_is_had_once_in_ten_minutes(floor: Floor, vera: Actor, clock: SteppingClock) -> None:
    await floor.say(vera)
    outcomes = await asyncio.gather(*(ask_for_transcript(floor, vera) for _ in range(3)), return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, LimitReached)]
    assert len(refused) == 2
    assert refused[0].retry_after is not None
    assert 500 < refused[0].retry_after <= 600
    clock.advance(minutes=10)
    await ask_for_transcript(floor, vera)
    async with floor.session() as session:
        jobs = (await session.scalars(select(OutboxRow.job))).all()
    assert jobs.count("mail_transcript") == 2


@pytest.mark.parametrize("address", ["", "no address", "a@b.example\nBcc: c@d.example", "a@b.example, c@d.example"])
async def test_a_transcript_goes_to_one_plain_address(floor: Floor, vera: Actor, address: str) -> None:
    await floor.say(vera)
    with pytest.raises(Invalid):
        await ask_for_transcript(floor, vera, address)


async def test_before_the_first_word_there_is_no_transcript(floor: Floor, vera: Actor) -> None:
    with pytest.raises(Conflict) as refused:
        await ask_for_transcript(floor, vera)
    assert refused.value.code == "nothing_to_send"


# The page, and being here.


async def look(floor: Floor, visitor: Actor, url: str | None, title: str = "") -> None:
    async with floor.hub.work(visitor) as work:
        await visiting.look_at(work, url, title)


async def test_agents_see_the_page_without_what_is_nobodys_business(floor: Floor, vera: Actor) -> None:
    _, conversation_id, _ = await floor.say(vera)
    await look(floor, vera, "https://u:p@shop.example:8443/lamps?token=secret#me", " Blue\x00 lamp ")
    async with floor.hub.work(await floor.actor()) as work:
        seen = (await views.detail(work, conversation_id)).visitor
    assert seen is not None
    assert seen.page == visiting.PageSeen(url="https://shop.example:8443/lamps", title="Blue lamp")
    assert (seen.online, seen.visits, seen.verified) == (False, 1, False)


async def test_a_page_is_forgotten_when_it_is_no_longer_shared(floor: Floor, site: Channel, vera: Actor) -> None:
    _, conversation_id, _ = await floor.say(vera)
    ana = await floor.actor()

    async def page() -> Any:
        async with floor.hub.work(ana) as work:
            seen = (await views.detail(work, conversation_id)).visitor
        return seen and seen.page

    await look(floor, vera, "https://shop.example/lamps")
    assert await page() is not None
    await look(floor, vera, None)
    assert await page() is None
    await look(floor, vera, "https://shop.example/lamps")
    async with floor.session() as session:
        (await session.scalars(select(Channel).where(Channel.id == site.id))).one().settings = {"share_page": "never"}
        await session.commit()
    assert await page() is None


async def test_only_another_page_is_news(floor: Floor, vera: Actor) -> None:
    await floor.say(vera)
    for url in ("https://shop.example/a", "https://shop.example/a?x=1", "https://shop.example/b"):
        await look(floor, vera, url)
    assert len([one for one in floor.ear.heard if isinstance(one, VisitorSignal)]) == 2


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://", "/lamps", "https://[::1", "https://a\nb.example/"])
async def test_what_is_no_page_is_refused(floor: Floor, vera: Actor, url: str) -> None:
    with pytest.raises(Invalid):
        await look(floor, vera, url)


async def test_where_pages_are_not_shared_none_is_kept(floor: Floor) -> None:
    visitor = await floor.visitor(await floor.channel("webchat"))
    with pytest.raises(Forbidden):
        await look(floor, visitor, "https://shop.example/")


async def test_a_visitor_is_here_while_a_socket_of_theirs_is(floor: Floor, vera: Actor, clock: SteppingClock) -> None:
    _, conversation_id, _ = await floor.say(vera)
    assert vera.visitor_id is not None
    ana, organization_id = await floor.actor(), floor.organization_id

    async def online() -> bool:
        async with floor.hub.work(ana) as work:
            seen = (await views.detail(work, conversation_id)).visitor
        assert seen is not None
        return seen.online

    await presence.arrive(floor.hub, organization_id, vera.visitor_id, "tab")
    assert await online()
    await presence.depart(floor.hub, organization_id, vera.visitor_id, "tab")
    assert not await online()
    await presence.arrive(floor.hub, organization_id, vera.visitor_id, "tab")
    clock.advance(seconds=60)
    assert not await online()


async def test_visitors_are_never_counted_among_the_organizations_people(floor: Floor, vera: Actor) -> None:
    assert vera.visitor_id is not None
    await presence.arrive(floor.hub, floor.organization_id, vera.visitor_id, "tab")
    assert await floor.hub.ports.presence.states(floor.organization_id) == {}
    assert presence.home_of(presence.room_of(floor.organization_id)) == floor.organization_id


# Recognising.


async def test_who_comes_back_after_a_while_is_counted_again(floor: Floor, site: Channel, clock: SteppingClock) -> None:
    _, token = await greet(floor, site)
    await greet(floor, site, token)
    clock.advance(minutes=31)
    visitor, _ = await greet(floor, site, token)
    assert visitor.visits == 2


async def test_what_a_website_vouched_for_the_browser_cannot_change(floor: Floor, site: Channel) -> None:
    _, token = await greet(floor, site, vouched=VERA)
    visitor, _ = await greet(floor, site, token, name="Mallory", email="mallory@example.com")
    assert (visitor.name, visitor.email) == ("Vera Demo", "vera@example.com")


async def test_a_typed_address_gives_no_access_to_the_threads_of_its_owner(floor: Floor, site: Channel) -> None:
    vera, _ = await greet(floor, site, vouched=VERA)
    await floor.say(visitor_actor(vera), "Mine alone")
    other, _ = await greet(floor, site, email="vera@example.com")
    async with floor.hub.work(visitor_actor(other)) as work:
        assert await views.visitor_conversation(work) is None


async def test_the_same_person_has_one_thread_on_every_device(floor: Floor, site: Channel) -> None:
    at_home, _ = await greet(floor, site, vouched=VERA)
    _, conversation_id, _ = await floor.say(visitor_actor(at_home), "From home")
    on_the_way, _ = await greet(floor, site, vouched=VERA)
    assert on_the_way.id != at_home.id
    async with floor.hub.work(visitor_actor(on_the_way)) as work:
        assert await views.visitor_conversation(work) == conversation_id


async def test_somebody_else_at_the_same_browser_is_somebody_else(floor: Floor, site: Channel) -> None:
    vera, token = await greet(floor, site, vouched=VERA)
    await floor.say(visitor_actor(vera), "Mine alone")
    other, other_token = await greet(floor, site, token, Vouched(subject="4712", name="Otto Demo"))
    assert (other.id != vera.id, other_token != token) == (True, True)
    async with floor.hub.work(visitor_actor(other)) as work:
        assert await views.visitor_conversation(work) is None


async def test_what_was_written_before_signing_in_stays_with_the_person(floor: Floor, site: Channel) -> None:
    async with floor.hub.work(floor.system) as work:  # known from elsewhere, by address
        known = await contacts.find_or_create(work, [("email", "vera@example.com", "vera@example.com")], name="Vera D.")
    visitor, token = await greet(floor, site)
    _, conversation_id, _ = await floor.say(visitor_actor(visitor), "Before")
    visitor, _ = await greet(floor, site, token, VERA)
    async with floor.hub.work(visitor_actor(visitor)) as work:
        assert await views.visitor_conversation(work) == conversation_id
    assert (await floor.conversation(conversation_id)).contact_id == known.id


async def test_the_verified_address_is_the_contacts(floor: Floor, site: Channel) -> None:
    visitor, _ = await greet(floor, site, vouched=VERA)
    async with floor.session() as session:
        kinds = (await session.scalars(
            select(Identity.kind).where(Identity.contact_id == visitor.contact_id).order_by(Identity.kind)
        )).all()
    assert kinds == ["email", "visitor", "visitor"]


@pytest.mark.parametrize(("field", "value"), [("email", "no address"), ("name", "A\x07B"), ("name", "x" * 101)])
async def test_what_a_visitor_types_of_themselves_is_looked_at(
    floor: Floor, site: Channel, field: str, value: str
) -> None:
    with pytest.raises(Invalid):
        await greet(floor, site, **{field: value})
