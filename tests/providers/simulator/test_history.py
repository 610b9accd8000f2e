"""The past that a phone is given: in the chats, on the right side, and told to nobody."""

from providers.simulator import PastMessage
from tests.providers.simulator.stage import ANA, NUMBER, Stage

PAST = [
    PastMessage(id="past.0", author="customer", text="Is it there?", at=1_700_000_000.0),
    PastMessage(id="past.1", author="business", text="It is.", at=1_700_000_060.0),
]


def remember(stage: Stage) -> int:
    return stage.simulator.remember(NUMBER.phone_number_id, ANA, "Ana (demo)", PAST)


async def test_the_past_is_on_both_sides_and_no_webhook_tells_of_it(stage: Stage) -> None:
    assert remember(stage) == 2

    assert [(m["author"], m["body"]["body"], m["state"]) for m in await stage.chat()] == [
        ("customer", "Is it there?", "read"),
        ("business", "It is.", "read"),
    ]
    await stage.write()
    await stage.hub.until(lambda hub: hub.messages)
    assert (len(stage.hub.raw), stage.hub.statuses) == (1, [])


async def test_remembering_twice_changes_nothing(stage: Stage) -> None:
    assert (remember(stage), remember(stage)) == (2, 0)
    assert len(await stage.chat()) == 2


async def test_the_past_goes_before_what_was_written_since(stage: Stage) -> None:
    now = await stage.write()
    remember(stage)

    assert [m["id"] for m in await stage.chat()] == ["past.0", "past.1", now]
    assert (await stage.send()).status_code == 200  # the window of the newer message is still open
    assert (await stage.chat())[-1]["fate"] is None


async def test_a_past_message_can_be_quoted(stage: Stage) -> None:
    remember(stage)
    await stage.write(reply_to="past.1")
    await stage.hub.until(lambda hub: hub.messages)

    assert stage.hub.messages[0]["context"]["id"] == "past.1"
