"""G13: a page of history out of a million messages over HTTP, beside a request that does nothing and a bare query."""

from tests.load.goals import BY_KEY
from tests.load.ground import Ground
from tests.load.outcome import Outcome
from tests.load.ratios import in_turn, percentile
from tests.load.references.history_page import reading
from tests.load.remote import Remote
from tests.load.tenant import founded

CONVERSATIONS = 20_000
MESSAGES = 50
ASKED = 2000  # conversations whose pages are asked for, in turn
HTTP = "tests.load.generators.http"
RAISED = {"HUB_RATE_USER": "1000000/1000000"}  # one user asks for what hundreds would


async def run(ground: Ground) -> list[Outcome]:
    outcome = Outcome(key=BY_KEY["G13"].key)
    database = await ground.database()
    async with (
        ground.product(database, **RAISED) as product, founded(product) as tenant,
        ground.uvicorn("tests.load.references.litestar_apps:noop") as noop,
        Remote(HTTP) as pages, Remote(HTTP) as empty,
    ):
        channel = await tenant.webchat()
        async with ground.connection(database) as connection:
            made = await tenant.history(connection, channel, count=CONVERSATIONS, messages=MESSAGES, events=False)
        asked = ground.chance.sample(made, ASKED)
        paths = [f"/api/v1/conversations/{one}/messages?limit=50" for one in asked]
        await empty.prepare_gets(paths=["/nothing"] * 100_000, token="none")

        async def product_page() -> float:
            await pages.prepare_gets(paths=paths * 10, token=tenant.owner.token)
            measured = await pages.closed(port=product.port, connections=1, seconds=ground.seconds)
            if measured["good"] != measured["answered"]:
                outcome.violations.append(f"{measured['answered'] - measured['good']:.0f} pages were refused")
            return float(measured["p50"])

        async with reading(ground.url(database, "postgres"), asked) as read:

            async def reference() -> float:
                nothing = await empty.closed(port=noop.port, connections=1, seconds=ground.seconds / 2)
                return float(nothing["p50"]) + 2 * percentile(await read(ground.seconds / 2), 0.5)

            outcome.reference, outcome.product = await in_turn(ground.rounds, reference, product_page)
    outcome.notes.append(f"{CONVERSATIONS:,} conversations of {MESSAGES} messages, one request at a time; "
                         + " ".join(f"{name}={value}" for name, value in RAISED.items()))
    return [outcome]
