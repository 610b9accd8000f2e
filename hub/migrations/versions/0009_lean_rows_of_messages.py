"""What every message costs: policies that do not take the scope apart for each row, and no keys or indexes that say what
others say already (see decision 0011)."""

from alembic import op
from sqlalchemy import text

from hub.migrations.security import SCOPED

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    tables = op.get_bind().execute(text("SELECT CAST(polrelid AS regclass)::text FROM pg_policy WHERE polname = 'scope'"))
    for (table,) in tables.all():
        condition = SCOPED.format(column="id" if table == "organizations" else "organization_id")
        op.execute(f"ALTER POLICY scope ON {table} USING ({condition}) WITH CHECK ({condition})")
    # They are those of the conversation, whose key stays.
    for column in ("channel_id", "engagement_id"):
        op.drop_constraint(f"fk_messages_organization_id_{column}", "messages", type_="foreignkey")
    # Answers change their state three times in their first seconds. With room on its page, a row does so without moving
    # in any index.
    op.execute("ALTER TABLE messages SET (fillfactor = 85)")
    # One index for a contact's conversations and for the one of them on a channel.
    op.create_unique_constraint(
        "uq_conversations_contact_id_channel_id_organization_id", "conversations",
        ["contact_id", "channel_id", "organization_id"],
    )
    op.drop_constraint("uq_conversations_organization_id_channel_id_contact_id", "conversations", type_="unique")
    op.drop_index("ix_conversations_contact_id", table_name="conversations")
