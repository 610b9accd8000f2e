"""An organization, and a website with the widget on it."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from playwright.async_api import Browser

from tests.running import Person, Stack, register
from tests.web.visits import Shop, Visit, arrive, browsing, open_shop


@pytest.fixture
async def owner(client: httpx2.AsyncClient) -> Person:
    """A new organization's."""
    return await register(client)


@pytest.fixture
async def shop(running: Stack, owner: Person) -> AsyncIterator[Shop]:
    """A customer's website with the widget on it."""
    async with open_shop(running, owner) as made:
        yield made


@pytest.fixture
async def visit(browser: Browser, shop: Shop) -> AsyncIterator[Visit]:
    """A visitor's tab on it, which has nothing to complain of at the end."""
    async with browsing(browser) as context:
        made = await arrive(context, shop)
        yield made
        assert made.troubles == []
