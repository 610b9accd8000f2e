"""The console's files as they travel: without comments and indentation, under an address that names their content.

The page itself is asked for anew each time and carries the version; browsers may keep everything else for a year.
"""

import hashlib
import time
from pathlib import Path

from api.widget_files import lean

ROOT = Path(__file__).parent / "web"
FOLDERS = ("console", "shared", "vendor")
_LEAN = frozenset({".js", ".css"})
_LOOK_AGAIN = 1.0  # seconds; files change while somebody works on them, and never in an installed product


class Version:
    """`c-` and a digest of every file that the console may load; looked at again at most once a second."""

    def __init__(self) -> None:
        self._name = ""
        self._looked_at = 0.0
        self._seen: tuple[tuple[Path, int], ...] = ()

    def name(self) -> str:
        if not self._name or time.monotonic() - self._looked_at > _LOOK_AGAIN:
            self._looked_at = time.monotonic()
            paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())
            seen = tuple((path, path.stat().st_mtime_ns) for path in paths)
            if seen != self._seen:
                self._seen, self._name = seen, _digest(paths)
        return self._name


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return "c-" + digest.hexdigest()[:16]


version = Version().name


def travelling(path: Path, raw: bytes) -> bytes:
    """The file as browsers get it. What others made stays as it came."""
    own = path.suffix in _LEAN and path.relative_to(ROOT).parts[0] != "vendor"
    return lean(raw) if own else raw


def page(raw: bytes) -> bytes:
    """The console's page, told where its files are."""
    return raw.replace(b'"/web/', f'"/web/{version()}/'.encode())


def worker(raw: bytes) -> bytes:
    """The script that keeps the page for a time without a line: another one with each version."""
    return lean(raw).replace(b"{version}", version().encode())
