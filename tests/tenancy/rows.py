"""One row of every table for an organization, made from the models alone, so that a new table is in it by itself."""

import re
import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Table, insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.core.clock import SystemClock, new_id
from hub.core.tenancy import Base, Scoped
from hub.models import METADATA

MODELS: dict[str, type[Scoped]] = {
    mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Scoped)
}
SCOPED = sorted(MODELS)
_ONE_OF = re.compile(r"(\w+) IN \('([^']*)'")


class House:
    """An organization with one row in each table; `ids`: table → id."""

    def __init__(self, organization_id: UUID, ids: Mapping[str, UUID]) -> None:
        self.id, self.ids = organization_id, ids


async def build(connection: AsyncConnection) -> House:
    """Writes them, under a connection that may write everywhere."""
    await connection.execute(text("SELECT set_config('hub.across', 'on', true)"))
    organization_id, ids = new_id(), {}
    for table in METADATA.sorted_tables:
        if table.name == "organizations" or table.name in MODELS:
            row = _row(table, organization_id, ids)
            ids[table.name] = row["id"]
            await connection.execute(insert(table).values(row))
    return House(organization_id, ids)


def _row(table: Table, organization_id: UUID, ids: Mapping[str, UUID]) -> dict[str, Any]:
    allowed = {
        match[1]: match[2] for one in table.constraints if isinstance(one, CheckConstraint)
        if (match := _ONE_OF.search(str(one.sqltext)))
    }
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.computed is not None or column.identity is not None:
            continue
        if column.name == "organization_id" or (table.name == "organizations" and column.name == "id"):
            row[column.name] = organization_id
        elif column.name == "id":
            row["id"] = new_id()
        elif not column.nullable:
            row[column.name] = allowed.get(column.name) or _value(column, ids)
    return row


def _value(column: Column[Any], ids: Mapping[str, UUID]) -> Any:
    for key in column.foreign_keys:
        return ids[key.column.table.name]
    if isinstance(column.type, JSONB):
        return {}
    kind = column.type.python_type
    made = {
        str: secrets.token_hex(8), int: 1, bool: False, bytes: secrets.token_bytes(16), UUID: new_id(), float: 1.0,
    }
    return made[kind] if kind in made else SystemClock().now()
