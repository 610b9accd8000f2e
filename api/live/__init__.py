"""The live feed: one WebSocket for each tab, and the ticket that opens it."""

from typing import Any

from api.live.asyncapi import asyncapi
from api.live.socket import issue_ticket, live

HANDLERS: list[Any] = [live, issue_ticket, asyncapi]
