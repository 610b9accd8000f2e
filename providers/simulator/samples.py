"""Small media made on the spot: a picture and a voice note, for bursts, tests and a desk without a microphone."""

import struct
import zlib

from providers.simulator.ogg import opus_file


def picture(index: int = 0, size: int = 96) -> bytes:
    """A PNG of `size` by `size` pixels with a gradient that differs by `index`."""
    rows = bytearray()
    for y in range(size):
        rows.append(0)
        for x in range(size):
            rows += bytes(((x * 2 + index * 40) % 256, (y * 2 + index * 70) % 256, (120 + index * 30) % 256))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def voice_note(seconds: float = 2.0) -> bytes:
    """A silent Ogg Opus file, mono, 20 ms a packet."""
    silence = b"\xf8\xff\xfe"
    return opus_file([silence] * max(1, round(seconds * 50)))
