"""Accounts: who belongs to an organization, how they sign in and what they may do."""
