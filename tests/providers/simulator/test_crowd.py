"""A morning's customers: who comes, how fast, how they take answers, and what a slow hub does to them."""

import math
from typing import Any

import pytest

from providers.simulator.crowd import BACKLOG, CrowdPlan
from providers.simulator.crowd_pace import Pace
from providers.simulator.crowd_script import LANGUAGES, TOPICS, Dialogue, Line, customer, customers, dialogue
from providers.simulator.crowd_talk import Offer, Say, Talk
from providers.simulator.scenes import scene
from tests.providers.simulator.stage import NUMBER, Stage

HI, MORE, BYE, HELLO = (Line("text", {"body": words}) for words in ("Hi", "More", "Bye", "Hello?"))


def plan(**more: Any) -> Dialogue:
    given: dict[str, Any] = {
        "topic": "orders", "turns": ((HI,), (MORE,), (BYE,)), "nudges": (HELLO,), "ends": True, "leaves_after": None,
        "patience": 60.0,
    }  # fmt: skip
    return Dialogue(**(given | more))


def talk(**more: Any) -> Talk:
    """A talk whose first turn has been said at second 0."""
    begun = Talk(customer(3), seed=1)
    begun.begin(plan(**more), 0.0)
    begun.done(0.0)
    return begun


async def moved(stage: Stage, seconds: float, step: float = 0.5) -> None:
    """Let the crowd live through `seconds` of the stage's clock."""
    for _ in range(round(seconds / step)):
        stage.clock.seconds += step
        await stage.simulator.crowd.step()


def written(stage: Stage) -> list[tuple[str, str, Any]]:
    """What the customers have sent, in order, without what is new in each run (media ids)."""
    sent = [m for m in stage.simulator.world.messages if m.author == "customer"]
    return [(m.wa_id, m.type, m.body if m.type in ("text", "location") else None) for m in sent]


def test_the_same_seed_brings_the_same_people_with_the_same_words() -> None:
    first, again, other = ([(who, dialogue(seed, who)) for who in customers(seed, 40)] for seed in (7, 7, 8))

    assert first == again
    assert [who for who, _ in first] != [who for who, _ in other]
    assert customers(7, 10) == customers(7, 40)[:10]


def test_customers_are_plainly_invented_and_each_has_a_number_of_its_own() -> None:
    everybody = customers(1, 1000)

    assert len({who.wa_id for who in everybody}) == 1000
    assert all(who.name == f"Customer {who.number:04} (demo)" for who in everybody)
    assert {who.language for who in everybody} == {language for language, _ in LANGUAGES}
    assert all("55501" in who.wa_id for who in everybody if who.language == "en")


def test_every_topic_comes_in_every_language_without_a_gap() -> None:
    plans = [(who.language, dialogue(2, who, visit)) for who in customers(2, 300) for visit in range(3)]

    assert {(language, one.topic) for language, one in plans} == {(la, to) for la, _ in LANGUAGES for to, _ in TOPICS}
    lines = [line for _, one in plans for turn in one.turns for line in turn]
    assert {line.type for line in lines} == {"text", "image", "audio", "location"}
    assert not [line for line in lines if "{" in "".join(map(str, line.content.values()))]


def test_pictures_can_be_drawn_for_every_line() -> None:
    lines = [line for who in customers(2, 300) for turn in dialogue(2, who).turns for line in turn]

    for kind in {line.content["scene"] for line in lines if line.type == "image"}:
        assert scene(kind, 1).startswith(b"\xff\xd8")


@pytest.mark.parametrize("rate", [1, 20, 60, 600])
def test_the_rate_is_kept(rate: float) -> None:
    pace = Pace(rate, 0.0)
    sent = sum(pace.take(tick / 50) for tick in range(50 * 300) for _ in range(3))

    assert sent == pytest.approx(rate * 5, abs=1.01)


def test_what_was_not_written_is_not_made_up_for() -> None:
    pace = Pace(60, 0.0)

    assert [pace.take(1000.0) for _ in range(3)] == [True, True, False]
    assert pace.wait(1000.0) == pytest.approx(1.0)


def test_an_answer_brings_the_next_line_after_a_human_pause() -> None:
    one = talk()
    assert (one.state, one.due) == ("waiting", 60.0)

    assert one.hear("wamid.1", 10.0)
    assert one.wish() == "look"
    assert 12 <= one.due <= 19
    one.done(one.due)
    read = one.due
    assert one.wish() == Say(MORE)
    assert read > 13


def test_a_second_answer_to_the_same_question_is_not_counted() -> None:
    one = talk()

    assert [one.hear("a", 10.0), one.hear("b", 11.0)] == [True, False]


def test_silence_brings_a_hello_and_then_the_customer_gives_up() -> None:
    one = talk()
    assert one.wish() == Say(HELLO)

    one.done(60.0)
    assert one.due == 150.0
    assert one.wish() == "give up"
    one.done(150.0)
    assert (one.state, one.due) == ("resting", math.inf)


def test_a_farewell_waits_for_nothing() -> None:
    one = talk(turns=((BYE,),))

    assert one.state == "resting"
    assert not one.awaits


def test_one_who_goes_offline_reads_the_answer_when_back() -> None:
    one = talk(leaves_after=1)
    assert one.wish() == "go offline"
    one.done(5.0)

    assert one.hear("wamid.1", 10.0)
    assert one.wish() == "come back"
    one.done(one.due)
    assert one.wish() == "look"


def test_an_offered_choice_is_tapped_and_the_question_stays_open() -> None:
    one = talk()
    tap = Line("interactive", {"type": "button_reply", "button_reply": {"id": "y", "title": "Yes"}})
    one.hear("wamid.1", 10.0, Offer("wamid.1", (tap,)))
    one.done(15.0)

    assert one.wish() == Say(tap, "wamid.1")
    one.done(17.0)
    assert one.awaits


async def test_the_crowd_writes_at_its_rate_and_stops_by_itself(stage: Stage) -> None:
    crowd = stage.simulator.crowd
    crowd.begin(CrowdPlan(seed=3, rate=60, minutes=1, customers=200))
    for _ in range(120):
        await moved(stage, 0.5)
        await stage.hub.until(lambda hub: len(hub.messages) == len(written(stage)))

    status = crowd.status()
    assert (status.state, status.waiting > 0) == ("over", True)
    assert 59 <= status.sent <= 61
    await moved(stage, 30)
    assert len(stage.hub.messages) == status.sent


async def test_two_runs_of_one_seed_are_the_same(stage: Stage) -> None:
    crowd = stage.simulator.crowd
    runs = []
    for _ in range(2):
        before = len(written(stage))
        crowd.begin(CrowdPlan(seed=11, rate=120, minutes=5))
        for _ in range(60):
            await moved(stage, 0.5)
            await stage.hub.until(lambda hub: len(hub.messages) == len(written(stage)))
        runs.append(written(stage)[before:])

    assert len(runs[0]) > 50
    assert runs[0] == runs[1]


async def test_an_answered_customer_goes_on_and_its_reading_is_told(stage: Stage) -> None:
    crowd = stage.simulator.crowd
    crowd.begin(CrowdPlan(seed=2, rate=60, minutes=30, customers=1))
    wa_id = customers(2, 1)[0].wa_id
    turns = dialogue(2, customers(2, 1)[0]).turns
    await moved(stage, 40)
    assert len(written(stage)) == len(turns[0])
    assert crowd.status().waiting == 1

    answer = await stage.sent("text", {"body": "One moment"}, to=wa_id)
    assert (crowd.status().answered, crowd.status().waiting) == (1, 0)
    await stage.hub.until(lambda hub: "delivered" in [s["status"] for s in hub.statuses])
    await moved(stage, 9)
    await stage.hub.until(lambda hub: [s["status"] for s in hub.statuses if s["id"] == answer][-1] == "read")
    await moved(stage, 30)
    assert len(written(stage)) > len(turns[0])


async def test_a_hub_that_takes_nothing_holds_the_crowd(stage: Stage) -> None:
    crowd = stage.simulator.crowd
    stage.hub.gate.clear()
    crowd.begin(CrowdPlan(seed=3, rate=600, minutes=5, customers=200))
    await moved(stage, 60)
    assert (crowd.status().sent, crowd.status().held) == (BACKLOG, True)
    assert len(stage.simulator.webhooks.pending) == BACKLOG

    stage.hub.gate.set()
    await stage.hub.until(lambda hub: len(hub.messages) == BACKLOG)
    await moved(stage, 0.5)
    assert not crowd.status().held or crowd.status().sent > BACKLOG
    assert BACKLOG < crowd.status().sent <= BACKLOG + 20


async def test_statuses_that_wait_do_not_hold_the_crowd(stage: Stage) -> None:
    stage.hub.gate.clear()
    for _ in range(BACKLOG):
        await stage.sent()
    stage.simulator.crowd.begin(CrowdPlan(rate=60, minutes=5))
    await moved(stage, 5)

    assert stage.simulator.crowd.status().sent >= 5
    stage.hub.gate.set()


async def test_nobody_stays_offline_when_the_crowd_goes(stage: Stage) -> None:
    crowd = stage.simulator.crowd
    crowd.begin(CrowdPlan(seed=5, rate=600, minutes=30, customers=60))
    phones = stage.simulator.world.phones
    for _ in range(120):
        await moved(stage, 0.5)
        await stage.hub.until(lambda hub: len(hub.messages) == len(written(stage)))
        if any(not phone.online for phone in phones):
            break
    assert any(not phone.online for phone in phones)

    await crowd.stop()

    assert all(phone.online for phone in phones)


async def test_it_is_steered_by_json(stage: Stage) -> None:
    assert (await stage.phone.get("/crowd")).json()["state"] == "none"
    assert (await stage.phone.patch("/crowd", json={"rate": 60})).status_code == 400
    assert (await stage.phone.post("/crowd", json={"rate": 601})).status_code == 400

    plan = {"seed": 4, "rate": 600, "minutes": 2, "customers": 5}
    begun = (await stage.phone.post("/crowd", json=plan)).json()
    assert (begun["state"], begun["plan"]["seed"], begun["seconds_left"]) == ("running", 4, 120)
    await stage.hub.until(lambda hub: hub.messages)
    changed = (await stage.phone.patch("/crowd", json={"rate": 30, "paused": True})).json()
    assert (changed["state"], changed["plan"]["rate"]) == ("paused", 30)

    assert (await stage.phone.delete("/crowd")).status_code == 204
    assert (await stage.phone.get("/crowd")).json()["state"] == "over"


async def test_a_crowd_needs_a_business_number(stage: Stage) -> None:
    answer = await stage.phone.post("/crowd", json={"phone_number_id": "404"})
    assert (answer.status_code, "business number" in answer.json()["error"]) == (400, True)

    await stage.phone.delete(f"/numbers/{NUMBER.phone_number_id}")
    assert (await stage.phone.post("/crowd", json={})).status_code == 400
