"""From one conversation to another, and from an event to the eye."""

import secrets

from playwright.async_api import Page

from tests.load.console.desk import Desk, at_the_end
from tests.load.console.figures import Figure, spread

FROM_MEMORY = 50  # milliseconds
FROM_SERVER = 150
EVENT_TO_PIXEL = 50
_OTHERS = 12
_KEPT = 5  # conversations that stay subscribed besides the open one
_MESSAGES = 30

# The message list of exactly this conversation is on screen: nothing of it is still loading.
_OPEN = """(id) => {
    const row = document.querySelector(`a.row[data-row="${id}"]`);
    return probe.timed(() => row.click(), () => row.getAttribute('aria-current') === 'true'
        && document.querySelector('.messages[aria-busy="false"] li.message')
        && document.querySelector('.thread-head h2').textContent
            === row.querySelector('.row-name').firstChild.textContent);
}"""


async def switching(desk: Desk) -> list[Figure]:
    """The first opening asks the server; the way back is drawn from memory."""
    async with desk.visit() as page:
        await page.locator("a.row").first.wait_for()
        ids = await page.evaluate("[...document.querySelectorAll('a.row')].map((row) => row.dataset.row)")
        await settled_open(page, ids[1])
        await desk.effort.spent()
        from_server = [await settled_open(page, one) for one in ids[2:2 + _OTHERS]]
        first = await desk.effort.spent() / len(from_server)
        recent = ids[2 + _OTHERS - _KEPT:2 + _OTHERS]
        from_memory = [await settled_open(page, one) for one in [*recent, *recent, *recent]]
        again = await desk.effort.spent() / len(from_memory)
    return [*spread("conversation from the server", from_server, most=FROM_SERVER),
            *spread("conversation from memory", from_memory, most=FROM_MEMORY),
            Figure("the page's own work for a conversation from the server", first, "ms"),
            Figure("the page's own work for one from memory", again, "ms")]


async def settled_open(page: Page, id: str) -> float:
    """Opens a conversation by its row; milliseconds to the paint. The page rests before the next one."""
    took: float | None = await page.evaluate(_OPEN, id)
    assert took is not None, f"{id} did not open"
    await page.wait_for_timeout(120)
    return took


async def events(desk: Desk) -> list[Figure]:
    """Messages that visitors send arrive in the open thread: from the socket's frame to the paint."""
    texts = [f"Seen {secrets.token_hex(4)}" for _ in range(_MESSAGES)]
    thread = desk.crowd.conversations[5]
    async with desk.visit(f"#/inbox/all/{thread}") as page:
        await at_the_end(page)
        await page.evaluate("probe.listening = true")
        await desk.effort.spent()
        times = []
        for text in texts:
            # The page watches before anything is sent, or the answer to the sender would be measured with it.
            await page.evaluate("""(text) => {
                window.shown = probe.shown(() => [...document.querySelectorAll('li.message')].slice(-3)
                    .some((one) => one.textContent.includes(text)));
            }""", text)
            await desk.owner.post(f"/api/v1/conversations/{thread}/messages",
                                  {"client_id": secrets.token_hex(12), "text": text, "note": True})
            took = await page.evaluate("""async (text) => {
                const at = await window.shown;
                if (at === null) return null;
                const [came] = probe.heard.find(([, data]) => data.startsWith('{"t":"event"') && data.includes(text));
                return at - came;
            }""", text)
            assert took is not None, f"{text} is not shown"
            times.append(took)
        own = await desk.effort.spent() / len(times)
    return [*spread("event to pixel", times, most=EVENT_TO_PIXEL),
            Figure("the page's own work for an event", own, "ms")]
