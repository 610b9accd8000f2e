"""Crm: the people on the other side, under all the addresses they write from."""
