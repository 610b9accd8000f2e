"""WhatsApp, over Meta's Business Cloud API."""
