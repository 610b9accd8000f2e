"""Voice notes as WhatsApp has them: Opus packets in an Ogg file, also taken out of a browser's WebM recording.

Sources: RFC 3533 (Ogg), RFC 7845 (Opus in Ogg), the Matroska element ids.
"""

import struct
from collections.abc import Iterator

_POLYNOMIAL = 0x04C11DB7
SEGMENT, CLUSTER, SIMPLE_BLOCK, BLOCK_GROUP, BLOCK, CODEC_PRIVATE = 0x18538067, 0x1F43B675, 0xA3, 0xA0, 0xA1, 0x63A2
TRACKS, TRACK_ENTRY = 0x1654AE6B, 0xAE
_MASTERS = {SEGMENT, CLUSTER, BLOCK_GROUP, TRACKS, TRACK_ENTRY}
DEFAULT_HEAD = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)


def opus_file(packets: list[bytes], head: bytes = DEFAULT_HEAD) -> bytes:
    """An Ogg Opus file of these packets."""
    tags = b"OpusTags" + struct.pack("<I", 9) + b"simulator" + struct.pack("<I", 0)
    pages = [_page([head], number=0, granule=0, flags=2), _page([tags], number=1, granule=0, flags=0)]
    granule = 0
    groups = _groups(packets)
    for index, group in enumerate(groups):
        granule += sum(map(_samples, group))
        last = index == len(groups) - 1
        pages.append(_page(group, number=index + 2, granule=granule, flags=4 if last else 0))
    return b"".join(pages)


def from_webm(content: bytes) -> bytes | None:
    """The Opus track of a WebM recording as an Ogg file; None when there is none to be found."""
    head, packets = DEFAULT_HEAD, []
    for element, body in _elements(content):
        if element == CODEC_PRIVATE and body.startswith(b"OpusHead"):
            head = body
        elif element in (SIMPLE_BLOCK, BLOCK) and len(body) > 4:
            # Track number (one byte for track 1), two bytes of time, flags; recordings do not lace.
            packets.append(body[4:])
    return opus_file(packets, head) if packets else None


def _elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Every element, going into masters; sizes may be unknown, as in a live recording."""
    at = 0
    while at < len(content):
        ident, at = _number(content, at, keep_marker=True)
        size, after = _number(content, at, keep_marker=False)
        if ident is None or size is None:
            return
        at = after
        if ident in _MASTERS:
            continue
        yield ident, content[at : at + size]
        at += size


def _number(content: bytes, at: int, *, keep_marker: bool) -> tuple[int | None, int]:
    if at >= len(content) or content[at] == 0:
        return None, at
    length = 9 - content[at].bit_length()
    value = int.from_bytes(content[at : at + length], "big")
    if not keep_marker:
        value &= (1 << (7 * length)) - 1
    return value, at + length


def _samples(packet: bytes) -> int:
    """The length of a packet at 48 kHz, from its first byte (RFC 6716, section 3.1)."""
    if not packet:
        return 0
    config = packet[0] >> 3
    if config < 12:
        frame = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        frame = (480, 960)[config & 1]
    else:
        frame = (120, 240, 480, 960)[config & 3]
    code = packet[0] & 3
    frames = 1 if code == 0 else 2 if code < 3 else (packet[1] & 63 if len(packet) > 1 else 0)
    return frame * frames


def _groups(packets: list[bytes]) -> list[list[bytes]]:
    """Packets by page: at most a second of sound and 255 lacing values."""
    groups: list[list[bytes]] = []
    room = 0
    for packet in packets:
        need = len(packet) // 255 + 1
        if need > 255:
            continue
        if need > room or len(groups[-1]) == 50:
            groups.append([])
            room = 255
        groups[-1].append(packet)
        room -= need
    return groups


def _page(packets: list[bytes], *, number: int, granule: int, flags: int) -> bytes:
    lacing = b"".join(b"\xff" * (len(p) // 255) + bytes([len(p) % 255]) for p in packets)
    header = struct.pack("<4sBBqIII", b"OggS", 0, flags, granule, 1, number, 0) + bytes([len(lacing)]) + lacing
    page = bytearray(header + b"".join(packets))
    page[22:26] = struct.pack("<I", _crc(bytes(page)))
    return bytes(page)


def _crc(content: bytes) -> int:
    crc = 0
    for byte in content:
        crc = (crc << 8) & 0xFFFFFFFF ^ _TABLE[(crc >> 24) ^ byte]
    return crc


def _table() -> list[int]:
    table = []
    for index in range(256):
        value = index << 24
        for _ in range(8):
            value = (value << 1) ^ _POLYNOMIAL if value & 0x80000000 else value << 1
        table.append(value & 0xFFFFFFFF)
    return table


_TABLE = _table()
