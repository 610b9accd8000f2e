"""Who looks at a conversation is the union of what each process tells."""

from hub.core.clock import new_id
from hub.presence.viewing import Viewers


def test_the_union_over_processes_changes_only_when_it_changes() -> None:
    viewers, conversation, ana, ben = Viewers(), new_id(), new_id(), new_id()
    assert viewers.hear(conversation, "p1", {ana: "Ana"}, until=10)
    assert not viewers.hear(conversation, "p2", {ana: "Ana"}, until=10)
    assert viewers.hear(conversation, "p2", {ana: "Ana", ben: "Ben"}, until=10)
    assert not viewers.hear(conversation, "p1", {}, until=10)
    assert viewers.of(conversation) == {ana: "Ana", ben: "Ben"}


def test_what_a_process_does_not_tell_again_lapses() -> None:
    viewers, conversation, ana, ben = Viewers(), new_id(), new_id(), new_id()
    viewers.hear(conversation, "p1", {ana: "Ana"}, until=10)
    viewers.hear(conversation, "p2", {ben: "Ben"}, until=20)
    assert viewers.lapse(9) == []
    assert viewers.lapse(11) == [conversation]
    assert viewers.of(conversation) == {ben: "Ben"}
    assert viewers.lapse(21) == [conversation]
    assert viewers.of(conversation) == {}


def test_a_process_without_viewers_leaves_nothing_behind() -> None:
    viewers, conversation = Viewers(), new_id()
    assert not viewers.hear(conversation, "p1", {}, until=10)
    viewers.hear(conversation, "p1", {new_id(): "Ana"}, until=10)
    viewers.hear(conversation, "p1", {}, until=10)
    assert viewers.lapse(100) == []
