"""The `switchboard` command: a table of what it can do; each command is loaded only when it is called."""

import errno
import os
import sys
from importlib import import_module
from pathlib import Path

import click

COMMANDS = {
    "serve": ("api.serve:serve", "Serve the API, the console and the widget."),
    "worker": ("workers.main:worker", "Do the outbox's work in a process of its own."),
    "migrate": ("api.commands:migrate", "Bring the database to the newest schema."),
    "seed": ("api.commands:seed", "Fill in the demo organization; done twice, nothing doubles."),
    "doctor": ("api.doctor:doctor", "Check settings, database, schema, disk and Redis."),
    "token": ("api.commands:token", "Print an access token for a user."),
    "keys": ("api.commands:keys", "Look after the keys that seal credentials."),
    "restored": ("api.commands:restored", "Say that the data was put back from a copy, before serving it."),
    "openapi": ("api.commands:openapi", "Print the OpenAPI document."),
    "asyncapi": ("api.commands:asyncapi", "Print the AsyncAPI document of the live socket."),
    "version": ("api.commands:version", "Print the version."),
}


class Loading(click.Group):
    """A group whose commands are imported by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=Loading, name="switchboard", context_settings={"help_option_names": ["-h", "--help"]})
def switchboard() -> None:
    """A messaging and contact-center hub.

    Settings come from the environment with the prefix HUB_; .env.example lists them all.
    """


def main() -> None:
    """Runs a command; what is in the way on this machine is said in a sentence, without a traceback."""
    read_env_file(Path(".env"))
    try:
        switchboard(prog_name="switchboard")
    except Exception as error:
        if (text := explained(error)) is None:
            raise
        click.echo(f"\n{text}", err=True)
        sys.exit(1)


def read_env_file(path: Path) -> None:
    """Takes settings from a file of `NAME=value` lines, for development; what the environment has already stays."""
    if os.environ.get("HUB_ENVIRONMENT") == "production" or not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


DISK_FULL = "The disk is full. Free some space, or point HUB_DATA_DIR at a folder on another disk, and start again."


def explained(error: BaseException) -> str | None:
    """What an error of the machine or of the set-up means; None when it is a fault of ours."""
    seen: BaseException | None = error
    while seen is not None:
        if text := _explained(seen):
            return text
        seen = getattr(seen, "orig", None) or seen.__cause__ or seen.__context__
    return None


def _explained(error: BaseException) -> str | None:
    if type(error).__name__ in ("SettingsError", "EmbeddedError", "FolderError"):
        return str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    code = str(getattr(error, "sqlstate", None) or "")
    if code == "53100":
        return DISK_FULL
    if code.startswith("28") or code == "3D000":
        return f"The database refuses: {error}. Check the user, password and name in HUB_DATABASE_URL."
    if code == "42501":
        return (
            f"The database refuses: {error}. The user in HUB_DATABASE_URL owns the tables and must be allowed to "
            "create roles for the first migration; docs/operations.md says how to prepare it."
        )
    if isinstance(error, ConnectionError | TimeoutError) or type(error).__name__ == "gaierror":
        return f"The database does not answer ({error or 'in time'}). Check HUB_DATABASE_URL and that it runs."
    return None


if __name__ == "__main__":
    main()
