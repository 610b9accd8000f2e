"""axe-core in a page: what keeps people from using it. The script is evaluated, so a strict policy does not stop it."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page


@cache
def _script() -> str:
    return (Path(__file__).parent / "axe.min.js").read_text("utf-8")


async def violations(page: Page, within: str) -> list[str]:
    """What axe finds wrong inside the element, one line for each place; closed shadow roots are not seen."""
    if not await page.evaluate("Boolean(window.axe)"):
        await page.evaluate(_script())
    found: dict[str, Any] = await page.evaluate(
        "(within) => axe.run({ include: [within] }, { resultTypes: ['violations'] })", within
    )
    return [f"{one['id']}: {node['target']} {node['failureSummary']}"
            for one in found["violations"] for node in one["nodes"]]
