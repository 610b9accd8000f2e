"""G3: what one WhatsApp number at its highest throughput sends: 3,000 statuses and 300 messages a second, for 20 s."""

from tests.load.exactness import gap_free, stored_as_acknowledged
from tests.load.goals import BY_KEY
from tests.load.ground import Ground, quiet
from tests.load.outcome import Outcome
from tests.load.remote import Remote
from tests.load.scenarios.ingestion import CUSTOMERS, HTTP, numbers
from tests.load.tenant import founded

RATE = 3300
STATES = 3  # sent, delivered, read
STATUSES, TEXTS = 3000, 300  # a second
SECONDS = 20
CONVERSATIONS = 500
CONNECTIONS = 256


async def run(ground: Ground) -> list[Outcome]:
    outcome = Outcome(key=BY_KEY["G3"].key)
    database = await ground.database()
    async with (
        ground.product(database) as product, founded(product) as tenant, Remote(HTTP) as load,
        ground.connection(database) as connection,
        ground.uvicorn("tests.load.references.litestar_apps:noop") as noop,
    ):
        number = await tenant.whatsapp()
        await load.number(path=f"/webhooks/whatsapp/{tenant.id}", phone_number_id=number["phone_number_id"],
                          app_secret=number["app_secret"], customers=CUSTOMERS, seed=ground.seed)
        each = STATUSES * SECONDS // STATES // CONVERSATIONS
        await tenant.history(connection, number["id"], count=CONVERSATIONS, messages=each, sending=True)
        sent = [row["vendor_id"] for row in await connection.fetch("SELECT vendor_id FROM messages ORDER BY seq")]
        total = await load.prepare_burst(sent=sent, messages=TEXTS * SECONDS)
        for first in (True, False):
            outcome.reference.append((await load.steady(port=noop.port, connections=CONNECTIONS, rate=RATE,
                                                        most=total // 4))["p99"])
            if first:
                measured = await load.steady(port=product.port, connections=CONNECTIONS, rate=RATE)
                settled = await quiet(connection)
        outcome.product.append(measured["p99"])
        if measured["good"] != total:
            outcome.violations.append(f"{total - measured['good']:.0f} of {total} were refused")
        stored = await connection.fetchval("SELECT count(*) FROM messages WHERE author = 'customer' AND kind = 'text'"
                                           " AND vendor_id NOT LIKE 'wamid.' || conversation_id || '%'")
        outcome.violations += stored_as_acknowledged(TEXTS * SECONDS, stored)
        steps = await connection.fetchval("SELECT count(*) FROM message_deliveries WHERE source = 'receipt'")
        outcome.violations += stored_as_acknowledged(len(sent) * STATES, steps)
        unread = await connection.fetchval(
            "SELECT count(*) FROM messages WHERE vendor_id = ANY($1) AND state <> 'read'", sent
        )
        outcome.violations += [f"{unread} messages are not read"] if unread else []
        outcome.violations += gap_free(await numbers(connection))
    outcome.notes.append(
        f"{total} webhooks in {measured['seconds']:.1f} s, p50 {measured['p50']:.1f} ms; the last was processed "
        f"{settled:.1f} s after; load used {measured['cpu']:.2f} CPU"
    )
    return [outcome]
