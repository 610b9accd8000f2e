"""The checker itself: a whole history passes, and each broken one is named by its invariant."""

from collections.abc import Callable

import msgspec
import pytest

from tests.chaos.checks import CHECKS, broken, violations
from tests.chaos.facts import Delivered, Facts, Kept, Logged, Owed, Thread
from tests.chaos.history import Answer, History, Level, Outage, Probe, Stalled, Status, Step, Tab, Write

T = 1_000_000.0
Whole = tuple[History, Facts]


def whole() -> Whole:
    """A customer writes twice, an agent takes the conversation and answers; the answer is read. A tab looks on."""
    facts = Facts(
        messages=[
            _kept("m0", 1, author="system", kind="system"),
            _kept("m1", 2, vendor_id="v1", text="one"),
            _kept("m2", 3, vendor_id="v2", text="two"),
            _kept("m3", 4, author="system", kind="system"),
            _kept("m4", 5, author="agent", state="read", vendor_id="w4", client=("user:a", "k4"), text="yes"),
        ],
        log=[
            _logged(1, "conversation.opened", "m0"), _logged(2, "message.received", "m1"),
            _logged(3, "message.received", "m2"), _logged(4, "conversation.accepted", "m3", user_id="a"),
            _logged(5, "message.sent", "m4"),
            *(_logged(6 + index, "message.delivery", "m4", state=state)
              for index, state in enumerate(("sending", "sent", "read"))),
        ],
        deliveries=[
            Delivered(message_id="m4", state="queued", source="hub"),
            Delivered(message_id="m4", state="sending", source="hub"),
            Delivered(message_id="m4", state="sent", source="provider"),
            Delivered(message_id="m4", state="read", source="receipt"),
            Delivered(message_id="m4", state="delivered", source="receipt"),
        ],
        threads=[Thread(id="c", channel="h", contact="p", head=8, inbound=2, assignee="a", addresses=("4915",))],
        outbox=[_owed(1, "intake", "1"), _owed(2, "intake", "2"), _owed(3, "deliver", "m4", message_id="m4")],
        intake=["processed", "processed", "processed"], calls=["m4"],
    )
    history = History(
        writes=[
            Write(kind="inbound", key="v1", sender="s", text="one", began=T, acked=T + 1, wa_id="4915"),
            Write(kind="inbound", key="v2", sender="s", text="two", began=T + 1, acked=T + 2, wa_id="4915"),
            Write(kind="agent", key="k4", sender="a", text="yes", began=T + 2, acked=T + 3, ids={"m4"}, seqs={5}),
        ],
        statuses=[Status(vendor_id="w4", state="read", acked=True),
                  Status(vendor_id="w4", state="delivered", acked=True)],
        reused=[("k4", 409)],
        answers=[Answer(began=T, ended=T + 1, status=200, writes=True),
                 Answer(began=T + 11, ended=T + 12, status=503, writes=True, retry_after=True),
                 Answer(began=T + 21, ended=T + 22, status=201, writes=True)],
        outages=[Outage(what="database", began=T + 10, ended=T + 20, served=T + 21)],
        probes=[Probe(at=T + 1, status=503, checks={"tasks": "down: outbox"}), Probe(at=T + 9, status=200)],
        failing=[(T, T + 5)],
        tabs=[Tab(
            name="tab", steps=[
                _step("snapshot", 3), _step("event", 4), _step("cut"), _step("resumed", 4, 6), _step("event", 5),
                _step("event", 6), _step("event", 7), _step("event", 8), _step("end", head=8),
            ],
            shown={"c": {"m4": ("yes", "read")}}, fetched={"c": {"m4": ("yes", "read")}},
            rows={"c": 8}, listed={"c": 8},
        )],
        stalled=[Stalled(grown=2**18, late=0.01, code=4008)],
        levels=[Level(name="connections", before=2, after=2, most=10),
                Level(name="memory", before=1e8, after=1e8, most=1.1e8)],
    )
    return history, facts


def _kept(ident: str, seq: int, **more: object) -> Kept:
    given = {"author": "customer", "kind": "text", "state": "received", "text": ""} | more
    return Kept(id=ident, conversation="c", channel="h", channel_kind="whatsapp", seq=seq, note=False,
                **given)  # type: ignore[arg-type]


def _logged(seq: int, kind: str, message_id: str, **more: str) -> Logged:
    return Logged(conversation="c", seq=seq, type=kind, message_id=message_id, **more)  # type: ignore[arg-type]


def _owed(position: int, job: str, key: str, **more: object) -> Owed:
    at = T + 30 + position
    given = {"finished": at + 0.5, "lapses": 0, "state": "done"} | more
    return Owed(id=key, job=job, key=key, order="line", position=position, attempts=1, created=at, due=at,
                **given)  # type: ignore[arg-type]


def _step(what: str, number: int = 0, head: int = 0) -> Step:
    return Step(what=what, conversation="c", number=number, head=head)


def test_a_whole_history_breaks_nothing() -> None:
    assert violations(*whole()) == []


def d1_message(_h: History, f: Facts) -> None:
    f.messages[:] = [kept for kept in f.messages if kept.id != "m1"]


def d1_reply(_h: History, f: Facts) -> None:
    f.messages[:] = f.messages[:4]


def d1_words(_h: History, f: Facts) -> None:
    f.messages[1].text = "other"


def d1_receipt(_h: History, f: Facts) -> None:
    f.deliveries.pop()


def d3_no_entry(_h: History, f: Facts) -> None:
    f.log[1].message_id = "m2"


def d3_no_row(_h: History, f: Facts) -> None:
    f.outbox.pop()


def d3_no_message(_h: History, f: Facts) -> None:
    f.log[7].message_id = "m9"


def d3_assignment(_h: History, f: Facts) -> None:
    f.threads[0].assignee = None


def d3_count(_h: History, f: Facts) -> None:
    f.threads[0].inbound = 3


def d4_left(_h: History, f: Facts) -> None:
    f.outbox[1].state, f.outbox[1].finished = "waiting", None


def d4_dead(_h: History, f: Facts) -> None:
    f.outbox[1].state = "dead"


def d4_late(_h: History, f: Facts) -> None:
    f.outbox[0].finished = T + 50


def d4_order(_h: History, f: Facts) -> None:
    f.outbox[1].finished = T + 30


def d5_late(_h: History, f: Facts) -> None:
    f.outbox[0].lapses, f.outbox[0].finished = 1, T + 70


def d5_stale(_h: History, f: Facts) -> None:
    f.deliveries.insert(2, Delivered(message_id="m4", state="uncertain", source="hub", code="interrupted"))


def d5_left(_h: History, f: Facts) -> None:
    del f.deliveries[2:]


def i1_twice(_h: History, f: Facts) -> None:
    f.messages.append(msgspec.structs.replace(f.messages[1], id="m7"))


def i1_effects(_h: History, f: Facts) -> None:
    f.log.append(msgspec.structs.replace(f.log[1], seq=9))


def i2_left(_h: History, f: Facts) -> None:
    f.intake[0] = "received"


def i2_seen(h: History, _f: Facts) -> None:
    h.writes.append(Write(kind="inbound", key="v9", sender="", text="", began=T, acked=T))


def i3_two(_h: History, f: Facts) -> None:
    f.threads.append(msgspec.structs.replace(f.threads[0], id="d"))


def i3_two_contacts(_h: History, f: Facts) -> None:
    f.threads.append(msgspec.structs.replace(f.threads[0], id="d", contact="q"))


def i3_scattered(_h: History, f: Facts) -> None:
    f.messages[1].conversation = "d"


def i3_engagements(_h: History, f: Facts) -> None:
    f.threads[0].open_engagements = 2


def i4_twice(_h: History, f: Facts) -> None:
    f.messages.append(msgspec.structs.replace(f.messages[4], id="m7"))


def i4_unknown(h: History, _f: Facts) -> None:
    h.writes.pop()


def i4_two_answers(h: History, _f: Facts) -> None:
    h.writes[2].ids.add("m1")


def i4_reused(h: History, _f: Facts) -> None:
    h.reused.append(("k4", 201))


def i6_back(_h: History, f: Facts) -> None:
    f.log[6].state = "sending"


def i6_forgotten(_h: History, f: Facts) -> None:
    f.messages[4].state = f.log[7].state = "sent"
    f.log.pop()


def i6_untold(_h: History, f: Facts) -> None:
    f.messages[4].state = "delivered"


def o1_gap(_h: History, f: Facts) -> None:
    f.log[7].seq = 9


def o1_head(_h: History, f: Facts) -> None:
    f.threads[0].head = 9


def o1_changed(h: History, _f: Facts) -> None:
    h.writes[2].seqs.add(4)


def o1_order(_h: History, f: Facts) -> None:
    f.messages[1].seq, f.messages[2].seq = 3, 2


def o2_gap(h: History, _f: Facts) -> None:
    del h.tabs[0].steps[6]


def o2_twice(h: History, _f: Facts) -> None:
    h.tabs[0].steps.insert(2, _step("event", 4))


def o2_unasked(h: History, _f: Facts) -> None:
    del h.tabs[0].steps[0]


def o3_part(h: History, _f: Facts) -> None:
    del h.tabs[0].steps[5:8]


def o3_head(h: History, _f: Facts) -> None:
    h.tabs[0].steps[3].head = 3


def o4_missing(h: History, _f: Facts) -> None:
    h.tabs[0].shown["c"].clear()


def o4_stale(h: History, _f: Facts) -> None:
    h.tabs[0].shown["c"]["m4"] = ("yes", "sent")


def o4_refused(h: History, _f: Facts) -> None:
    h.tabs[0].fetched["c"] = None


def o5_memory(h: History, _f: Facts) -> None:
    h.stalled[0].grown = 2**26


def o5_late(h: History, _f: Facts) -> None:
    h.stalled[0].late = 2.0


def o5_silent(h: History, _f: Facts) -> None:
    h.stalled[0].code = None


def o6_behind(h: History, _f: Facts) -> None:
    h.tabs[0].steps[-1].head = 9


def o6_list(h: History, _f: Facts) -> None:
    h.tabs[0].rows["c"] = 7


def s1_twice(_h: History, f: Facts) -> None:
    f.calls.append("m4")


def s1_never(_h: History, f: Facts) -> None:
    f.calls.clear()


def s1_stuck(_h: History, f: Facts) -> None:
    f.calls.clear()
    f.messages[4].state = "sending"


def s1_denied(_h: History, f: Facts) -> None:
    f.deliveries[2].state = "failed"


def r2_yes(h: History, _f: Facts) -> None:
    h.answers[1].status = 200


def r2_for_good(h: History, _f: Facts) -> None:
    h.answers[1].status = 422


def r2_late(h: History, _f: Facts) -> None:
    h.answers.pop()


def r2_leak(h: History, _f: Facts) -> None:
    h.levels[0].after = 3


def r5_mute(h: History, _f: Facts) -> None:
    h.answers[1].retry_after = False


def r5_error(h: History, _f: Facts) -> None:
    h.answers[1].status = 500


def r5_memory(h: History, _f: Facts) -> None:
    h.levels[1].most = 1e9


def r6_unseen(h: History, _f: Facts) -> None:
    del h.probes[0]


def r6_red(h: History, _f: Facts) -> None:
    h.probes.pop()


BREAKS = [value for name, value in list(globals().items()) if name[:2] in {check.lower() for check in CHECKS}]


@pytest.mark.parametrize("breaks", BREAKS, ids=lambda breaks: breaks.__name__)
def test_each_broken_promise_is_named(breaks: Callable[[History, Facts], None]) -> None:
    history, facts = whole()
    breaks(history, facts)
    assert breaks.__name__[:2].upper() in broken(violations(history, facts))


def test_every_check_has_a_history_that_breaks_it() -> None:
    assert {breaks.__name__[:2].upper() for breaks in BREAKS} == set(CHECKS)


def test_a_second_transmission_that_is_flagged_breaks_nothing() -> None:
    history, facts = whole()
    facts.calls.append("m4")
    facts.deliveries[2].state = "uncertain"
    facts.deliveries.append(Delivered(message_id="m4", state="sending", source="hub"))
    facts.deliveries.append(Delivered(message_id="m4", state="sent", source="provider"))
    assert "S1" not in broken(violations(history, facts))


def test_what_nobody_acknowledged_may_be_gone() -> None:
    history, facts = whole()
    history.writes.append(Write(kind="inbound", key="v9", sender="s", text="lost", began=T))
    history.writes.append(Write(kind="agent", key="k9", sender="a", text="lost", began=T))
    assert violations(history, facts) == []


def test_time_in_which_the_hub_was_away_is_nobodys_wait() -> None:
    history, facts = whole()
    facts.outbox[0].finished = T + 60
    facts.outbox[1].finished = facts.outbox[2].finished = T + 61
    history.outages.append(Outage(what="kill", began=T + 31, ended=T + 58, served=T + 60))
    assert "D4" not in broken(violations(history, facts))
