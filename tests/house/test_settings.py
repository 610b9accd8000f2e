"""Every setting is written down where operators look, and nothing else is."""

import re
from pathlib import Path

import msgspec
import pytest
import yaml

from api.cli import COMMANDS, read_env_file
from hub.core.settings import Settings, load

ROOT = Path(__file__).parents[2]
NAMES = {f"HUB_{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))


def test_every_setting_stands_in_the_example() -> None:
    assert set(example()) == NAMES


def test_the_example_says_the_defaults() -> None:
    assert load(example()) == Settings()


def test_compose_names_settings_that_exist() -> None:
    assert set(OURS) == {"migrate", "serve", "worker"}
    for service in OURS.values():
        assert set(service["environment"]) <= NAMES


def test_compose_runs_commands_that_exist() -> None:
    assert {service["command"][0] for service in OURS.values()} <= set(COMMANDS)


def test_compose_waits_for_services_that_can_say_they_are_ready() -> None:
    for service in COMPOSE["services"].values():
        for name, wanted in service.get("depends_on", {}).items():
            assert wanted["condition"] in ("service_healthy", "service_completed_successfully")
            if wanted["condition"] == "service_healthy":
                assert "test" in COMPOSE["services"][name]["healthcheck"]


def test_compose_holds_no_secret_of_its_own() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert re.findall(r"\w*(?:PASSWORD|SECRET_KEY): (?!\$\{)\S+", text) == []
    assert "${HUB_SECRET_KEY:?" in text
    assert "${POSTGRES_PASSWORD:?" in text


def test_production_starts_with_what_compose_gives_it() -> None:
    environment = {name: str(value) for name, value in OURS["serve"]["environment"].items()}
    filled = {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for name, value in environment.items()}
    filled |= {"HUB_SECRET_KEY": "k" * 48, "HUB_PUBLIC_URL": "https://hub.example"}
    assert load(filled).environment == "production"


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_everything_by_hash_and_names_no_index(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in pin for pin in pins)
    assert "://" not in text
    assert "--index" not in text.replace("--no-emit-index-url", "")


def test_the_locks_agree_with_what_is_declared() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name, wanted in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-dev.lock", [*project["dependencies"], *project["optional-dependencies"]["dev"]]),
    ):
        pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        assert {re.split(r"[\[<>=~; ]", requirement)[0].lower() for requirement in wanted} <= pinned


def test_a_development_file_gives_what_the_environment_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("# a comment\nHUB_PORT=9100\nHUB_LOG_LEVEL='debug'\n\nHUB_HOST = 0.0.0.0\n")
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HUB_PORT", "9200")
    for name in ("HUB_LOG_LEVEL", "HUB_HOST"):
        monkeypatch.setenv(name, "given back afterwards")
        monkeypatch.delenv(name)
    read_env_file(tmp_path / ".env")
    settings = load()
    assert (settings.port, settings.log_level, settings.host) == (9200, "debug", "0.0.0.0")
