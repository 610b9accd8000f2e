"""Sealing, signing and hashing: what was altered, moved or made with another key does not open."""

import time
from typing import Any

import jwt
import pytest

from hub.core.crypto import Keyring, SealBroken, check_password, hash_password, same, token_hash
from hub.core.errors import Unauthenticated

OLD, NEW = "o" * 40, "n" * 40
TYPE, AUDIENCE = "access", "switchboard"


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"iss": "switchboard", "aud": AUDIENCE, "iat": now, "exp": now + 600, "sub": "u", "sid": "s"} | changes


def verify(keyring: Keyring, token: str, **changes: Any) -> dict[str, object]:
    return keyring.verify(token, **{"token_type": TYPE, "audience": AUDIENCE, "now": time.time()} | changes)


def test_what_was_sealed_opens_in_its_own_place_only() -> None:
    keyring = Keyring(NEW)
    sealed = keyring.seal(b"token", place="channels:1")
    assert keyring.open(sealed, place="channels:1") == b"token"
    with pytest.raises(SealBroken):
        keyring.open(sealed, place="channels:2")


def test_the_same_text_is_never_sealed_alike() -> None:
    keyring = Keyring(NEW)
    assert keyring.seal(b"token", place="p") != keyring.seal(b"token", place="p")


def test_every_altered_byte_is_noticed() -> None:
    keyring = Keyring(NEW)
    sealed = keyring.seal(b"token", place="p")
    for index in range(len(sealed)):
        altered = bytearray(sealed)
        altered[index] ^= 1
        with pytest.raises(SealBroken):
            keyring.open(bytes(altered), place="p")


@pytest.mark.parametrize("cut", [0, 7, 8, 19, 20, 35])
def test_a_truncated_value_does_not_open(cut: int) -> None:
    keyring = Keyring(NEW)
    with pytest.raises(SealBroken):
        keyring.open(keyring.seal(b"token", place="p")[:cut], place="p")


def test_an_old_key_still_opens_and_is_known_as_old() -> None:
    sealed = Keyring(OLD).seal(b"token", place="p")
    rotated = Keyring(NEW, [OLD])
    assert rotated.open(sealed, place="p") == b"token"
    assert not rotated.is_current(sealed)
    assert rotated.is_current(rotated.seal(b"token", place="p"))


def test_a_key_that_was_taken_away_opens_nothing() -> None:
    with pytest.raises(SealBroken):
        Keyring(NEW).open(Keyring(OLD).seal(b"token", place="p"), place="p")


def test_a_token_signed_with_an_old_key_is_good_until_the_key_goes() -> None:
    token = Keyring(OLD).sign(claims(), token_type=TYPE)
    assert verify(Keyring(NEW, [OLD]), token)["sub"] == "u"
    with pytest.raises(Unauthenticated):
        verify(Keyring(NEW), token)


def test_a_token_that_has_ended_says_so() -> None:
    keyring = Keyring(NEW)
    token = keyring.sign(claims(), token_type=TYPE)
    with pytest.raises(Unauthenticated, match="token_expired"):
        verify(keyring, token, now=time.time() + 601)


def test_a_token_that_was_good_before_is_good_until_it_ends_and_only_to_the_letter() -> None:
    keyring = Keyring(NEW)
    token = keyring.sign(claims(), token_type=TYPE)
    assert verify(keyring, token) == verify(keyring, token)
    with pytest.raises(Unauthenticated, match="token_invalid"):
        verify(keyring, f"{token[:-4]}AAAA")
    with pytest.raises(Unauthenticated, match="token_invalid"):
        verify(keyring, token, audience="somebody else")
    with pytest.raises(Unauthenticated, match="token_expired"):
        verify(keyring, token, now=time.time() + 601)


@pytest.mark.parametrize("changes", [
    {"token_type": "visitor"}, {"audience": "somebody else"}, {"now": 0.0},
])
def test_a_token_for_something_else_is_refused(changes: dict[str, Any]) -> None:
    keyring = Keyring(NEW)
    with pytest.raises(Unauthenticated):
        verify(keyring, keyring.sign(claims(), token_type=TYPE), **changes)


@pytest.mark.parametrize("missing", ["exp", "iat", "sub", "sid", "iss", "aud"])
def test_a_token_without_a_claim_is_refused(missing: str) -> None:
    keyring = Keyring(NEW)
    with pytest.raises(Unauthenticated):
        verify(keyring, keyring.sign({k: v for k, v in claims().items() if k != missing}, token_type=TYPE))


@pytest.mark.parametrize("changes", [{"exp": "soon"}, {"exp": None}, {"iat": "now"}, {"exp": True, "iat": 2**40}])
def test_a_claim_of_the_wrong_kind_is_refused(changes: dict[str, Any]) -> None:
    keyring = Keyring(NEW)
    with pytest.raises(Unauthenticated):
        verify(keyring, keyring.sign(claims(**changes), token_type=TYPE))


@pytest.mark.parametrize("token", [
    "", ".", "a.b.c", "é", jwt.encode(claims(), "k" * 40, "HS256"),
    jwt.encode(claims(), "", "none", headers={"typ": TYPE}),
])
def test_what_we_did_not_sign_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        verify(Keyring(NEW), token)


async def test_a_password_is_checked_against_its_hash() -> None:
    hashed = await hash_password("correct horse")
    assert "correct" not in hashed
    assert await check_password("correct horse", hashed)
    assert not await check_password("wrong horse", hashed)
    assert not await check_password("correct horse", None)
    assert not await check_password("correct horse", "no hash at all")


def test_a_token_is_kept_as_a_hash() -> None:
    assert token_hash("t") != b"t"
    assert same(token_hash("t"), token_hash("t"))
    assert not same("a", "b")
