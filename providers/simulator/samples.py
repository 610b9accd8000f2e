"""Small media made on the spot, for bursts, tests and a desk without a microphone."""

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


def document() -> bytes:
    """A PDF of one empty page."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>",
    ]
    content = b"%PDF-1.4\n"
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer << /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(content)
    return content + b"xref\n0 4\n0000000000 65535 f \n" + table + tail
