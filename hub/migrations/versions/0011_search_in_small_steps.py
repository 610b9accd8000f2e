"""What waits to go into the search indexes goes there in small steps.

A GIN index keeps new entries aside until there are 4 MB of them; whoever writes then puts all of them in, which took
50 ms, every two seconds of a busy chat, while everybody waited. A sixteenth of that takes a sixteenth of the time.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for index in ("ix_messages_search", "ix_contacts_search"):
        op.execute(f"ALTER INDEX {index} SET (gin_pending_list_limit = 256)")
