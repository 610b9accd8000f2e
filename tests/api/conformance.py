"""Runs schemathesis, as a process of its own, over the document of a running product.

    python -m tests.api.conformance [--examples N] [--seed S]

Users' routes are asked with an owner's token, visitors' with a visitor's. Left out is what would end the session that
asks. Ends with 1 when something was not as documented.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx2

from hub.core.db import create_engine
from providers.postgres import EmbeddedPostgres
from tests.api.furnishing import Furnished, furnish
from tests.databases import fresh_database
from tests.running import Stack, register, stack

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance", "negative_data_rejection", "ignored_auth", "use_after_free",
)
SHORT = ("--phases=fuzzing,stateful", "--max-examples=2", "--seed=1", "--no-shrink")
ENDS_SESSIONS = ("logout", "end_session", "set_user_password", "refresh_session", "delete_user", "change_user")


async def conforms(running: Stack, own: Furnished, folder: Path, options: Sequence[str]) -> str | None:
    """None when all is as documented, else what schemathesis says."""
    document = folder / "openapi.json"
    document.write_text(json.dumps(running.app.openapi_schema.to_schema()), "utf-8")
    said = []
    for wanted, token in (("exclude", f"Bearer {own.owner.token}"), ("include", f"Visitor {own.visitor_token}")):
        command = [
            sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "run", str(document), f"--url={running.url}",
            f"--header=Authorization: {token}", f"--{wanted}-path-regex=/widget/", f"--checks={','.join(CHECKS)}",
            "--exclude-path-regex=^/webhooks", "--generation-database=none", "--no-color", "--workers=1",
            "--suppress-health-check=all", *(f"--exclude-operation-id={name}" for name in ENDS_SESSIONS), *options,
        ]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await process.communicate()
        text = output.decode("utf-8", "replace")
        print(text[-20_000:])
        if process.returncode:
            said.append(text)
    return "\n".join(said) or None


async def long(options: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.start()
        try:
            url = await fresh_database(server.admin_url)
            engine = create_engine(url, pool=2, role=None)
            async with stack(url, Path(folder)) as running, httpx2.AsyncClient(base_url=running.url) as client:
                own = await furnish(running, client, await register(client, "Conformance"), engine)
                failed = await conforms(running, own, Path(folder), options)
            await engine.dispose()
        finally:
            server.stop()
    return 1 if failed else 0


def main() -> int:
    given = argparse.ArgumentParser(prog="python -m tests.api.conformance")
    given.add_argument("--examples", type=int, default=50)
    given.add_argument("--seed", type=int, default=1)
    chosen = given.parse_args()
    return asyncio.run(long((f"--max-examples={chosen.examples}", f"--seed={chosen.seed}", "--continue-on-failure")))


if __name__ == "__main__":
    sys.exit(main())
