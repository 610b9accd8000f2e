"""Presence: leases, choices, and who looks at what."""
