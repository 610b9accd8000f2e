"""Tests: what the product promises, shown on real parts."""
