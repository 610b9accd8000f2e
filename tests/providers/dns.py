"""A name server on loopback that speaks real DNS over UDP (RFC 1035), whose answers a test scripts, and a resolver that
asks it; for names that mean one address when they are checked and another when they are used."""

import asyncio
import ipaddress
import secrets
import socket
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

A, AAAA = 1, 28
NAME_ERROR = 3


class NameServer(asyncio.DatagramProtocol):
    """`answers`: name → the sets of addresses given one after the other, the last again and again."""

    def __init__(self, answers: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self.answers = {name: list(sets) for name, sets in answers.items()}
        self.asked: list[str] = []
        self.port = 0
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, end = _name(data, 12)
        (kind,) = struct.unpack_from(">H", data, end)
        self.asked.append(name)
        sets = self.answers.get(name)
        if sets is None:
            self._transport.sendto(data[:2] + struct.pack(">HHHHH", 0x8180 | NAME_ERROR, 1, 0, 0, 0) + data[12:], addr)
            return
        given = sets.pop(0) if len(sets) > 1 else sets[0]
        found = [ipaddress.ip_address(one).packed for one in given]
        records = b"".join(
            b"\xc0\x0c" + struct.pack(">HHIH", A if len(packed) == 4 else AAAA, 1, 0, len(packed)) + packed
            for packed in found
        )
        head = data[:2] + struct.pack(">HHHHH", 0x8180, 1, len(found), 0, 0)
        self._transport.sendto(head + data[12:end + 4] + records, addr)
        assert kind in (A, AAAA)

    async def resolve(self, host: str, port: int) -> list[str]:
        """Asks the server as a stub resolver does; names that are numbers are read as the system reads them."""
        try:
            return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM,
                                                                     flags=socket.AI_NUMERICHOST)]
        except OSError:
            return await self._query(host.rstrip("."))

    async def _query(self, host: str) -> list[str]:
        loop = asyncio.get_running_loop()
        wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        wire.setblocking(False)
        try:
            await loop.sock_connect(wire, ("127.0.0.1", self.port))
            labels = b"".join(bytes([len(part)]) + part.encode("idna") for part in host.split("."))
            asked = secrets.token_bytes(2) + struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + labels
            await loop.sock_sendall(wire, asked + b"\0" + struct.pack(">HH", A, 1))
            return _addresses(await loop.sock_recv(wire, 4096))
        finally:
            wire.close()


def _name(data: bytes, at: int) -> tuple[str, int]:
    parts = []
    while (size := data[at]) != 0:
        parts.append(data[at + 1:at + 1 + size].decode("ascii"))
        at += 1 + size
    return ".".join(parts).lower(), at + 1


def _addresses(answer: bytes) -> list[str]:
    _, flags, _, count, _, _ = struct.unpack_from(">HHHHHH", answer)
    if flags & 0xF:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    _, at = _name(answer, 12)
    at += 4
    found = []
    for _ in range(count):
        (size,) = struct.unpack_from(">H", answer, at + 10)
        found.append(str(ipaddress.ip_address(answer[at + 12:at + 12 + size])))
        at += 12 + size
    return found


@asynccontextmanager
async def name_server(answers: Mapping[str, Sequence[Sequence[str]]]) -> AsyncIterator[NameServer]:
    made = NameServer(answers)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: made, ("127.0.0.1", 0))
    made.port = transport.get_extra_info("sockname")[1]
    try:
        yield made
    finally:
        transport.close()
