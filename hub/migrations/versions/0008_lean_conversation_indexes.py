"""A conversation's row changes with every message, and each of its indexes with it: those that only some views need hold
only the rows that those views look through (see decision 0011)."""

from alembic import op
from sqlalchemy import text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("assignee", "channel", "department"):
        op.drop_index(f"ix_conversations_{name}", table_name="conversations")
    _index("assignee", ["assignee_id", "status"], "assignee_id IS NOT NULL")
    _index("department", ["department_id"], "department_id IS NOT NULL")
    _index("channel", ["channel_id"], "status = 'closed'")  # the open ones are few


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        f"ix_conversations_{name}", "conversations", ["organization_id", *columns, "last_activity_at", "id"],
        postgresql_where=text(where),
    )
