"""What a page works by itself: the time its main thread had a processor, whatever else the machine does."""

from playwright.async_api import CDPSession, Page


class Effort:
    """Milliseconds of the page's main thread since it was last asked."""

    def __init__(self, devtools: CDPSession) -> None:
        self._devtools = devtools
        self._so_far = 0.0

    @classmethod
    async def of(cls, page: Page) -> "Effort":
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        made = cls(devtools)
        await made.spent()
        return made

    async def spent(self) -> float:
        metrics = (await self._devtools.send("Performance.getMetrics"))["metrics"]
        before, self._so_far = self._so_far, next(one["value"] for one in metrics if one["name"] == "TaskDuration")
        return float(1000 * (self._so_far - before))
