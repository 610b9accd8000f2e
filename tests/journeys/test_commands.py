"""The short commands, each with a database that nobody serves: they start it, do their work and stop it again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated and seeded installation."""
    made = tmp_path_factory.mktemp("commands") / "data"
    assert switchboard(made, "migrate").startswith("schema ")
    assert "owner@demo.example" in switchboard(made, "seed")
    return made


def called(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=150,
        check=False, env=given | {"HUB_DATA_DIR": str(folder)} | environment,
    )


def switchboard(folder: Path, *arguments: str) -> str:
    answer = called(folder, *arguments)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_seeding_again_changes_nothing(folder: Path) -> None:
    first, second = (json.loads(switchboard(folder, "seed", "--json")) for _ in range(2))
    assert first == second
    assert not first["created"]


def test_the_doctor_finds_nothing_wrong_and_shows_no_secret(folder: Path) -> None:
    report = json.loads(switchboard(folder, "doctor", "--json"))
    assert [check for check in report["checks"] if check["ok"] is False] == []
    assert (folder / "secret.key").read_text().strip() not in json.dumps(report)


def test_the_doctor_ends_with_one_when_something_is_wrong(folder: Path) -> None:
    answer = called(folder, "doctor", HUB_REDIS_URL="redis://127.0.0.1:1/0", HUB_SMTP_URL="smtp://user:hidden@host:25")
    assert answer.returncode == 1
    assert "redis" in answer.stdout
    assert "hidden" not in answer.stdout


def test_a_token_is_for_a_user_who_is_there(folder: Path) -> None:
    assert switchboard(folder, "token", "OWNER@demo.example").count(".") == 2
    answer = called(folder, "token", "nobody@demo.example")
    assert answer.returncode == 1
    assert "no active user" in answer.stderr


def test_keys_are_rotated_once(folder: Path) -> None:
    old, new = (folder / "secret.key").read_text().strip(), "n" * 48
    rotated = {"HUB_SECRET_KEY": new, "HUB_OLD_SECRET_KEYS": old}
    assert called(folder, "keys", "rotate", **rotated).stdout.startswith("2 ")
    assert called(folder, "keys", "rotate", **rotated).stdout.startswith("0 ")
    (folder / "secret.key").write_text(new)
    assert switchboard(folder, "keys", "rotate").startswith("0 ")


def test_a_restored_copy_is_another_history(folder: Path) -> None:
    assert "anew" in switchboard(folder, "restored")


@pytest.mark.parametrize(("command", "key"), [("openapi", "openapi"), ("asyncapi", "asyncapi")])
def test_documents_are_printed_without_a_database(tmp_path: Path, command: str, key: str) -> None:
    assert json.loads(switchboard(tmp_path / "none", command))[key][0] == "3"
    assert not (tmp_path / "none").exists()


def test_a_worker_asks_for_a_database_of_its_own(folder: Path) -> None:
    answer = called(folder, "worker")
    assert answer.returncode == 1
    assert "HUB_DATABASE_URL" in answer.stderr
