"""Sealing of secrets at rest, signing of access tokens and hashing of what only has to be recognised.

A sealed value is `key id (8 bytes) | nonce (12) | AES-256-GCM ciphertext`, bound to its place by associated data, so
that a ciphertext copied to another row or column does not open. Keys are derived from `HUB_SECRET_KEY`; the old ones
in `HUB_OLD_SECRET_KEYS` still open what they sealed.
"""

import asyncio
import base64
import hashlib
import hmac
import math
import os
import re
from collections.abc import Mapping, Sequence

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.core.errors import Unauthenticated

_ALGORITHM = "HS256"
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's floor; see SEC-5
_hashing = asyncio.Semaphore(2)
_REMEMBERED = 4096  # tokens: those of the users who are here now


class SealBroken(Exception):
    """A sealed value was altered, moved, or sealed with a key we no longer have."""


class Keyring:
    """The installation's keys: the newest seals and signs, all of them open and verify."""

    def __init__(self, secret: str, old: Sequence[str] = ()) -> None:
        self._secrets = [secret, *old]
        self._seals = {_key_id(value): AESGCM(_derived(value, b"seal")) for value in self._secrets}
        self._signing = {_key_id(value).hex(): _derived(value, b"access-token") for value in self._secrets}
        self._deriving = _derived(secret, b"derive")
        self._current = _key_id(secret)
        self._verified: dict[tuple[str, str, str], tuple[Mapping[str, object], float]] = {}

    def seal(self, plain: bytes, *, place: str) -> bytes:
        nonce = os.urandom(12)
        return self._current + nonce + self._seals[self._current].encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """The plain bytes. Raises `SealBroken`."""
        key = self._seals.get(bytes(sealed[:8]))
        if key is None:
            raise SealBroken
        try:
            return key.decrypt(bytes(sealed[8:20]), bytes(sealed[20:]), place.encode())
        except (InvalidTag, ValueError):  # ValueError: cut short
            raise SealBroken from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it; if not, it is due for sealing again."""
        return bytes(sealed[:8]) == self._current

    def derive(self, text: str, *, purpose: str) -> str:
        """A URL-safe secret of 256 bits that only we can compute from `text`, the same each time."""
        mac = hmac.digest(self._deriving, f"{purpose}|{text}".encode(), "sha256")
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def sign(self, claims: dict[str, object], *, token_type: str) -> str:
        """A signed token (JWT) whose header names its type and key."""
        key_id = self._current.hex()
        return jwt.encode(claims, self._signing[key_id], _ALGORITHM, headers={"typ": token_type, "kid": key_id})

    def verify(self, token: str, *, token_type: str, audience: str, now: float) -> Mapping[str, object]:
        """The claims of a token of this type that is valid at `now` (unix seconds). Raises `Unauthenticated`.

        A token that was found good is remembered, to the letter, until newer ones take its place: it can only expire.
        """
        asked = (token, token_type, audience)
        if (known := self._verified.get(asked)) is not None:
            claims, expires = known
            if expires <= now:
                raise Unauthenticated("token_expired")
            return claims
        claims, expires = self._examined(token, token_type, audience, now)
        while len(self._verified) >= _REMEMBERED:
            del self._verified[next(iter(self._verified))]
        self._verified[asked] = claims, expires
        return claims

    def _examined(
        self, token: str, token_type: str, audience: str, now: float
    ) -> tuple[Mapping[str, object], float]:
        """The claims, and when they expire."""
        if not is_compact(token):
            raise Unauthenticated("token_invalid")
        try:
            header = jwt.get_unverified_header(token)
            key = self._signing.get(str(header.get("kid")))
            if key is None or header.get("typ") != token_type or header.get("alg") != _ALGORITHM or "crit" in header:
                raise Unauthenticated("token_invalid")
            claims: dict[str, object] = jwt.decode(
                token, key, [_ALGORITHM], audience=audience, issuer="switchboard",
                options={"require": ["exp", "iat", "sub", "sid"], "verify_exp": False, "verify_iat": False,
                         "verify_nbf": False},
            )
        except (jwt.InvalidTokenError, RecursionError, ValueError):  # headers nested or numbered past reason
            raise Unauthenticated("token_invalid") from None
        expires, issued, begins = claims["exp"], claims["iat"], claims.get("nbf", 0)
        times = [time for time in (expires, issued, begins) if isinstance(time, int | float) and math.isfinite(time)]
        if len(times) < 3 or max(times[1:]) > now + 60:
            raise Unauthenticated("token_invalid")
        assert isinstance(expires, int | float)
        if expires <= now:
            raise Unauthenticated("token_expired")
        return claims, expires


def is_compact(token: str) -> bool:
    """Whether this is the one spelling of a signed token (RFC 7515, sections 2 and 7.1): decoders also take padding,
    and bits in the last letter that mean nothing."""
    signature = token.rpartition(".")[2]
    if not _COMPACT.fullmatch(token) or len(signature) % 4 == 1:
        return False
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    return base64.urlsafe_b64encode(raw).decode().rstrip("=") == signature


def token_hash(token: str) -> bytes:
    """What we keep of a random token: enough to recognise it, useless to a thief."""
    return hashlib.sha256(token.encode()).digest()


def same(left: bytes | str, right: bytes | str) -> bool:
    """Constant-time equality."""
    first = left.encode() if isinstance(left, str) else left
    second = right.encode() if isinstance(right, str) else right
    return hmac.compare_digest(first, second)


async def hash_password(password: str) -> str:
    async with _hashing:
        return await asyncio.to_thread(_hasher.hash, password)


async def check_password(password: str, hashed: str | None) -> bool:
    """Whether the password is right; takes as long when there is no such user (`hashed` None)."""
    async with _hashing:
        return await asyncio.to_thread(_verify, password, hashed)


_NOBODY = _hasher.hash(os.urandom(16).hex())


def _verify(password: str, hashed: str | None) -> bool:
    try:
        return _hasher.verify(hashed or _NOBODY, password) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


def _key_id(secret: str) -> bytes:
    return _derived(secret, b"key-id")[:8]


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=b"switchboard", info=purpose).derive(secret.encode())
