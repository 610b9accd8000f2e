"""The outside world, as the hub's ports want it: one adapter for each vendor, and the client they all go through."""
