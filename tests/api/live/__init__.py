"""The live protocol, at its core and over real sockets."""
