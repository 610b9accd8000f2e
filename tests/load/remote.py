"""A load generator in a process of its own, so that making load and serving it do not wait for each other.

The parent calls methods of the module's `Generator` by lines of JSON; the child answers each with one line.
"""

import asyncio
import base64
import importlib
import json
import os
import resource
import sys
import traceback
from typing import Any, Self

import uvloop

from tests.load.processes import ROOT

_LINE = 2**28


class Remote:
    """The parent's end. `async with Remote("tests.load.generators.http") as load: await load.closed(port=…)`."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.load.remote", self._module, cwd=ROOT, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, limit=_LINE,
        )
        return self

    async def __aexit__(self, *_exc: object) -> None:
        assert self._process is not None
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def __getattr__(self, name: str) -> Any:
        async def call(**arguments: Any) -> Any:
            assert self._process is not None
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps([name, arguments]).encode() + b"\n")
            await self._process.stdin.drain()
            line = await self._process.stdout.readline()
            if not line:
                raise RuntimeError(f"{self._module} ended while doing {name}")
            answer = json.loads(line)
            if "error" in answer:
                raise RuntimeError(f"{self._module}.{name}:\n{answer['error']}")
            return answer["value"]

        return call


async def _obey(module: str) -> None:
    generator = importlib.import_module(module).Generator()
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        name, arguments = json.loads(line)
        try:
            answer: dict[str, Any] = {"value": await getattr(generator, name)(**arguments)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def room_for_sockets() -> None:
    """As many open files as the machine lets this process have."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def key() -> bytes:
    """A fresh WebSocket key."""
    return base64.b64encode(os.urandom(16))


if __name__ == "__main__":
    room_for_sockets()
    uvloop.run(_obey(sys.argv[1]))
