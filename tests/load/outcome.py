"""What a run found, as a table for people and as JSON for the documentation."""

import statistics
from collections.abc import Sequence

import msgspec

from tests.load.goals import BY_KEY, Goal
from tests.load.ratios import judged


class Outcome(msgspec.Struct, kw_only=True):
    """One goal in one run: what each phase measured, what was not exact, and why it is not here if it is not."""

    key: str
    product: list[float] = []
    reference: list[float] = []
    violations: list[str] = []
    notes: list[str] = []
    missing: str = ""

    @property
    def goal(self) -> Goal:
        return BY_KEY[self.key]

    @property
    def value(self) -> float | None:
        """What is judged: the median ratio, or the product's own median where there is no reference."""
        if self.missing or not self.product:
            return None
        return statistics.median(self.product) if self.goal.alone else judged(self.product, self.reference)

    @property
    def failed(self) -> bool:
        """A bound that does not hold, or something that was not exact. What could not be had here is neither."""
        return bool(self.violations) or self.goal.verdict(self.value) == "missed"


def table(outcomes: Sequence[Outcome]) -> str:
    """A Markdown table; the ratio is judged, the absolutes are this machine's."""
    lines = [
        "| goal | what | against | product | reference | ratio | hold | aim | verdict |",
        "|---|---|---|---:|---:|---:|---:|---:|---|",
    ]
    for outcome in outcomes:
        goal = outcome.goal
        sign = "≥" if goal.floor else "≤"
        ratio = "–" if goal.alone or outcome.value is None else f"{outcome.value:.2f}"
        lines.append(
            f"| {goal.key} | {goal.title} | {goal.reference or '–'} | {_absolute(outcome.product, goal.unit)} "
            f"| {_absolute(outcome.reference, goal.unit)} | {ratio} | {sign} {goal.hold:g} | {sign} {goal.aim:g} "
            f"| {_verdict(outcome)} |"
        )
    return "\n".join(lines)


def _verdict(outcome: Outcome) -> str:
    verdict = outcome.goal.verdict(outcome.value)
    return f"{verdict}, not exact" if outcome.violations else verdict


def _absolute(values: Sequence[float], unit: str) -> str:
    if not values:
        return "–"
    value = statistics.median(values)
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    return f"{shown} {unit}"


class Report(msgspec.Struct, kw_only=True):
    """A whole run."""

    facts: dict[str, str]
    outcomes: list[Outcome]

    @property
    def failed(self) -> bool:
        return any(outcome.failed for outcome in self.outcomes)

    def json(self) -> bytes:
        rows = [
            {**msgspec.to_builtins(outcome), "ratio": outcome.value, "verdict": outcome.goal.verdict(outcome.value)}
            for outcome in self.outcomes
        ]
        return msgspec.json.format(msgspec.json.encode({"facts": self.facts, "outcomes": rows}))
