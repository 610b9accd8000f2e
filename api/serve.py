"""`switchboard serve`: the database first, everything else beside it, and all of it ended again together."""

import asyncio
import contextlib
import errno
import gc
import logging
import signal
import socket
import sys
import threading
import time
from importlib import import_module
from typing import Any

import click
import msgspec

from api.prepare import prepared
from hub.core import logs
from hub.core.settings import load

BACKLOG = 2048
_LATER = ("phonenumbers", "PIL.Image")
_SERVED_BY_THEN = 2.0  # seconds after all else is loaded


@click.command()
@click.option("--host", help="Address to listen on; HUB_HOST otherwise.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on, 0 for any; HUB_PORT otherwise.")
@click.option("--migrate/--no-migrate", default=None, help="Bring the schema up to date first; off in production.")
@click.option("--seed/--no-seed", default=None, help="Fill in the demo organization; on in the demo.")
def serve(*, host: str | None, port: int | None, migrate: bool | None, seed: bool | None) -> None:
    """Serve the API, the console and the widget until interrupted.

    Without HUB_DATABASE_URL a PostgreSQL of its own runs in the data folder. Without HUB_REDIS_URL this one process
    also does the outbox's work.
    """
    gc.disable()  # until all is loaded: nothing of it is garbage (`api/app.py` enables it again)
    settings = load()
    logs.configure(level=settings.log_level, form=settings.log_format)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    listener = listen(host or settings.host, settings.port if port is None else port)
    bound = listener.getsockname()[1]
    settings = msgspec.structs.replace(settings, host=host or settings.host, port=bound)
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_load, daemon=True).start()
    with contextlib.closing(listener), prepared(settings, serving=True) as ready:
        try:
            from api.serving import run

            _run(run(
                ready, listener, alone=not settings.database_url,
                migrate=settings.environment != "production" if migrate is None else migrate,
                seed=settings.environment == "demo" if seed is None else seed,
            ))
        except KeyboardInterrupt:
            pass
        finally:  # from here on the database is being closed: a second Ctrl-C must not cut that short
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _load() -> None:
    """Loads what is served while PostgreSQL starts, and a moment later what only some requests need, so that none of
    them waits for it. What cannot be loaded is said when it is needed."""
    with contextlib.suppress(Exception):
        import_module("api.serving")
    time.sleep(_SERVED_BY_THEN)
    for name in _LATER:
        with contextlib.suppress(Exception):
            import_module(name)


def _leave(_signal: int, _frame: object) -> None:
    sys.exit(0)


def _run(main: Any) -> None:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, taken before anything is started for it. Raises `click.ClickException` when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            reason = f"Port {port} on {host} is taken by another program. Choose another one, like HUB_PORT={port + 1}."
        elif error.errno == errno.EACCES:
            reason = f"Port {port} is reserved for the system administrator. Choose another one, like HUB_PORT=8000."
        else:
            reason = f"Cannot listen on {host}, port {port}: {error.strerror}. Check HUB_HOST."
        raise click.ClickException(reason) from None
    return listener
