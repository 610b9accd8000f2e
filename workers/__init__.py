"""The doors for outbox work in processes of their own."""
