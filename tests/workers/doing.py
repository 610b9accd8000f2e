"""A worker process whose jobs only leave a mark: `python -m tests.workers.doing <database> <redis or -> <folder>`."""

import asyncio
import sys
from pathlib import Path

from hub.core.hub import Hub
from hub.core.outbox import Job
from tests.databases import settings_for
from workers.main import working


def jobs(folder: Path) -> dict[str, object]:
    """`mark` leaves a line; `hang` leaves one and stays, unless the folder says that it may pass."""

    async def mark(_hub: Hub, job: Job) -> None:
        note(folder, f"done {job.payload['n']}")

    async def hang(_hub: Hub, job: Job) -> None:
        note(folder, f"begun {job.payload['n']}")
        while not (folder / "pass").exists():
            await asyncio.sleep(0.05)
        note(folder, f"done {job.payload['n']}")

    return {"mark": mark, "hang": hang}


def note(folder: Path, line: str) -> None:
    with (folder / "marks").open("a") as file:
        file.write(line + "\n")


def marks(folder: Path) -> list[str]:
    path = folder / "marks"
    return path.read_text().splitlines() if path.exists() else []


async def main(url: str, redis: str, folder: Path) -> None:
    settings = settings_for(url, redis_url="" if redis == "-" else redis, data_dir=str(folder))
    async with working(settings, 4, jobs=jobs(folder)):  # type: ignore[arg-type]
        note(folder, "ready")
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
