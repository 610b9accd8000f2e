"""The short form of the crash programme: a few rounds of it, with seeds of their own."""
