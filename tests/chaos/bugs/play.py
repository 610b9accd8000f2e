"""Plays rounds on a tree with a seeded bug until the checker names what it breaks."""

import time
from pathlib import Path

import msgspec

from tests.chaos.bugs.bug import Bug, infect
from tests.chaos.bugs.rounds import QUICK, ROUNDS
from tests.chaos.checks import broken
from tests.chaos.harness import ROOT
from tests.chaos.round import play


class Outcome(msgspec.Struct, kw_only=True):
    """`said` is the first violation that named the invariant, else whatever was said last."""

    name: str
    caught: bool
    rounds: int
    seconds: float
    said: str = ""


async def hunt(bug: Bug, folder: Path, *, seed: int, tries: int = 3) -> Outcome:
    """Whether a round names one of the invariants that the bug breaks. Raises `Stale`."""
    began, said = time.monotonic(), ""
    source = infect(bug, ROOT, folder / "tree")
    short = ROUNDS[bug.round]
    for turn in range(tries):
        own = folder / f"round{turn}"
        own.mkdir(mode=0o755)
        try:
            verdict = await play(own, family=bug.name, fault=short.fault(), seed=seed + turn, pace=QUICK, sql=bug.sql,
                                 source=source, **short.town)
            found = verdict.violations
        except (AssertionError, ExceptionGroup) as error:  # a client gave up: no invariant has been named
            found = [f"the load broke off: {error!r}"]
        named = [line for line in found if broken([line]) & set(bug.breaks)]
        said = (named or found or [""])[0][:110]
        if named:
            return Outcome(name=bug.name, caught=True, rounds=turn + 1, seconds=time.monotonic() - began, said=said)
    return Outcome(name=bug.name, caught=False, rounds=tries, seconds=time.monotonic() - began, said=said)
