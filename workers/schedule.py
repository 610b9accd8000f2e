"""What a worker does by the clock, beside the outbox."""

from hub import maintenance
from hub.core.hub import Hub
from hub.core.supervise import Supervisor


def start(hub: Hub, supervisor: Supervisor) -> None:
    """Starts the timed work; any number of workers may do it side by side."""

    async def sweep() -> None:
        await maintenance.run(hub)

    supervisor.start("maintenance", sweep)
