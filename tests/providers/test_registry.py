"""Settings become ports."""

from pathlib import Path

import pytest

from hub.core.clock import SystemClock
from hub.core.settings import Settings, SettingsError
from providers.files import LocalFiles
from providers.mail import SmtpMailer, UnconfiguredMailer
from providers.memory import MemoryPresence, MemorySignals
from providers.registry import build


async def test_defaults_need_nothing_outside_the_process(tmp_path: Path) -> None:
    built = build(Settings(data_dir=str(tmp_path)), SystemClock())

    assert isinstance(built.signals, MemorySignals)
    assert isinstance(built.ports.presence, MemoryPresence)
    assert isinstance(built.ports.mailer, UnconfiguredMailer)
    assert isinstance(built.ports.files, LocalFiles)
    assert {name: adapter.kind for name, adapter in built.ports.channels.items()} == {"meta": "whatsapp_business"}
    await built.close()


async def test_a_mail_server_is_used_when_there_is_one(tmp_path: Path) -> None:
    built = build(Settings(data_dir=str(tmp_path), smtp_url="smtp://localhost:2525"), SystemClock())

    assert isinstance(built.ports.mailer, SmtpMailer)
    await built.close()


@pytest.mark.parametrize("wrong", [{"egress_allow": "localhost"}, {"smtp_url": "http://x"}])
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=f"HUB_{next(iter(wrong)).upper()}"):
        build(Settings(data_dir=str(tmp_path), **wrong), SystemClock())  # type: ignore[arg-type] # all are texts
