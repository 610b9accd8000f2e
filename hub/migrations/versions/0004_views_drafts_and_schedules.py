"""What people keep at their own desk: mentions, drafts, scheduled messages, saved views; and snoozing.

Columns that rows of the code before this need not know may be empty or have a default of their own.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from hub.migrations.security import protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCOPED = ("drafts", "mentions", "saved_views", "scheduled_messages")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "saved_views",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", JSONB(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "owner_id"],
            ["users.organization_id", "users.id"],
            name=op.f("fk_saved_views_organization_id_owner_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_saved_views_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_saved_views_organization_id_id")),
    )
    op.create_table(
        "drafts",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("reply_to_id", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("mode IN ('reply', 'note')", name=op.f("ck_drafts_mode")),
        sa.ForeignKeyConstraint(
            ["organization_id", "conversation_id"],
            ["conversations.organization_id", "conversations.id"],
            name=op.f("fk_drafts_organization_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "reply_to_id"],
            ["messages.organization_id", "messages.id"],
            name=op.f("fk_drafts_organization_id_reply_to_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["users.organization_id", "users.id"],
            name=op.f("fk_drafts_organization_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_drafts_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_drafts_organization_id_id")),
        sa.UniqueConstraint("user_id", "conversation_id", "mode", name=op.f("uq_drafts_user_id_conversation_id_mode")),
    )
    op.create_index("ix_drafts_newest", "drafts", ["user_id", "updated_at"], unique=False)
    op.create_table(
        "mentions",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "conversation_id"],
            ["conversations.organization_id", "conversations.id"],
            name=op.f("fk_mentions_organization_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "message_id"],
            ["messages.organization_id", "messages.id"],
            name=op.f("fk_mentions_organization_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["users.organization_id", "users.id"],
            name=op.f("fk_mentions_organization_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_mentions_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentions")),
        sa.UniqueConstraint("message_id", "user_id", name=op.f("uq_mentions_message_id_user_id")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_mentions_organization_id_id")),
    )
    op.create_index(
        "ix_mentions_unseen",
        "mentions",
        ["user_id", "conversation_id"],
        unique=False,
        postgresql_where=sa.text("seen_at IS NULL"),
    )
    op.create_index("ix_mentions_user", "mentions", ["user_id", "conversation_id", "at"], unique=False)
    op.create_table(
        "scheduled_messages",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("client_hash", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("attachment_ids", JSONB(), nullable=False),
        sa.Column("reply_to_id", sa.Uuid(), nullable=True),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error", JSONB(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'cancelled', 'failed')", name=op.f("ck_scheduled_messages_state")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "author_id"],
            ["users.organization_id", "users.id"],
            name=op.f("fk_scheduled_messages_organization_id_author_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "conversation_id"],
            ["conversations.organization_id", "conversations.id"],
            name=op.f("fk_scheduled_messages_organization_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "message_id"],
            ["messages.organization_id", "messages.id"],
            name=op.f("fk_scheduled_messages_organization_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "reply_to_id"],
            ["messages.organization_id", "messages.id"],
            name=op.f("fk_scheduled_messages_organization_id_reply_to_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_scheduled_messages_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_messages")),
        sa.UniqueConstraint(
            "conversation_id",
            "author_id",
            "client_id",
            name=op.f("uq_scheduled_messages_conversation_id_author_id_client_id"),
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_scheduled_messages_organization_id_id")),
    )
    op.create_index(
        "ix_scheduled_messages_conversation", "scheduled_messages", ["conversation_id", "send_at"], unique=False
    )
    op.add_column("conversations", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "conversations", sa.Column("bot_answered", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.drop_index("ix_conversations_assignee", "conversations")
    op.create_index(
        "ix_conversations_assignee",
        "conversations",
        ["organization_id", "assignee_id", "status", "last_activity_at", "id"],
    )
    op.create_index(
        "ix_conversations_waiting",
        "conversations",
        ["organization_id", "status", sa.text("COALESCE(waiting_since, '9999-01-01 00:00:00+00'::timestamptz)"), "id"],
    )
    op.create_index(
        "ix_conversations_channel", "conversations", ["organization_id", "channel_id", "last_activity_at", "id"]
    )
    op.create_index(
        "ix_conversations_department", "conversations", ["organization_id", "department_id", "last_activity_at", "id"]
    )
    op.create_index(
        "ix_conversations_snoozed",
        "conversations",
        ["organization_id", "last_activity_at", "id"],
        postgresql_where=sa.text("snoozed_until IS NOT NULL"),
    )
    op.create_index(
        "ix_conversations_bots",
        "conversations",
        ["organization_id", "last_activity_at", "id"],
        postgresql_where=sa.text("bot_answered AND assignee_id IS NULL"),
    )
    op.drop_constraint(op.f("ck_notifications_kind"), "notifications", type_="check")
    op.create_check_constraint(
        op.f("ck_notifications_kind"),
        "notifications",
        "kind IN ('mention', 'assigned', 'message', 'reopened', 'unsent')",
    )
    for table in SCOPED:
        protect(table)
