"""Load, each kind in a process of its own (`tests.load.remote`)."""
