"""The embedded PostgreSQL alone, started with its own tools in a folder: seconds to the first query's answer."""

import asyncio
import os
import pwd
import signal
import subprocess
import time
from pathlib import Path

import asyncpg

from providers.postgres import binaries

_DURABLE = ["-c", "fsync=on", "-c", "synchronous_commit=on"]


def seconds_to_first_query(folder: Path) -> float:
    """Makes the cluster if there is none; the server is stopped again."""
    return asyncio.run(_measure(folder))


async def _measure(folder: Path) -> float:
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    if owner:
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    under = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    cluster, found = folder / "cluster", binaries()
    began = time.perf_counter()
    if not cluster.exists():
        command = [found / "initdb", "-D", cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, **under)
    server = subprocess.Popen(
        [found / "postgres", "-D", cluster, "-k", folder, "-c", "listen_addresses=", *_DURABLE],
        cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **under,
    )
    try:
        return await _answered(folder) - began
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)


async def _answered(folder: Path) -> float:
    for _ in range(3000):
        try:
            connection = await asyncpg.connect(user="postgres", database="postgres", host=str(folder))
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(0.01)
            continue
        await connection.fetchval("SELECT version()")
        await connection.close()
        return time.perf_counter()
    raise TimeoutError("the embedded PostgreSQL did not answer")
