"""The outside world, as the hub's ports want it: one adapter for each vendor, and the client that they all go through."""
