"""What is known of visitors, and what they think of the service.

Columns that rows of the code before this need not know may be empty or have a default of their own.
"""

import sqlalchemy as sa
from alembic import op

from hub.migrations.security import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "ratings",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_ratings_score")),
        sa.ForeignKeyConstraint(
            ["organization_id", "conversation_id"],
            ["conversations.organization_id", "conversations.id"],
            name=op.f("fk_ratings_organization_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "engagement_id"],
            ["engagements.organization_id", "engagements.id"],
            name=op.f("fk_ratings_organization_id_engagement_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_ratings_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
        sa.UniqueConstraint("engagement_id", name=op.f("uq_ratings_engagement_id")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_ratings_organization_id_id")),
    )
    op.create_index("ix_ratings_conversation_id", "ratings", ["conversation_id"], unique=False)
    op.add_column("visitors", sa.Column("page_title", sa.String(), server_default="", nullable=False))
    op.add_column("visitors", sa.Column("page_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("visitors", sa.Column("visits", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("visitors", sa.Column("subject", sa.String(), nullable=True))
    op.add_column("visitors", sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("visitors", sa.Column("transcript_at", sa.DateTime(timezone=True), nullable=True))
    protect("ratings")
