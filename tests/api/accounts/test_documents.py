"""The OpenAPI document tells the truth about these routes; of their statuses, see `tests/api/test_statuses.py`."""

import json
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from api.accounts import HANDLERS
from api.auth import ACCESS
from api.deps import DEPENDENCIES
from hub.core.i18n import catalogue


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return Litestar(route_handlers=HANDLERS, dependencies=DEPENDENCIES, logging_config=None).openapi_schema.to_schema()


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, item in document["paths"].items() for method, operation in item.items()
        if method in ("get", "post", "patch", "put", "delete")
    }


def test_operations_have_names_of_their_own_and_tags(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(names) == len(set(names)) >= 26
    assert all(operation["tags"] for operation in operations(document).values())


def test_every_body_forbids_unknown_fields() -> None:
    import msgspec

    from api.accounts import auth, me, users
    from hub.accounts.departments import DepartmentDraft, DepartmentPatch
    from hub.accounts.organizations import AppearancePatch, OrganizationPatch
    from hub.accounts.users import UserDraft, UserPatch

    bodies: list[type[msgspec.Struct]] = [
        auth.RegisterBody, auth.LoginBody, auth.RefreshBody, auth.PasswordResetBody, auth.PasswordResetConfirmBody,
        me.MePatch, users.PasswordBody, UserDraft, UserPatch, DepartmentDraft, DepartmentPatch,
        AppearancePatch, OrganizationPatch,
    ]
    assert [one for one in bodies if not one.__struct_config__.forbid_unknown_fields] == []


def test_every_route_says_who_may_call_it() -> None:
    for handler in HANDLERS:
        assert handler.opt.get("permission") or handler.opt.get("access") in ACCESS


def test_a_patch_may_leave_everything_out(document: dict[str, Any]) -> None:
    assert "UnsetType" not in json.dumps(document)
    for name in ("UserPatch", "MePatch", "DepartmentPatch"):
        schema = next(one for key, one in document["components"]["schemas"].items() if key.endswith(name))
        assert schema.get("required", []) == []


@pytest.mark.parametrize("locale", ["en", "pt-BR", "es"])
def test_every_code_has_a_text(locale: str) -> None:
    import re

    folders = [Path("hub/accounts"), Path("api/accounts")]
    source = "".join(path.read_text() for folder in folders for path in folder.glob("*.py"))
    codes = set(re.findall(r'(?:Unauthenticated|Forbidden|Conflict|Invalid|LimitReached)\("(\w+)"', source))
    fields = set(re.findall(r'invalid_field\([\w"/]+, "(\w+)"\)', source))
    texts = catalogue(locale)
    assert [code for code in codes if f"error.{code}" not in texts] == []
    assert [code for code in fields if f"field.{code}" not in texts] == []
