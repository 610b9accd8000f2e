"""The doors: HTTP, the live socket, provider webhooks, the console and the widget."""
