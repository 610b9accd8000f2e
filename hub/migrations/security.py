"""Row-level security and grants, as migrations apply them to a new table."""

from alembic import op

APP_ROLE = "switchboard_app"

# The scope is a list of ids; each stands in it letter by letter, so it need not be taken apart for every row.
SCOPED = (
    "strpos(current_setting('hub.scope', true), CAST({column} AS text)) > 0"
    " OR current_setting('hub.across', true) = 'on'"
)


def create_app_role() -> None:
    """The role that the application runs under: owns nothing, bypasses nothing. Roles are shared by all databases."""
    op.execute(f"""
        DO $$ BEGIN
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
            CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
          END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$""")
    op.execute(f"GRANT {APP_ROLE} TO CURRENT_USER")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")


def protect(table: str, *, column: str = "organization_id", grants: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Forces row-level security on a table of organizations' rows and grants what the application needs of it."""
    condition = SCOPED.format(column=column)
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY scope ON {table} USING ({condition}) WITH CHECK ({condition})")
    op.execute(f"GRANT {grants} ON {table} TO {APP_ROLE}")


def share(table: str, *, grants: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Grants on a table that belongs to no organization."""
    op.execute(f"GRANT {grants} ON {table} TO {APP_ROLE}")
