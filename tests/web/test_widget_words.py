"""Hostile words in the widget, wherever they can be written."""

import pytest
from playwright.async_api import Browser

from tests.running import Stack
from tests.web.visits import Shop, arrive, browsing

pytestmark = pytest.mark.browser
PAYLOADS = (
    "<script>pwned(1)</script>", "<img src=x onerror=pwned(2)>", '"><svg onload=pwned(3)>', "javascript:pwned(4)",
    "<iframe srcdoc='<script>parent.pwned(5)</script>'></iframe>", "{{constructor.constructor('pwned(6)')()}}",
    "${pwned(7)}", "'-pwned(8)-'", "</textarea><script>pwned(9)</script>", "<a href=javascript:pwned(10)>x</a>",
    "<math><mi xlink:href=data:x,pwned(11)>", "<details open ontoggle=pwned(12)>", "<body onload=pwned(13)>",
    "https://example.com/\"onmouseover=pwned(14)//", "http://example.com/'><img src=x onerror=pwned(15)>",
    "<style>@import 'javascript:pwned(16)'</style>", "<template><script>pwned(17)</script></template>",
    "\u202e<script>pwned(18)</script>", "<noscript><p title='</noscript><img src=x onerror=pwned(19)>'>",
    "<input autofocus onfocus=pwned(20)>", "&lt;script&gt;pwned(21)&lt;/script&gt;",
    "data:text/html,<script>pwned(22)</script>",
)
FILES = ("<img src=x onerror=pwned(30)>.png", "a\"onload=pwned(31) b.svg", "<script>pwned(32)<／script>.html")


async def test_hostile_words_are_only_words(browser: Browser, running: Stack, shop: Shop) -> None:
    await shop.settle(greeting=PAYLOADS[1], launcher={"label": "<img src=x onerror=pwned(0)>"[:30]})
    await shop.owner.patch("/api/v1/me", {"name": PAYLOADS[2]})
    async with browsing(browser) as context:
        visit = await arrive(context, shop)
        await visit.page.evaluate("(name) => Switchboard.identify({ name })", PAYLOADS[0])
        conversation_id = await visit.begin(PAYLOADS[0])
        for payload in PAYLOADS:
            await shop.answer(conversation_id, payload)
        await visit.write("\n".join(PAYLOADS))
        for name in FILES:
            await visit.page.locator("input[type=file]").set_input_files(
                {"name": name, "mimeType": "text/html", "buffer": b"<script>parent.pwned(33)</script>"}
            )
            await visit.page.locator(".picked li:not(.failed) small").wait_for()
            await visit.page.get_by_role("button", name="Send", exact=True).click()
            await visit.page.locator("li.message .file-name", has_text="pwned(3").first.wait_for()
        await visit.bubble(PAYLOADS[-1])
        for link in await visit.page.locator("li.message a").all():
            assert (await link.get_attribute("href") or "").startswith(("https://", "http://"))
        assert await visit.page.locator("li.message script, li.message iframe, li.message [onerror]").count() == 0
        assert await visit.page.evaluate("window.ran") == []
        assert visit.troubles == []
