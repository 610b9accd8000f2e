"""A customer's thread, open in the owner's browser."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.running import Person, Stack, WhatsAppLine, colleague, connect_whatsapp
from tests.web.pages import Troubles, open_conversation, sign_in, visiting
from tests.web.phone import Phone


@pytest.fixture
async def agent(client: httpx2.AsyncClient, owner: Person) -> Person:
    return await colleague(client, owner, "agent", name="Second Agent")


@pytest.fixture
async def line(running: Stack, client: httpx2.AsyncClient, owner: Person) -> WhatsAppLine:
    return await connect_whatsapp(running, client, owner)


@pytest.fixture
async def phone(client: httpx2.AsyncClient, line: WhatsAppLine) -> Phone:
    made = Phone(client, line, "Thread Customer")
    await made.write("Hello, is anybody there?")
    return made


@pytest.fixture
async def desk(browser: Browser, running: Stack, owner: Person) -> AsyncIterator[BrowserContext]:
    """The owner's browser; whatever its pages complain of fails the test."""
    troubles = Troubles()
    async with visiting(browser) as context:
        await context.grant_permissions(["microphone", "clipboard-read", "clipboard-write"], origin=running.url)
        context.on("page", troubles.watch)
        yield context
    assert troubles == []


@pytest.fixture
async def page(desk: BrowserContext, running: Stack, owner: Person, phone: Phone) -> Page:
    """The owner with the customer's conversation open."""
    made = await desk.new_page()
    await sign_in(made, running.url, owner)
    await open_conversation(made, phone.name)
    return made
