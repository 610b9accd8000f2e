"""What a file is, by its own bytes; what senders claim is not believed."""

import asyncio
import io
import re
import unicodedata
from pathlib import PurePosixPath

from hub.conversations.ports import FileStore
from hub.core.errors import invalid_field

HEAD = 4096
MAX_PIXELS = 50_000_000
INLINE = frozenset({
    "image/jpeg", "image/png", "image/gif", "image/webp", "audio/ogg", "audio/mpeg", "audio/mp4", "audio/wav",
    "audio/webm", "audio/aac", "audio/amr", "video/mp4", "video/webm", "video/3gpp",
})
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"#!AMR", "audio/amr"),
    (4, b"ftyp3gp", "video/3gpp"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"%PDF-", "application/pdf"),
)
_ZIPPED = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_TEXTS = {".csv": "text/csv", ".txt": "text/plain"}


def mime(head: bytes, name: str) -> str:
    """The media type; `application/octet-stream` for what we do not know, which is only ever offered for download."""
    for offset, magic, found in _SIGNATURES:
        if head[offset : offset + len(magic)] == magic:
            return found
    suffix = PurePosixPath(name).suffix.lower()
    if head[:4] == b"\x1aE\xdf\xa3":
        return "audio/webm" if b"A_OPUS" in head and b"V_VP" not in head else "video/webm"
    if head[:4] == b"PK\x03\x04":
        return _ZIPPED.get(suffix, "application/zip")
    if suffix in _TEXTS and b"\x00" not in head:
        return _TEXTS[suffix]
    return "application/octet-stream"


def kind_of(media_type: str) -> str:
    """The message kind that a file of this type makes."""
    family = media_type.split("/", maxsplit=1)[0]
    return family if family in ("image", "audio", "video") and media_type in INLINE else "document"


def safe_name(name: str, media_type: str) -> str:
    """A name fit to show and to save under: no path, no control or direction-changing characters."""
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join(char for char in unicodedata.normalize("NFC", last) if unicodedata.category(char)[0] != "C")
    return clean.strip(" .")[:150] or media_type.replace("/", ".")


async def measure(store: FileStore, key: str, media_type: str) -> tuple[int | None, int | None]:
    """Width and height of a picture in pixels, else nothing. Raises `Invalid` for broken or enormous pictures."""
    if not media_type.startswith("image/"):
        return None, None
    data = io.BytesIO()
    async for chunk in store.read(key):
        data.write(chunk)
    return await asyncio.to_thread(_measure, data)


def _measure(data: io.BytesIO) -> tuple[int, int]:
    from PIL import Image, UnidentifiedImageError  # loaded when it is needed: starting does not wait for it

    try:
        with Image.open(data, formats=("JPEG", "PNG", "GIF", "WEBP")) as picture:
            width, height = picture.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise invalid_field("/file", "picture_unreadable") from None
    if width * height > MAX_PIXELS:
        raise invalid_field("/file", "picture_too_large")
    return width, height
