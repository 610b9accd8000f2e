"""Ratios of phases that ran in turn, so that what else the machine did touches both sides alike."""

import statistics
from collections.abc import Awaitable, Callable, Sequence

Phase = Callable[[], Awaitable[float]]


async def in_turn(rounds: int, *phases: Phase) -> list[list[float]]:
    """Runs A B C A B C …; for each phase what it measured, round by round."""
    measured: list[list[float]] = [[] for _ in phases]
    for _ in range(rounds):
        for index, phase in enumerate(phases):
            measured[index].append(await phase())
    return measured


def neighbours(product: Sequence[float], reference: Sequence[float]) -> list[float]:
    """Product over reference for every two phases that ran one after the other: R P R P … gives R1P1, P1R2, R2P2, …"""
    ratios = []
    for index, value in enumerate(product):
        ratios += [value / other for other in reference[index : index + 2] if other > 0]
    return ratios


def judged(product: Sequence[float], reference: Sequence[float]) -> float | None:
    """The median ratio; None when either side measured nothing."""
    ratios = neighbours(product, reference)
    return statistics.median(ratios) if ratios else None


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which `part` (0 to 1) of them lie. Raises `ValueError` when there are none."""
    if not values:
        raise ValueError("a percentile of nothing")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
