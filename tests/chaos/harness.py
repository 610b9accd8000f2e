"""The real server and the simulator as processes of their own, to be killed by their own process ids."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2

from tests.running import listener

ROOT = Path(__file__).parents[2]


class Process:
    """A child in its own session, started and killed by its own id."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self.arguments, self.environment, self.log = arguments, environment, log
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(
                [sys.executable, *self.arguments], cwd=ROOT, env=os.environ | self.environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(how)
            self._child.wait(20)

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


class Town:
    """One hub on the embedded profile and the outside world it talks to."""

    def __init__(self, folder: Path) -> None:
        sockets = listener(), listener()
        self.port, self.simulator_port = (made.getsockname()[1] for made in sockets)
        for made in sockets:
            made.close()
        self.url, self.simulator_url = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.simulator_port}"
        self.data = folder / "data"
        self.hub = Process(["-m", "api.cli", "serve"], {
            "HUB_ENVIRONMENT": "test", "HUB_PORT": str(self.port), "HUB_DATA_DIR": str(self.data),
            "HUB_SECRET_KEY": secrets.token_urlsafe(48), "HUB_SIMULATOR": "false",
            "HUB_WHATSAPP_GRAPH_URL": f"{self.simulator_url}/graph",
            "HUB_EGRESS_ALLOW": f"127.0.0.1:{self.simulator_port}", "HUB_LOG_LEVEL": "warning",
        }, folder / "hub.log")
        self.simulator = Process(
            ["-m", "providers.simulator", "--port", str(self.simulator_port), "--hub", self.url,
             "--state", str(folder / "simulator.jsonl")], {}, folder / "simulator.log",
        )

    async def start(self) -> None:
        self.simulator.start()
        await self._answers(self.simulator, f"{self.simulator_url}/health")
        await self.start_hub()

    async def start_hub(self) -> float:
        """Starts the hub; seconds until it served."""
        began = asyncio.get_running_loop().time()
        self.hub.start()
        await self._answers(self.hub, f"{self.url}/healthz")
        return asyncio.get_running_loop().time() - began

    def stop(self) -> None:
        for process in (self.hub, self.simulator):
            process.kill(signal.SIGTERM)
        for process in (self.hub, self.simulator):
            process.kill()

    async def _answers(self, process: Process, url: str) -> None:
        async with httpx2.AsyncClient(timeout=2) as client:
            for _ in range(600):
                try:
                    if (await client.get(url)).status_code == 200:
                        return
                except httpx2.HTTPError:
                    pass
                assert process.alive, process.tail()
                await asyncio.sleep(0.05)
        raise AssertionError(f"{url} did not answer:\n{process.tail()}")


async def patient(client: httpx2.AsyncClient, method: str, url: str, **more: Any) -> httpx2.Response:
    """Asks until somebody answers with anything but 5xx, as a provider or a browser would."""
    last: object = None
    for _ in range(800):
        try:
            answer = await client.request(method, url, **more)
            if answer.status_code < 500:
                return answer
            last = answer.text
        except httpx2.HTTPError as error:
            last = error
        await asyncio.sleep(0.05)
    raise AssertionError(f"{method} {url} was never answered, last {last!r}")
