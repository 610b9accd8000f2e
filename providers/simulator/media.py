"""Media: bytes by id, the short-lived download addresses, and the kinds and sizes that Meta takes."""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from providers.simulator.errors import GraphError
from providers.simulator.journal import Journal

MEGABYTE = 1024 * 1024
# kind → (allowed MIME types, most bytes); a document may be anything that WhatsApp lists, here: anything.
ACCEPTED: dict[str, tuple[tuple[str, ...], int]] = {
    "image": (("image/jpeg", "image/png"), 5 * MEGABYTE),
    "sticker": (("image/webp",), MEGABYTE // 2),
    "audio": (("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"), 16 * MEGABYTE),
    "video": (("video/mp4", "video/3gpp"), 16 * MEGABYTE),
    "document": ((), 100 * MEGABYTE),
}
MOST_BYTES = 100 * MEGABYTE
MEMORY_BYTES = 256 * MEGABYTE


class Media(msgspec.Struct, kw_only=True):
    """What is known of a medium; `numbers` are the business numbers that may fetch it."""

    id: str
    mime: str
    size: int
    sha256: str
    filename: str = ""
    numbers: list[str] = []

    def digest64(self) -> str:
        """The digest as webhooks write it."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()


class Ticket(msgspec.Struct):
    """A download address: for one medium, one token holder, for a while."""

    media_id: str
    access_token: str
    expires: float


class MediaStore:
    """Media in a folder beside the journal, or in memory (then the oldest leave beyond 256 MB)."""

    def __init__(self, journal: Journal, *, folder: Path | None, now: Callable[[], float], url_seconds: float) -> None:
        self.rows = journal.table("media", Media, 20_000)
        self.rows.on_drop = self._forget
        self._folder = folder
        self._bytes: dict[str, bytes] = {}
        self._tickets: dict[str, Ticket] = {}
        self._now = now
        self._url_seconds = url_seconds

    async def add(self, content: bytes, *, mime: str, filename: str = "", numbers: list[str] | None = None) -> Media:
        """Keep `content`; the MIME type's parameters (codecs) stay."""
        media = Media(
            id=str(secrets.randbelow(9 * 10**14) + 10**14),
            mime=mime,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            filename=Path(filename).name[:240],
            numbers=numbers or [],
        )
        if self._folder is None:
            self._bytes[media.id] = content
            self._make_room()
        else:
            await asyncio.to_thread(_write, self._folder / media.id, content)
        return self.rows.put(media.id, media)

    async def read(self, media: Media) -> bytes | None:
        if self._folder is None:
            return self._bytes.get(media.id)
        path = self._folder / media.id
        return await asyncio.to_thread(path.read_bytes) if path.exists() else None

    def get(self, media_id: str, *, phone_number_id: str | None = None) -> Media | None:
        """The medium, when the number may see it."""
        media = self.rows.get(media_id)
        if media is None or (phone_number_id is not None and phone_number_id not in media.numbers):
            return None
        return media

    def share(self, media: Media, phone_number_id: str) -> None:
        """Let a number fetch the medium that a customer sent to it."""
        if phone_number_id not in media.numbers:
            media.numbers.append(phone_number_id)
            self.rows.put(media.id, media)

    def ticket(self, media: Media, access_token: str) -> str:
        """A new download token for `media`, good for five minutes and this access token only."""
        now = self._now()
        self._tickets = {token: t for token, t in self._tickets.items() if t.expires > now}
        token = secrets.token_urlsafe(24)
        self._tickets[token] = Ticket(media.id, access_token, now + self._url_seconds)
        return token

    def redeem(self, token: str, access_token: str) -> Media | None:
        """The medium behind a download token; None when it is over or somebody else's."""
        ticket = self._tickets.get(token)
        if ticket is None or ticket.expires <= self._now() or ticket.access_token != access_token:
            return None
        return self.rows.get(ticket.media_id)

    def _make_room(self) -> None:
        while len(self._bytes) > 1 and sum(map(len, self._bytes.values())) > MEMORY_BYTES:
            self.rows.drop(next(iter(self._bytes)))

    def _forget(self, media: Media) -> None:
        self._bytes.pop(media.id, None)
        if self._folder is not None:
            (self._folder / media.id).unlink(missing_ok=True)


def plain(mime: str) -> str:
    """`audio/ogg; codecs=opus` → `audio/ogg`."""
    return mime.partition(";")[0].strip().lower()


def kind_of(mime: str) -> str:
    """The message type that carries this MIME type."""
    return next((kind for kind, (types, _) in ACCEPTED.items() if plain(mime) in types), "document")


def check_upload(mime: str, size: int) -> None:
    """Raise 131053 for what Meta would not take."""
    most = ACCEPTED[kind_of(mime)][1]
    if size == 0:
        raise GraphError(131053, "The file is empty.")
    if "/" not in mime or plain(mime) == "application/octet-stream":
        raise GraphError(131053, f"Unsupported media type {mime[:60]!r}.")
    if size > most:
        raise GraphError(131053, f"The file is larger than the {most // 1024} KB that its type allows.")


def carries(kind: str, mime: str) -> bool:
    """Whether a message of `kind` can carry this MIME type."""
    types = ACCEPTED[kind][0]
    return not types or plain(mime) in types


def wire(kind: str, media: Media, given: dict[str, Any]) -> dict[str, Any]:
    """A medium inside a customer's message."""
    body: dict[str, Any] = {k: given[k] for k in ("caption",) if given.get(k)}
    if kind == "document":
        body["filename"] = str(given.get("filename") or media.filename or "document")
    body |= {"mime_type": media.mime, "sha256": media.digest64(), "id": media.id}
    if kind == "audio":
        body["voice"] = bool(given.get("voice", False))
    if kind == "sticker":
        body["animated"] = bool(given.get("animated", False))
    return body


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
