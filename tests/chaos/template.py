"""A migrated database in a folder, made once for each process: a round begins with a copy of it."""

import asyncio
import atexit
import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

from hub.core.db import create_engine
from hub.migrations.run import migrate
from providers.postgres import EmbeddedPostgres


def lay_down(folder: Path) -> None:
    """Puts a database into the folder of an `EmbeddedPostgres` that has none yet."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(_made() / "cluster"), str(folder / "cluster")], check=True)


@functools.cache
def _made() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="chaos-template"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    try:
        asyncio.run(_migrate(server.url))
    finally:
        server.stop()
    return server.folder


async def _migrate(url: str) -> None:
    engine = create_engine(url, pool=1, role=None)
    await migrate(engine)
    await engine.dispose()
