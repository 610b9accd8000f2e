"""Settings come from the environment with the prefix HUB_; this struct is the only list of them."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

PREFIX = "HUB_"
UNPREFIXED = {"database_url": "DATABASE_URL", "redis_url": "REDIS_URL", "port": "PORT"}

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Rate = Annotated[str, msgspec.Meta(pattern=r"^(0|[1-9]\d{0,6}/[1-9]\d{0,6})$")]  # a minute / at once; 0: no limit


class SettingsError(Exception):
    """A setting is missing or wrong; the text says which and how to mend it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an operator can set. Each field is read from `HUB_<FIELD>`, or from the file in `HUB_<FIELD>_FILE`."""

    environment: Literal["demo", "development", "test", "production"] = "demo"
    host: str = "127.0.0.1"
    port: Port = 8000
    public_url: str = ""
    data_dir: str = "./.data"
    database_url: str = ""
    database_pool: Positive = 10
    redis_url: str = ""
    secret_key: str = ""
    old_secret_keys: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"
    allowed_origins: str = ""
    trusted_proxies: str = ""
    simulator: bool | None = None
    whatsapp_graph_url: str = "https://graph.facebook.com"
    smtp_url: str = ""
    mail_from: str = "Switchboard <no-reply@localhost>"
    egress_allow: str = ""
    upload_limit_mb: Positive = 25
    access_token_minutes: Annotated[int, msgspec.Meta(ge=1, le=15)] = 10
    refresh_token_days: Positive = 30
    registration: Literal["open", "closed"] = "open"
    metrics_token: str = ""
    docs: bool | None = None
    live_buffer_kb: Positive = 256
    live_frames_per_second: Positive = 20
    outbox_workers: Positive = 8
    rate_limits: bool | None = None
    rate_user: Rate = "600/100"
    rate_visitor: Rate = "300/100"
    rate_sessions_address: Rate = "600/300"
    rate_sessions_channel: Rate = "6000/2000"
    rate_messages_address: Rate = "600/300"
    rate_messages_channel: Rate = "6000/2000"
    rate_files_address: Rate = "120/60"
    rate_files_channel: Rate = "1200/400"
    failpoints: str = ""

    @property
    def data_path(self) -> Path:
        return Path(self.data_dir).expanduser().resolve()

    @property
    def base_url(self) -> str:
        """Where browsers and providers reach us, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def simulated(self) -> bool:
        """Whether the simulator runs inside this process; never in production."""
        if self.environment == "production":
            return False
        return self.simulator if self.simulator is not None else self.environment in ("demo", "development")

    @property
    def limits_rates(self) -> bool:
        """Whether requests are counted; tests ask more often than people do."""
        return self.rate_limits if self.rate_limits is not None else self.environment != "test"

    @property
    def shows_docs(self) -> bool:
        return self.docs if self.docs is not None else self.environment != "production"

    @property
    def origins(self) -> frozenset[str]:
        """The exact origins whose pages may open the console's socket and send its cookie."""
        own = {self.base_url}
        if not self.public_url:
            own |= {f"http://{host}:{self.port}" for host in ("127.0.0.1", "localhost")}
        return frozenset(own | set(words(self.allowed_origins)))


def words(text: str) -> list[str]:
    """The members of a comma or space separated setting."""
    return [word for word in re.split(r"[,\s]+", text) if word]


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises `SettingsError` naming the setting that is wrong."""
    environ = os.environ if environ is None else environ
    known = {field.name for field in msgspec.structs.fields(Settings)}
    unknown = sorted(
        name for name in environ
        if name.startswith(PREFIX) and name.removeprefix(PREFIX).removesuffix("_FILE").lower() not in known
    )
    if unknown:
        raise SettingsError(f"unknown setting {', '.join(unknown)}")
    values = {name: value for name in known if (value := _raw(environ, name)) is not None}
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_named(str(error))) from None
    _refuse_unsafe(settings)
    return settings


def _raw(environ: Mapping[str, str], name: str) -> str | None:
    prefixed = PREFIX + name.upper()
    if file := environ.get(f"{prefixed}_FILE"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{prefixed}_FILE cannot be read: {error.strerror}") from None
    value = environ.get(prefixed)
    if value is None and name in UNPREFIXED:
        value = environ.get(UNPREFIXED[name])
    return value.strip() or None if value is not None else None


def _named(problem: str) -> str:
    """msgspec's message with the field's path turned into the variable's name."""
    match = re.search(r"\$\.(\w+)", problem)
    return f"{PREFIX}{match[1].upper()}: {problem.split(' - at', maxsplit=1)[0]}" if match else problem


def _refuse_unsafe(settings: Settings) -> None:
    if settings.secret_key and len(settings.secret_key.encode()) < 32:
        raise SettingsError("HUB_SECRET_KEY is shorter than 32 bytes; make one with: openssl rand -base64 48")
    if settings.environment != "production":
        return
    for name in ("secret_key", "database_url", "public_url"):
        if not getattr(settings, name):
            raise SettingsError(f"HUB_{name.upper()} must be set in production")
    if settings.simulator:
        raise SettingsError("HUB_SIMULATOR cannot be on in production")
    if settings.failpoints:
        raise SettingsError("HUB_FAILPOINTS is for tests and cannot be set in production")
    if not settings.public_url.startswith("https://"):
        raise SettingsError("HUB_PUBLIC_URL must be an https:// address in production")
