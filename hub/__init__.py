"""Switchboard's domain: knows PostgreSQL and nothing else outside the process."""
