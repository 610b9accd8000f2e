"""Seeded bugs: each breaks one invariant in a copy of the tree, and the checker has to name it."""
