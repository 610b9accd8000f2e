"""The simulator alone: `python -m providers.simulator --port 9000 --hub http://127.0.0.1:8000 --state FILE`."""

from pathlib import Path

import click
import msgspec
import uvicorn

from providers.simulator.config import NumberConfig, SimulatorConfig
from providers.simulator.simulator import create_simulator


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=9000, show_default=True)
@click.option("--hub", default="http://127.0.0.1:8000", show_default=True, help="Where webhooks go.")
@click.option("--state", default=None, help="Journal that survives a restart.")
@click.option("--smtp-port", default=2525, show_default=True, help="Port of the mail receiver; 0 takes any.")
@click.option("--numbers", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON list of numbers.")
def main(*, host: str, port: int, hub: str, state: str | None, smtp_port: int, numbers: Path | None) -> None:
    """Serve the phone, the Graph API and the mailbox until interrupted."""
    known = msgspec.json.decode(numbers.read_bytes(), type=list[NumberConfig]) if numbers else []
    config = SimulatorConfig(hub_url=hub, state_path=state, smtp_port=smtp_port, numbers=known)
    click.echo(f"phone  http://{host}:{port}/\nmail   http://{host}:{port}/mail   smtp {smtp_port}")
    uvicorn.run(create_simulator(config), host=host, port=port, log_level="warning", timeout_graceful_shutdown=3)


if __name__ == "__main__":
    main()
