"""What presence can be."""

ONLINE, AWAY, BUSY, OFFLINE = "online", "away", "busy", "offline"
CHOICES = frozenset({ONLINE, AWAY, BUSY})
