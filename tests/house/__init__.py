"""Tests of the house itself: what may import what, and that what belongs together agrees."""
