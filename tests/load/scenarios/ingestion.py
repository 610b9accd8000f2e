"""G1 and G2: webhooks of one WhatsApp number, signed, stored, processed, beside doing nothing and one INSERT each."""

import asyncpg

from tests.load.exactness import gap_free, stored_as_acknowledged
from tests.load.goals import BY_KEY
from tests.load.ground import Ground, quiet
from tests.load.outcome import Outcome
from tests.load.ratios import in_turn
from tests.load.remote import Remote
from tests.load.tenant import founded

CONNECTIONS = 64
CUSTOMERS = 1000
HTTP = "tests.load.generators.http"
MOST = 20_000  # requests prepared for each second of a phase, at the product and at the one that inserts
FLOOR = 60_000  # and at the one that does nothing: they may repeat, nobody looks at them


async def run(ground: Ground) -> list[Outcome]:
    first, second = Outcome(key=BY_KEY["G1"].key), Outcome(key=BY_KEY["G2"].key)
    database, plain = await ground.database(), await ground.database(migrated=False)
    async with (
        ground.product(database) as product, founded(product) as tenant, Remote(HTTP) as load,
        ground.connection(database) as connection, ground.connection(plain) as inserted,
        ground.uvicorn("tests.load.references.noop_asgi:app") as noop,
        ground.uvicorn("tests.load.references.litestar_apps:inserting",
                       REFERENCE_DATABASE_URL=ground.url(plain, "postgres")) as inserting,
    ):
        number = await tenant.whatsapp()
        await load.number(path=f"/webhooks/whatsapp/{tenant.id}", phone_number_id=number["phone_number_id"],
                          app_secret=number["app_secret"], customers=CUSTOMERS, seed=ground.seed)
        acknowledged = {"product": 0, "insert": 0}

        async def floor() -> float:
            await load.prepare_texts(count=MOST // 4, copies=int(FLOOR * ground.seconds) // (MOST // 4) + 1)
            return _rate(await _phase(load, noop.port, ground.seconds))

        async def ours() -> float:
            """Answered requests over the time until the last of them was also processed."""
            size = await load.prepare_texts(count=int(MOST * ground.seconds))
            measured = await _phase(load, product.port, ground.seconds)
            acknowledged["product"] += int(measured["good"])
            first.notes = [f"bodies of {size} bytes, {CONNECTIONS} connections; load used {measured['cpu']:.2f} CPU"]
            return float(measured["good"] / (measured["seconds"] + await quiet(connection)))

        async def insert() -> float:
            await load.prepare_texts(count=int(MOST * ground.seconds))
            measured = await _phase(load, inserting.port, ground.seconds)
            acknowledged["insert"] += int(measured["good"])
            return _rate(measured)

        warm = ground.seconds
        ground.seconds = 0.5
        for phase in (floor, ours, insert):
            await phase()
        ground.seconds = warm
        first.reference, first.product, second.reference = await in_turn(ground.rounds, floor, ours, insert)
        second.product = first.product
        second.violations = stored_as_acknowledged(
            acknowledged["insert"], await inserted.fetchval("SELECT count(*) FROM hooks")
        )
        first.violations = await exact(connection, acknowledged["product"])
    return [first, second]


async def _phase(load: Remote, port: int, seconds: float) -> dict[str, float]:
    measured: dict[str, float] = await load.closed(port=port, connections=CONNECTIONS, seconds=seconds)
    if measured["good"] != measured["answered"]:
        raise RuntimeError(f"{measured['answered'] - measured['good']:.0f} requests were refused")
    return measured


def _rate(measured: dict[str, float]) -> float:
    return measured["good"] / measured["seconds"]


async def exact(connection: asyncpg.Connection, acknowledged: int) -> list[str]:
    """Each acknowledged message is stored once, and each conversation's log is whole and in order."""
    stored = await connection.fetchval("SELECT count(*) FROM messages WHERE author = 'customer'")
    found = stored_as_acknowledged(acknowledged, stored)
    failed = await connection.fetchval("SELECT count(*) FROM intake WHERE state <> 'processed'")
    found += [f"{failed} deliveries were not processed"] if failed else []
    return found + gap_free(await numbers(connection))


async def numbers(connection: asyncpg.Connection) -> dict[str, list[int]]:
    """The log of each conversation, which begins at 1 and ends at the head."""
    rows = await connection.fetch(
        "SELECT c.id::text, c.head_seq, array_agg(e.seq ORDER BY e.seq) AS seqs FROM conversations c "
        "LEFT JOIN events e ON e.conversation_id = c.id GROUP BY c.id"
    )
    return {row["id"]: [0, *row["seqs"], row["head_seq"] + 1] for row in rows}
