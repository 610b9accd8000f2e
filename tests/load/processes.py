"""Processes of a run: started, measured and ended by their own ids."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A child process that serves on a port of loopback."""

    def __init__(
        self, name: str, command: Sequence[str], *, port: int, log: Path, environment: Mapping[str, str] | None = None,
        folder: Path = ROOT, user: int | None = None,
    ) -> None:
        self.name, self.command, self.port, self.log = name, list(command), port, log
        self._environment = {**os.environ, **(environment or {})}
        self._folder, self._user = folder, user
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    async def start(self, *, within: float = 30.0) -> None:
        """Starts it and waits until its port answers. Raises `RuntimeError` with the end of its log."""
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(
                self.command, cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, user=self._user,
            )
        deadline = asyncio.get_running_loop().time() + within
        while asyncio.get_running_loop().time() < deadline:
            if self._child.poll() is not None:
                break
            if _answers(self.port):
                return
            await asyncio.sleep(0.02)
        await self.stop()
        raise RuntimeError(f"{self.name} did not start:\n{self.tail()}")

    async def stop(self) -> None:
        """Ends it, politely first."""
        child, self._child = self._child, None
        if child is None or child.poll() is not None:
            return
        child.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(child.wait, 15)
        except subprocess.TimeoutExpired:
            child.kill()
            await asyncio.to_thread(child.wait)

    def cpu_seconds(self) -> float:
        """Processor time that it and its children have used."""
        return sum(_cpu_seconds(pid) for pid in self.family())

    def unique_bytes(self) -> int:
        """Memory that is its own and its children's (USS)."""
        return sum(_unique_bytes(pid) for pid in self.family())

    def family(self) -> list[int]:
        return [self.pid, *_descendants(self.pid)]

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def python(module: str, *arguments: object) -> list[str]:
    """A command that runs a module of this repository."""
    return [sys.executable, "-m", module, *(str(one) for one in arguments)]


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *_descendants(int(child))]
    return found


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _unique_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))
