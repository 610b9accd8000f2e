"""Alembic's entry: runs on a connection that `hub.migrations.run` hands over."""

from alembic import context

from hub.models import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
