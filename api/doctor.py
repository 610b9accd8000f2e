"""`switchboard doctor`: looks at all that has to be right and says what is not."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import click
import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.prepare import prepared
from hub.core import logs
from hub.core.db import create_engine
from hub.core.settings import Settings, load
from hub.migrations.run import head

SECRET = re.compile(r"secret|token$|password")
ENOUGH_DISK = 1 << 30


class Check(msgspec.Struct, frozen=True):
    """One thing looked at. ok None: could not be told, which is no failure."""

    name: str
    ok: bool | None
    detail: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print settings and checks as JSON.")
def doctor(*, as_json: bool) -> None:
    """Check settings, database, schema, disk and Redis. Ends with 1 when something is wrong."""
    logs.configure(level="error", form="console")
    settings = load()
    with prepared(settings) as ready:
        checks = asyncio.run(_collected(ready))
    if as_json:
        report = {"settings": redacted(settings), "checks": [msgspec.structs.asdict(check) for check in checks]}
        click.echo(json.dumps(report, indent=2))
    else:
        _print(settings, checks)
    if any(check.ok is False for check in checks):
        raise click.exceptions.Exit(1)


def redacted(settings: Settings) -> dict[str, Any]:
    """The effective settings with every secret and password blanked."""
    shown: dict[str, Any] = {}
    for name, value in msgspec.structs.asdict(settings).items():
        if isinstance(value, str) and value and SECRET.search(name):
            shown[name] = "[set]"
        elif isinstance(value, str) and "://" in value:
            shown[name] = re.sub(r"//[^@/]*@", "//[redacted]@", value)
        else:
            shown[name] = value
    return shown


async def _collected(settings: Settings) -> list[Check]:
    return [check async for check in examine(settings)]


async def examine(settings: Settings) -> AsyncIterator[Check]:
    """Every check in turn; none of them changes anything."""
    yield _secret(settings)
    yield _disk(settings)
    engine = create_engine(settings.database_url, pool=1)
    try:
        async with engine.connect() as connection:
            version = str(await connection.scalar(text("SHOW server_version")))
            yield Check("database", int(version.partition(".")[0]) >= 15, f"PostgreSQL {version}")
            async for check in _inside(connection):
                yield check
    except Exception as error:  # a sick database is this command's answer, not its failure
        yield Check("database", False, f"{type(error).__name__}: {error}".splitlines()[0])
    finally:
        await engine.dispose()
    yield await _redis(settings)


async def _inside(connection: AsyncConnection) -> AsyncIterator[Check]:
    role = (await connection.execute(text(
        "SELECT current_user AS name, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ))).one()
    yield Check("role", not (role.rolsuper or role.rolbypassrls), f"works as {role.name}" + (
        ", which bypasses row-level security" if role.rolsuper or role.rolbypassrls else ""))
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        value = str(await connection.scalar(text("SELECT current_setting(:name)"), {"name": name}))
        yield Check(name, value != "off", value)
    revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    yield Check("schema", revision == head(), f"at {revision}" + ("" if revision == head() else f", needs {head()}"))
    await connection.execute(text("SELECT set_config('hub.across', 'on', true)"))
    wrong = await connection.scalar(_WRONG_HEADS)
    yield Check("conversation heads", wrong == 0, "newest 1000 agree with their events" if not wrong else
                f"{wrong} of the newest 1000 conversations do not agree with their events")
    waiting, dead, oldest = (await connection.execute(_OUTBOX)).one()
    late = oldest or 0
    yield Check("outbox", dead == 0 and late < 60, f"{waiting} waiting, {dead} dead, oldest due for {late:.0f} s")


_WRONG_HEADS = text("""
SELECT count(*) FROM (
  SELECT id, organization_id, head_seq FROM conversations ORDER BY last_activity_at DESC LIMIT 1000) c
WHERE c.head_seq <> (SELECT coalesce(max(e.seq), 0) FROM events e
  WHERE e.organization_id = c.organization_id AND e.conversation_id = c.id)
   OR c.head_seq <> (SELECT count(e.seq) FROM events e
  WHERE e.organization_id = c.organization_id AND e.conversation_id = c.id)
""")
_OUTBOX = text("""
SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'dead'),
  extract(epoch FROM now() - min(run_at) FILTER (WHERE state = 'waiting' AND run_at <= now()))::float
FROM outbox WHERE state <> 'done'
""")


def _secret(settings: Settings) -> Check:
    if len(set(settings.secret_key)) < 12:
        return Check("secret key", False, "HUB_SECRET_KEY is no random text; make one with: openssl rand -base64 48")
    return Check("secret key", True, f"{len(settings.secret_key.encode())} bytes")


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(settings.data_path).free
    return Check("disk", free >= ENOUGH_DISK, f"{free / (1 << 30):.1f} GiB free for {settings.data_path}")


async def _redis(settings: Settings) -> Check:
    if not settings.redis_url:
        return Check("redis", None, "not used: one process serves")
    from redis.asyncio import Redis

    client = Redis.from_url(settings.redis_url, socket_timeout=3, socket_connect_timeout=3)
    try:
        await client.ping()
        return Check("redis", True, urlsplit(settings.redis_url).hostname or "answers")
    except Exception as error:
        return Check("redis", False, f"{type(error).__name__}: {error}".splitlines()[0])
    finally:
        await client.aclose()


def _print(settings: Settings, checks: list[Check]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table("setting", "value", title="Settings", title_justify="left")
    for name, value in redacted(settings).items():
        table.add_row(f"HUB_{name.upper()}", "" if value is None else str(value))
    console.print(table)
    signs = {True: "[green]ok[/]", False: "[red]wrong[/]", None: "–"}
    table = Table("check", "", "", title="Checks", title_justify="left")
    for check in checks:
        table.add_row(check.name, signs[check.ok], check.detail)
    console.print(table)
