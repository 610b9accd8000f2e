"""What is written for every message carries no keys that nothing needs (see decision 0011)."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("messages", "message_deliveries", "events", "intake"):
        op.drop_constraint(f"fk_{table}_organization_id", table, type_="foreignkey")
    for table in ("message_deliveries", "intake"):
        op.drop_constraint(f"uq_{table}_organization_id_id", table, type_="unique")
    op.drop_index("ix_intake_organization_id_received_at", table_name="intake")
