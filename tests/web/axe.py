"""axe-core in a page: what keeps people from using it. The script is evaluated, so a strict policy does not stop it."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page


@cache
def _script() -> str:
    return (Path(__file__).parent / "axe.min.js").read_text("utf-8")


# What a theme can spoil: everything else that axe looks at is the same in both.
COLOURS = ("color-contrast", "link-in-text-block")


async def violations(
    page: Page, within: str = "html", *, rules: Sequence[str] = (), tags: Sequence[str] = ()
) -> list[str]:
    """What axe finds wrong inside the element, one line for each place; closed shadow roots are not seen. It looks by
    all of its rules, or by those named, or by those with one of the tags."""
    if not await page.evaluate("Boolean(window.axe)"):
        await page.evaluate(_script())
    only = {"runOnly": {"type": "rule", "values": rules}} if rules else {"runOnly": {"type": "tag", "values": tags}}
    found: dict[str, Any] = await page.evaluate(
        "([within, options]) => axe.run({ include: [within] }, options)",
        [within, {"resultTypes": ["violations"], **(only if rules or tags else {})}],
    )
    return [f"{one['id']}: {node['target']} {node['failureSummary']}"
            for one in found["violations"] for node in one["nodes"]]


async def in_both_themes(page: Page, **more: Any) -> list[str]:
    """The same of a page that follows the system's theme: all of it in light, its colours in dark as well."""
    found = await violations(page, **more)
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert await page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    found += [f"dark: {one}" for one in await violations(page, rules=COLOURS)]
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found
