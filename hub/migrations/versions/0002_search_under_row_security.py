"""Let full-text search use its indexes under row-level security.

PostgreSQL puts a condition into an index scan of a protected table only when its function is marked leakproof. The
match of a text with a query is not marked, though it tells nothing but its answer and fails on nothing; with 200,000
messages the difference is 2 ms against 180 ms. Marking it takes a superuser, which the embedded server has. On a server
where the owner is none, an administrator runs the one statement below in this database; until then search gives the same
answers and reads more rows.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        DO $$ BEGIN
          ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) LEAKPROOF;
        EXCEPTION WHEN insufficient_privilege THEN
          RAISE NOTICE 'search will not use its indexes: ts_match_vq is not marked leakproof';
        END $$""")
