"""The load programme: the goals of docs/performance.md measured as ratios, each beside its reference in one run.

`python -m tests.load` runs it; nothing in it is timed by the tests.
"""
