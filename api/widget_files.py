"""The widget's scripts as they travel: without comments and indentation, under an address that names their content.

The loader, which hosts link to for ever, is asked for anew each time and carries the version; all other modules can
then be kept by browsers for a year.
"""

import hashlib
import re
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parent / "web"
FOLDER = "widget"
_HOME = b"'web/widget/'"  # where the loader finds the other modules, before the version is put in
_WORTHLESS = re.compile(
    rb"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*)?(?:\n|\Z)|^[ \t]+"
    rb"|(?<=[;,{}()\]]) +// [^\n'\"`]*$",  # with no quote in it, so it ends no string that began before
    re.M,
)


def lean(script: bytes) -> bytes:
    """The script without comments that stand alone or after a statement, and without the space before each line.

    Our templates do not mind: htm ignores white space that holds a line break, and so does CSS.
    """
    return _WORTHLESS.sub(b"", script)


def loader(script: bytes) -> bytes:
    """The loader, told where its modules are."""
    return script.replace(_HOME, f"'web/{version()}/{FOLDER}/'".encode(), 1)


def version() -> str:
    """`v-` and a digest of every file that the widget may load."""
    files = sorted(path for folder in (FOLDER, "vendor") for path in (ROOT / folder).rglob("*.js"))
    return _version(tuple((path, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=4)
def _version(files: tuple[tuple[Path, int], ...]) -> str:
    digest = hashlib.sha256()
    for path, _ in files:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return "v-" + digest.hexdigest()[:16]
