"""Every kind of job, with a payload that names another organization's things: nothing is read, written or sent."""

import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core import outbox
from hub.reactions import JOBS
from tests.api.furnishing import Furnished
from tests.api.tenancy.test_routes import rows_of
from tests.api.tenancy.watching import Watch
from tests.running import Stack

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
async def payloads(owned: Furnished, running_engine: AsyncEngine) -> Mapping[str, Any]:
    """A real payload of each job, as furnishing the organization left them."""
    async with running_engine.begin() as connection:
        await connection.execute(text("SELECT set_config('hub.across', 'on', true)"))
        rows = await connection.execute(text(
            "SELECT DISTINCT ON (job) job, payload FROM outbox WHERE organization_id = :org ORDER BY job, position"
        ), {"org": owned.owner.organization_id})
        return {row.job: row.payload for row in rows}


class Runner:
    """Runs a job in an organization as the outbox does, and tells what came of it."""

    def __init__(self, running: Stack, engine: AsyncEngine, organization_id: str) -> None:
        self.hub, self.engine, self.organization_id = running.hub, engine, UUID(organization_id)

    async def __call__(self, name: str, payload: Any) -> tuple[str, str]:
        """The outcome and the reason that is kept with the row."""
        row_id, token = uuid4(), uuid4()
        async with self.engine.begin() as connection:
            await connection.execute(text("SELECT set_config('hub.across', 'on', true)"))
            await connection.execute(text(
                "INSERT INTO outbox (id, organization_id, job, key, payload, state, attempts, run_at, created_at, "
                "lease_until, lease_token) VALUES (:id, :org, :job, :key, CAST(:payload AS jsonb), 'running', 1, "
                "now(), now(), now() + interval '5 minutes', :token)"
            ), {"id": row_id, "org": self.organization_id, "job": name, "key": str(row_id),
                "payload": json.dumps(payload), "token": token})
        job = outbox.Job(id=row_id, organization_id=self.organization_id, name=name, payload=payload, attempt=1,
                         lease_token=token)
        outcome = await outbox.run(self.hub, job, JOBS[name])
        async with self.engine.begin() as connection:
            await connection.execute(text("SELECT set_config('hub.across', 'on', true)"))
            said = await connection.scalar(text("SELECT last_error FROM outbox WHERE id = :id"), {"id": row_id})
        return outcome, _ID.sub("ID", said or "")


@pytest.mark.parametrize("name", sorted(JOBS))
async def test_a_job_does_nothing_with_what_is_not_its_organizations(
    name: str, running: Stack, client: httpx2.AsyncClient, running_engine: AsyncEngine, owned: Furnished,
    other: Furnished, payloads: Mapping[str, Any], watch: Watch,
) -> None:
    assert name in payloads, "let tests/api/furnishing.py bring this job about"
    run = Runner(running, running_engine, other.owner.organization_id)
    before = await rows_of(running_engine, owned.owner.organization_id), await outside(running, client, owned)
    missing = json.loads(_ID.sub(lambda _: str(uuid4()), json.dumps(payloads[name])))
    foreign, absent = await run(name, payloads[name]), await run(name, missing)
    watch.cells += 2
    assert foreign == absent
    after = await rows_of(running_engine, owned.owner.organization_id), await outside(running, client, owned)
    assert after == before


async def outside(running: Stack, client: httpx2.AsyncClient, owned: Furnished) -> tuple[int, str]:
    """What the outer world has had of this organization: mails, and what its customers' phones show."""
    mails = [one for one in (await client.get(f"{running.simulator_url}/mail.json")).json() if owned.canary in str(one)]
    phones = (await client.get(f"{running.simulator_url}/phones?limit=500")).json()
    return len(mails), json.dumps([one for one in phones if one["name"] == owned.canary], sort_keys=True)
