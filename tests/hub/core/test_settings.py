"""Settings: read from the environment, wrong ones named, unsafe ones refused."""

from pathlib import Path

import pytest

from hub.core.settings import SettingsError, load

SAFE = {
    "HUB_ENVIRONMENT": "production", "HUB_SECRET_KEY": "x" * 48, "HUB_DATABASE_URL": "postgresql://db/switchboard",
    "HUB_PUBLIC_URL": "https://hub.example",
}


def test_an_empty_environment_is_a_demo_on_this_machine() -> None:
    settings = load({})
    assert (settings.environment, settings.host, settings.port) == ("demo", "127.0.0.1", 8000)
    assert settings.simulated
    assert settings.shows_docs


def test_a_prefixed_value_wins_over_the_platforms_own_name() -> None:
    settings = load({"PORT": "9000", "HUB_PORT": "9100", "DATABASE_URL": "postgresql://a/b"})
    assert (settings.port, settings.database_url) == (9100, "postgresql://a/b")


def test_an_empty_value_is_no_value() -> None:
    assert load({"HUB_PORT": " ", "HUB_REDIS_URL": ""}).port == 8000


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    assert load({"HUB_SECRET_KEY_FILE": str(tmp_path / "key")}).secret_key == "k" * 40


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HUB_SECRET_KEY_FILE cannot be read"):
        load({"HUB_SECRET_KEY_FILE": str(tmp_path / "missing")})


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "70000"), ("PORT", "http"), ("ENVIRONMENT", "staging"), ("DATABASE_POOL", "0"), ("SIMULATOR", "perhaps"),
     ("ACCESS_TOKEN_MINUTES", "60"), ("LOG_LEVEL", "loud")],
)
def test_a_wrong_value_is_refused_by_the_variables_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"HUB_{name}"):
        load({f"HUB_{name}": value})


def test_a_misspelt_setting_is_refused_rather_than_ignored() -> None:
    with pytest.raises(SettingsError, match="HUB_DATABSE_URL"):
        load({"HUB_DATABSE_URL": "postgresql://a/b"})


def test_a_short_secret_is_refused_everywhere() -> None:
    with pytest.raises(SettingsError, match="32 bytes"):
        load({"HUB_SECRET_KEY": "short"})


@pytest.mark.parametrize("missing", ["HUB_SECRET_KEY", "HUB_DATABASE_URL", "HUB_PUBLIC_URL"])
def test_production_does_not_start_with_something_missing(missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        load({name: value for name, value in SAFE.items() if name != missing})


@pytest.mark.parametrize("unsafe", [{"HUB_SIMULATOR": "true"}, {"HUB_PUBLIC_URL": "http://hub.example"}])
def test_production_does_not_start_unsafely(unsafe: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(unsafe))):
        load({**SAFE, **unsafe})


def test_production_hides_the_simulator_and_the_pages_about_the_api() -> None:
    settings = load(SAFE)
    assert not settings.simulated
    assert not settings.shows_docs


def test_the_public_address_is_the_only_origin_of_our_own_when_it_is_set() -> None:
    settings = load({**SAFE, "HUB_PUBLIC_URL": "https://hub.example/", "HUB_ALLOWED_ORIGINS": "https://a.example, https://b.example"})
    assert settings.base_url == "https://hub.example"
    assert settings.origins == {"https://hub.example", "https://a.example", "https://b.example"}


def test_on_one_machine_both_names_of_it_are_origins() -> None:
    assert load({"HUB_PORT": "8123"}).origins == {"http://127.0.0.1:8123", "http://localhost:8123"}
