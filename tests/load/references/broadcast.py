"""The `websockets` library's own `broadcast()`: what one says goes to all, padded to the length asked for."""

import asyncio
import sys

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from tests.load.remote import room_for_sockets


async def main(port: int, length: int) -> None:
    everybody: set[ServerConnection] = set()

    async def one(connection: ServerConnection) -> None:
        everybody.add(connection)
        try:
            async for message in connection:
                assert isinstance(message, str)
                broadcast(everybody, message.ljust(length))
        finally:
            everybody.discard(connection)

    async with serve(one, "127.0.0.1", port, compression=None, ping_interval=None, backlog=2048):
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    room_for_sockets()
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))
