"""schemathesis over the whole document: what it generates breaks nothing, and every answer is as documented.

The short form here; `python -m tests.api.conformance --examples 100` for the long one.
"""

from pathlib import Path

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.conformance import SHORT, conforms
from tests.api.furnishing import furnish
from tests.running import Stack, register

pytestmark = pytest.mark.timeout(300)


async def test_whatever_is_generated_from_the_document_is_answered_as_documented(
    running: Stack, client: httpx2.AsyncClient, running_engine: AsyncEngine, tmp_path: Path
) -> None:
    own = await furnish(running, client, await register(client, "Conformance"), running_engine)
    failed = await conforms(running, own, tmp_path, SHORT)
    assert failed is None, failed
