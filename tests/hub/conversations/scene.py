"""A conversation in the memory of one process, while another one is at work on it, too."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from hub.channels.models import Channel
from hub.core.access import Actor
from hub.core.metrics import ATTEMPTS
from tests.hub.conversations.floor import Floor, sender, word

CARLA = sender()


def made(outcome: str) -> float:
    return float(ATTEMPTS.labels(outcome)._value.get())


class Scene:
    """A conversation that somebody has, with a tag and a department, and a process that remembers it."""

    def __init__(self, floor: Floor, elsewhere: Floor, line: Channel, ana: Actor) -> None:
        self.floor, self.elsewhere, self.line, self.ana = floor, elsewhere, line, ana
        self.id = UUID(int=0)

    async def hear(self, said: str = "Hello") -> dict[str, Any]:
        """Carla writes to the process that remembers her; the row that screens are shown."""
        await self.floor.take(self.floor.heard(self.line, word(said, at=self.floor.hub.clock.now(), sender=CARLA)))
        await self.floor.run()
        row: dict[str, Any] = msgspec.json.decode(self.floor.ear.of(self.id)[-1].row)["row"]
        return row

    async def sql(self, statement: str, **values: Any) -> None:
        async with self.floor.session() as session:
            await session.execute(text(statement), {"org": self.floor.organization_id, **values})
