"""Figures, what they may be at most, and the table that shows both."""

import math
from collections.abc import Iterable, Sequence

import msgspec

FRAME = 1000 / 60  # milliseconds between two frames of the usual screen
_LATE = 1.5 * FRAME  # a longer gap has left out at least one frame


class Figure(msgspec.Struct, frozen=True):
    """`most` is the budget, None where the figure is only told."""

    name: str
    value: float
    unit: str
    most: float | None = None

    @property
    def held(self) -> bool:
        return self.most is None or self.value < self.most


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest rank: the smallest value that at least `share` of all do not exceed. Raises `ValueError` for none."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def spread(name: str, values: Sequence[float], unit: str = "ms", *, most: float | None = None) -> list[Figure]:
    """The median, which has to keep to the budget, and beside it the 95th percentile."""
    return [Figure(f"{name}, p50", percentile(values, 0.5), unit, most),
            Figure(f"{name}, p95", percentile(values, 0.95), unit)]


def smoothness(name: str, gaps: Sequence[float]) -> list[Figure]:
    """Frames of a scroll: their gaps, and the share that came late."""
    late = sum(1 for gap in gaps if gap > _LATE) / len(gaps)
    return [*spread(f"{name}, frame", gaps), Figure(f"{name}, late frames", 100 * late, "%", 10)]


def table(figures: Iterable[Figure]) -> str:
    """Markdown, one line for each figure."""
    lines = ["| what | measured | budget | |", "|---|---:|---:|---|"]
    for one in figures:
        budget = "" if one.most is None else f"< {one.most:g} {one.unit}"
        verdict = "" if one.most is None else "held" if one.held else "MISSED"
        lines.append(f"| {one.name} | {one.value:.1f} {one.unit} | {budget} | {verdict} |")
    return "\n".join(lines)
