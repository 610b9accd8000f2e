"""Passwords: which ones are good enough, and changing them."""

import unicodedata
from functools import cache
from pathlib import Path
from uuid import UUID

from sqlalchemy import select, update

from hub.accounts import attempts, rules, sessions
from hub.accounts.models import PasswordReset, User
from hub.core.access import Actor
from hub.core.crypto import check_password, hash_password
from hub.core.errors import Conflict, NotFound, invalid_field
from hub.core.hub import Hub
from hub.core.work import Work
from hub.events import PasswordChanged

SHORTEST = 10
LONGEST = 128
_LEET = str.maketrans("013457@$!", "oieastasi")


async def hashed(password: str, *, email: str, pointer: str = "/password") -> str:
    """The hash to keep of a new password. Raises `Invalid` when it is too easy to guess."""
    normal = normalized(password)
    if code := fault(normal, email=email):
        raise invalid_field(pointer, code)
    return await hash_password(normal)


async def is_right(password: str, password_hash: str | None) -> bool:
    """Takes as long when there is no hash to compare with."""
    return await check_password(normalized(password), password_hash)


def normalized(password: str) -> str:
    """Keyboards differ in how they compose é; NIST SP 800-63B, section 5.1.1.2, says to fold that first."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())


def fault(password: str, *, email: str) -> str | None:
    """What is wrong with a new password, as a code."""
    if len(password) < SHORTEST:
        return "password_short"
    if len(password) > LONGEST:
        return "password_long"
    if _is_common(password.casefold()):
        return "password_common"
    if _tells_address(password.casefold(), email.casefold()):
        return "password_has_email"
    return None


def _is_common(folded: str) -> bool:
    """In the list as it is, or a word of the list with digits and signs around it, or letters spelled as digits."""
    spelled = folded.translate(_LEET)
    forms = {folded, spelled, _stem(folded), _stem(spelled), _stem(folded).translate(_LEET)}
    return len(set(folded)) < 4 or not forms.isdisjoint(common())


def _stem(folded: str) -> str:
    letters = [index for index, letter in enumerate(folded) if letter.isalpha()]
    return folded[letters[0]:letters[-1] + 1] if letters else folded


def _tells_address(folded: str, email: str) -> bool:
    local = email.partition("@")[0]
    return email in folded or (bool(local) and local in folded and len(local) * 2 >= len(folded))


@cache
def common() -> frozenset[str]:
    """Passwords and words that guessers try first, in lower case."""
    return frozenset((Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").split())


async def change(
    hub: Hub, actor: Actor, user_id: UUID, *, password: str, current_password: str | None = None
) -> None:
    """Sets a user's password: one's own against the current one, anybody's by those who manage people.

    Hashing takes tens of milliseconds, so nothing is open meanwhile: read, hash, settle. All sessions of the user end,
    but the one that asked. Raises `NotFound`, `Forbidden`, `Invalid`, `LimitReached`.
    """
    of_self = user_id == actor.user_id
    async with hub.work(actor) as work:
        user = await find(work, user_id)
        if not of_self:
            rules.check_may_manage(actor, user.role)
    if of_self:
        await _check_current(hub, user, current_password)
    new_hash = await hashed(password, email=user.email)
    async with hub.work(actor) as work:
        fresh = await find(work, user_id, lock=True)
        if fresh.password_hash != user.password_hash or fresh.role != user.role:
            raise Conflict
        await settle(work, fresh, new_hash, by="self" if of_self else "admin")


async def find(work: Work, user_id: UUID, *, lock: bool = False) -> User:
    """A user who was not deleted. Raises `NotFound`."""
    statement = select(User).where(User.id == user_id, User.deleted_at.is_(None))
    user = (await work.session.scalars(statement.with_for_update() if lock else statement)).first()
    if user is None:
        raise NotFound
    return user


async def _check_current(hub: Hub, user: User, given: str | None) -> None:
    if not given:
        raise invalid_field("/current_password", "required")
    bucket = attempts.current_password(user.organization_id, user.id)
    await attempts.take(hub, bucket)
    if not await is_right(given, user.password_hash):
        raise invalid_field("/current_password", "password_wrong")
    await attempts.forgive(hub, bucket)


async def settle(work: Work, user: User, new_hash: str, *, by: str) -> None:
    """Keeps the new hash; mailed permissions lapse and sessions end, except the session that this work runs in."""
    user.password_hash, user.updated_at = new_hash, work.now
    await void_resets(work, user.id)
    await sessions.end_all(work, user.id, "password_changed", work.actor.session_id if by == "self" else None)
    await work.emit(PasswordChanged(user_id=user.id, by=by))


async def void_resets(work: Work, user_id: UUID) -> None:
    """Mailed permissions to set a password are good no longer."""
    await work.session.execute(
        update(PasswordReset).where(PasswordReset.user_id == user_id, PasswordReset.used_at.is_(None))
        .values(used_at=work.now)
    )
