"""What has to stand before the hub does: a data folder, a secret key, and PostgreSQL unless a server was named."""

import contextlib
import threading
from collections.abc import Iterator

import click
import msgspec

from hub.core.settings import Settings
from providers import data_folder
from providers.postgres import EmbeddedPostgres


@contextlib.contextmanager
def prepared(settings: Settings, *, serving: bool = False) -> Iterator[Settings]:
    """Settings that name a running database and a secret key, for as long as the block runs.

    With the embedded database only one process may serve; the short commands join it while it runs. Raises
    `FolderError`, `SettingsError`, `EmbeddedError`, and `click.ClickException` when the folder is taken.
    """
    data_folder.make(settings.data_path)
    settings = data_folder.with_secret(settings)
    if settings.database_url:
        yield settings
        return
    server = EmbeddedPostgres(settings.data_path / "postgres")
    with data_folder.claimed(settings.data_path) as other:
        if other is None:
            stopping = threading.Event()
            keeper = threading.Thread(target=server.keep, args=(stopping,), name="postgres-keeper", daemon=True)
            try:
                server.start()
                keeper.start()
                yield msgspec.structs.replace(settings, database_url=server.url)
            finally:
                stopping.set()
                if keeper.is_alive():
                    keeper.join()
                server.stop()
        elif serving:
            raise click.ClickException(
                f"Another switchboard (process {other or 'unknown'}) works with {settings.data_path} already. Stop it, "
                "or point HUB_DATA_DIR at another folder and HUB_PORT at another port."
            )
        elif url := server.running_url():
            yield msgspec.structs.replace(settings, database_url=url)
        else:
            raise click.ClickException("Another switchboard is starting or stopping just now. Try again in a moment.")
