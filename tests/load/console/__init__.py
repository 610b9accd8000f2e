"""How fast the console is in a real Chromium against the real product: `python -m tests.load.console`."""
