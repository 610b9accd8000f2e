"""The product killed under load: nothing acknowledged may be missing, doubled or out of order."""
