"""Count apart how often a runner died with a row in hand: such deaths are not failures of the job."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("outbox", sa.Column("lapses", sa.Integer(), server_default=sa.text("0"), nullable=False))
