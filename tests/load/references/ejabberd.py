"""ejabberd with its archive in PostgreSQL: Debian's package, run in the foreground from a folder of the run's own."""

import asyncio
import os
import pwd
import shutil
from pathlib import Path

from tests.load.processes import Server

PORT = 15224
_CONFIG = """
hosts: [localhost]
loglevel: warning
listen:
  - port: {port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 262144
    starttls: false
    shaper: none
    access: all
auth_method: anonymous
anonymous_protocol: sasl_anon
allow_multiple_connections: true
sql_type: pgsql
sql_server: "{address}"
sql_port: 5432
sql_username: {user}
sql_password: unused
sql_database: {database}
sql_pool_size: 16
default_db: mnesia
modules:
  mod_disco: {{}}
  mod_mam:
    db_type: sql
    default: never
    clear_archive_on_room_destroy: false
  mod_muc:
    access: all
    access_create: all
    access_mam: all
    min_message_interval: 0
    user_message_shaper: none
    room_shaper: none
    history_size: 0
    max_users: 500
    default_room_options:
      mam: true
      persistent: false
      allow_subscription: false
"""


def installed() -> Path | None:
    """The folder of its programs, None when it is not on this machine."""
    if shutil.which("erl") is None:
        return None
    return max(Path("/usr/lib").glob("*/ejabberd-*/ebin"), default=None)


def server(folder: Path, programs: Path, *, address: str, user: str, database: str) -> Server:
    """Ready to be started; `folder` is made for it."""
    for name in ("spool", "log"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    config = folder / "ejabberd.yml"
    config.write_text(_CONFIG.format(port=PORT, address=address, user=user, database=database))
    owner = pwd.getpwnam("ejabberd") if os.geteuid() == 0 else None
    if owner:
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    command = [
        "erl", "-noinput", "-mnesia", "dir", f'"{folder}/spool"', "-ejabberd", "config", f'"{config}"',
        "log_path", f'"{folder}/log/e.log"', "+K", "true", "-smp", "auto", "-pa", str(programs), "-s", "ejabberd",
    ]
    return Server("ejabberd", command, port=PORT, log=folder / "out.log", folder=folder,
                  user=owner.pw_uid if owner else None,
                  environment={"HOME": str(folder)})


async def schema(psql: Path, sockets: str, user: str, database: str) -> None:
    """Makes its tables by the script that comes with the package."""
    script = next(iter(Path("/usr/share/ejabberd/sql").glob("pg.sql")))
    made = await asyncio.create_subprocess_exec(
        str(psql), "-q", "-h", sockets, "-U", user, "-d", database, "-f", str(script),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )
    await made.wait()
