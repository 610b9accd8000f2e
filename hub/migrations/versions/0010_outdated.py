"""What an attempt is refused with: a statement that rests on what is not so any more raises it, and is undone."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION outdated() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
        BEGIN
          RAISE EXCEPTION 'something that this rests on has changed' USING ERRCODE = 'HB001';
        END $$""")
    op.execute("GRANT EXECUTE ON FUNCTION outdated() TO switchboard_app")
