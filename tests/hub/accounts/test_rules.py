"""Decisions about people, in tables."""

import pytest

from hub.accounts import attempts, opaque, passwords, rules
from hub.accounts.letters import letter
from hub.core.access import PERMISSIONS, Actor, Role, system_actor
from hub.core.clock import new_id
from hub.core.errors import Forbidden, Invalid


@pytest.mark.parametrize(("name", "slug"), [
    ("Acme", "acme"), ("Café Olé Ltda.", "cafe-ole-ltda"), ("  A & B  ", "a-b"), ("東京", None), ("x", None),
    ("-" * 10, None), ("n" * 90, "n" * 48), ("São João 2000", "sao-joao-2000"),
])
def test_a_slug_is_made_from_a_name(name: str, slug: str | None) -> None:
    assert rules.slug_from(name) == slug


@pytest.mark.parametrize("slug", ["", "a", "-a", "a-", "a b", "a_b", "ação", "a" * 49, "a\n", "a.b"])
def test_a_wrong_slug_is_refused(slug: str) -> None:
    with pytest.raises(Invalid):
        rules.slug(slug)


@pytest.mark.parametrize("email", [
    "", "a", "a@b", "@b.example", "a@", "a b@c.example", "a@b@c.example", "a@b.example\r\nBcc: x@y.example",
    "a\x00@b.example", "<a@b.example>", "a@b.example, c@d.example", "a" * 250 + "@b.example",
])
def test_a_wrong_address_is_refused(email: str) -> None:
    with pytest.raises(Invalid):
        rules.email(email)


@pytest.mark.parametrize("email", ["Ana@Demo.Example", "a+b@demo.example", "josé@demo.example", "o'neil@demo.example"])
def test_a_plausible_address_is_kept_in_lower_case(email: str) -> None:
    assert rules.email(f" {email} ") == email.lower()


@pytest.mark.parametrize("line", ["", "  ", "a\x00b", "a\nb", "\u2028", "x" * 121, "a\ud800b"])
def test_a_line_that_cannot_be_shown_is_refused(line: str) -> None:
    with pytest.raises(Invalid):
        rules.text(line, "/name")


@pytest.mark.parametrize("password", [
    "password12", "Password123!", "P@ssw0rd123", "passw0rd2026", "qwertyuiop", "1234567890", "0987654321",
    "iloveyou123", "aaaaaaaaaaaa", "1212121212", "letmein!!!!!", "senha123456", "flamengo2019", "contrasena1",
    "1q2w3e4r5t", "michael1987!", "princess2010", "!!!!welcome!!!!", "sunshinesunshine", "SUPERMAN_2024",
    "zaq12wsxcde3",
])
def test_an_easy_password_is_refused(password: str) -> None:
    assert passwords.fault(password, email="ana@demo.example") == "password_common"


@pytest.mark.parametrize(("password", "fault"), [
    ("x" * 9, "password_short"), ("ab1" * 43, "password_long"), ("ana.souza@demo.example", "password_has_email"),
    ("my ANA.SOUZA@demo.example", "password_has_email"), ("ana.souza#77", "password_has_email"),
])
def test_a_password_has_a_length_and_does_not_tell_the_address(password: str, fault: str) -> None:
    assert passwords.fault(password, email="ana.souza@demo.example") == fault


@pytest.mark.parametrize("password", [
    "correct horse battery 9", "Tr4vessia-do-Rio", "xk7#pQ2!vL", "ab1c" * 32, "owner-password-1", "сложный пароль 5",
    "the savannah river 1804",
])
def test_a_good_password_is_good(password: str) -> None:
    assert passwords.fault(password, email="owner@demo.example") is None


def test_the_list_of_common_passwords_is_long_enough() -> None:
    assert len(passwords.common()) >= 3000
    assert len([one for one in passwords.common() if len(one) >= 8]) >= 3000


def test_composed_and_decomposed_letters_are_one_password() -> None:
    assert passwords.normalized("cafe\u0301 com leite") == passwords.normalized("caf\u00e9 com leite")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("held", list(Role))
def test_owners_are_managed_by_owners_and_the_rest_by_admins_too(role: Role, held: Role) -> None:
    actor = Actor(kind="user", organization_id=new_id(), user_id=new_id(), role=role, permissions=PERMISSIONS[role])
    allowed = role is Role.OWNER or (role is Role.ADMIN and held is not Role.OWNER)
    if allowed:
        rules.check_may_manage(actor, held)
        return
    with pytest.raises(Forbidden):
        rules.check_may_manage(actor, held)


def test_the_system_may_make_owners() -> None:
    rules.check_may_manage(system_actor(new_id(), "seed"), Role.OWNER)


def test_a_token_tells_its_organization_and_nothing_else_does() -> None:
    organization_id = new_id()
    assert opaque.organization_of(opaque.mint(organization_id)) == organization_id
    for wrong in ("", "A" * 64, "A" * 66, "*" * 65, "ü" * 65, "=" * 65):
        assert opaque.organization_of(wrong) is None


@pytest.mark.parametrize(("ip", "network"), [
    ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("::ffff:192.0.2.7", "192.0.2.7"),
    ("", ""), ("unix", "unix"),
])
def test_addresses_are_counted_by_network(ip: str, network: str) -> None:
    assert attempts.network_of(ip) == network


@pytest.mark.parametrize("kind", ["password_reset", "invitation"])
@pytest.mark.parametrize("locale", ["en", "pt-BR", "es", "unknown"])
def test_every_letter_carries_the_link_in_every_language(kind: str, locale: str) -> None:
    text = letter(kind, locale)
    assert all(part in text.body for part in ("{link}", "{name}", "{hours}", "{organization}"))
    assert "\n" not in text.subject


@pytest.mark.parametrize("ordering", [
    "password_hash", "name,,", "name;drop", "name,name,name,name,name,name,name", "--name",
])
def test_ordering_by_what_is_not_offered_is_refused(ordering: str) -> None:
    with pytest.raises(Invalid):
        rules.ordering(ordering, ("name", "email", "role"), "name")
