"""G12: one command in a fresh folder until a customer's first message is stored, and the same once more."""

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx2

from providers.postgres import EmbeddedPostgres
from tests.load.goals import BY_KEY
from tests.load.ground import Ground
from tests.load.outcome import Outcome
from tests.load.processes import ROOT, free_port
from tests.load.references.bare_start import seconds_to_first_query


async def run(ground: Ground) -> list[Outcome]:
    first, again = Outcome(key=BY_KEY["G12 first"].key), Outcome(key=BY_KEY["G12 again"].key)
    installed = await asyncio.create_subprocess_exec(
        sys.executable, "run.py", "version", cwd=ROOT, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await installed.wait()  # what is installed once, and compiled once, is no part of a start
    for index in range(ground.rounds):
        bare, whole = ground.folder / f"bare{index}", ground.folder / f"whole{index}"
        for outcome in (first, again):
            outcome.reference.append(await asyncio.to_thread(seconds_to_first_query, bare))
            outcome.product.append(await _to_first_message(whole))
    first.notes.append("python3 run.py, installed already: PostgreSQL, schema, demo, simulator, message")
    return [first, again]


async def _to_first_message(folder: Path) -> float:
    """Seconds from the command to the answer that a visitor's message is stored."""
    port = free_port()
    began = time.perf_counter()
    async with _started(folder, port) as log, httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        while True:
            try:
                if (await client.get("/readyz")).status_code == 200:
                    break
            except httpx2.HTTPError:
                await asyncio.sleep(0.01)
            if time.perf_counter() - began > 60:
                raise TimeoutError(log.read_text(errors="replace")[-2000:])
        channel = await _widget(folder)
        path, origin = f"/api/v1/widget/{channel}", {"origin": f"http://127.0.0.1:{port}"}
        session = await client.post(f"{path}/session", json={}, headers=origin)
        assert session.status_code < 300, session.text
        sent = await client.post(
            f"{path}/messages", json={"client_id": secrets.token_hex(8), "text": "Hello"},
            headers={**origin, "authorization": f"Visitor {session.json()['visitor_token']}"},
        )
        assert sent.status_code == 201, sent.text
        return time.perf_counter() - began


async def _widget(folder: Path) -> str:
    url = EmbeddedPostgres(folder / "postgres").admin_url
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SELECT id FROM channels WHERE kind = 'webchat' AND deleted_at IS NULL"))
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def _started(folder: Path, port: int) -> AsyncIterator[Path]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    log = folder.with_suffix(".log")
    with log.open("ab") as output:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "run.py", cwd=ROOT, stdout=output, stderr=output,
            env={**environment, "HUB_PORT": str(port), "HUB_DATA_DIR": str(folder)},
        )
    try:
        yield log
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGTERM)
            await asyncio.wait_for(child.wait(), 30)
