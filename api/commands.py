"""The short commands: they open the hub, do one thing, print it and end."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import click
import msgspec
from sqlalchemy import select, text

from api.prepare import prepared
from hub.core import logs
from hub.core.access import system_actor
from hub.core.db import create_engine
from hub.core.hub import Hub
from hub.core.settings import Settings, load
from hub.core.tenancy import Scope
from hub.migrations.run import migrate as apply_migrations

T = TypeVar("T")


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema. Safe to run from several machines at once."""
    with prepared(_load()) as settings:
        click.echo(f"schema {asyncio.run(_migrate(settings))}")


async def _migrate(settings: Settings) -> str:
    engine = create_engine(settings.database_url, pool=1, role=None)
    try:
        return await apply_migrations(engine)
    finally:
        await engine.dispose()


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def seed(*, as_json: bool) -> None:
    """Fill in the demo organization; done twice, nothing doubles."""
    from api.seed import seed_demo

    report = _with_hub(seed_demo)
    if as_json:
        click.echo(msgspec.json.encode(report))
    else:
        click.echo(f"Sign in as {report.email} with the password {report.password}")


@click.command()
@click.argument("email")
@click.option("--organization", help="Slug of the organization, when the address is known in several.")
def token(*, email: str, organization: str | None) -> None:
    """Print an access token for the user with this e-mail address. It ends after HUB_ACCESS_TOKEN_MINUTES."""
    click.echo(_with_hub(lambda hub: _token(hub, email.strip().lower(), organization)))


async def _token(hub: Hub, email: str, organization: str | None) -> str:
    from hub.accounts import sessions
    from hub.accounts.models import Organization, User

    statement = (
        select(User)
        .join(Organization, Organization.id == User.organization_id)
        .where(User.email == email, User.deleted_at.is_(None), User.is_active)
    )
    if organization:
        statement = statement.where(Organization.slug == organization)
    async with hub.database.transaction(Scope.across("command line token")) as session:
        found = (await session.scalars(statement)).all()
    if not found:
        raise click.ClickException("There is no active user with this address.")
    if len(found) > 1:
        raise click.ClickException("Several organizations know this address; name one with --organization.")
    async with hub.work(system_actor(found[0].organization_id, "command line")) as work:
        grant = await sessions.start(work, found[0], device=sessions.Device(user_agent="switchboard token"))
    return grant.access_token


@click.group()
def keys() -> None:
    """Look after the keys that seal credentials."""


@keys.command()
def rotate() -> None:
    """Seal again with HUB_SECRET_KEY what a key in HUB_OLD_SECRET_KEYS sealed; then the old key can go."""
    click.echo(f"{_with_hub(_rotate)} channels sealed again")


async def _rotate(hub: Hub) -> int:
    from hub.accounts.models import Organization
    from hub.channels.actions import reseal

    async with hub.database.transaction(Scope.across("key rotation")) as session:
        organization_ids = (await session.scalars(select(Organization.id))).all()
    count = 0
    for organization_id in organization_ids:
        async with hub.work(system_actor(organization_id, "key rotation")) as work:
            count += await reseal(work)
    return count


@click.command()
def restored() -> None:
    """Say that the data was put back from a copy, so that clients load everything anew. Run it before `serve`."""
    with prepared(_load()) as settings:
        asyncio.run(_renew_epoch(settings))
    click.echo("clients will load everything anew")


async def _renew_epoch(settings: Settings) -> None:
    engine = create_engine(settings.database_url, pool=1, role=None)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE installation SET epoch = gen_random_uuid()"))
    finally:
        await engine.dispose()


@click.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from api.app import create_app

    settings = msgspec.structs.replace(_load(), database_url="postgresql://", secret_key="0" * 32)
    click.echo(json.dumps(create_app(settings).openapi_schema.to_schema(), indent=2, ensure_ascii=False))


@click.command()
def asyncapi() -> None:
    """Print the AsyncAPI document of the live socket."""
    from api.app import VERSION
    from api.live.asyncapi import document

    click.echo(json.dumps(document(VERSION), indent=2, ensure_ascii=False))


@click.command()
def version() -> None:
    """Print the version."""
    from api.app import VERSION

    click.echo(VERSION)


def _load() -> Settings:
    settings = load()
    logs.configure(level="warning" if settings.log_level == "info" else settings.log_level, form=settings.log_format)
    return settings


def _with_hub(act: Callable[[Hub], Coroutine[Any, Any, T]]) -> T:
    async def run(settings: Settings) -> T:
        from api.app import open_hub

        async with open_hub(settings) as hub:
            return await act(hub)

    with prepared(_load()) as settings:
        return asyncio.run(run(settings))
