"""How each user wants to be told of what: in the list, by the browser, by a sound."""

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from hub.conversations.models import NotificationPreferences
from hub.core.clock import new_id
from hub.core.errors import Forbidden
from hub.core.work import Work
from hub.events import UserChanged


class Ways(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`app`: an entry in the list; `browser`: a notification of the system; `sound`. The last two are the page's."""

    app: bool = True
    browser: bool = True
    sound: bool = True


class Preferences(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out has its default.

    `assigned` is also for what was reopened. `unassigned`, new words in what nobody has, makes no entries. `quiet` asks
    the page to neither ring nor pop up.
    """

    mention: Ways = msgspec.field(default_factory=Ways)
    assigned: Ways = msgspec.field(default_factory=Ways)
    message: Ways = msgspec.field(default_factory=Ways)
    unassigned: Ways = msgspec.field(default_factory=lambda: Ways(browser=False))
    quiet: bool = False


async def get(work: Work) -> Preferences:
    """The actor's own."""
    kept = await work.session.scalar(
        select(NotificationPreferences.preferences).where(NotificationPreferences.user_id == work.actor.user_id)
    )
    return read(kept)


async def put(work: Work, preferences: Preferences) -> Preferences:
    """Replaces the actor's own. Raises `Forbidden` for those who are no users."""
    user_id = work.actor.user_id
    if user_id is None:
        raise Forbidden
    values = {"preferences": msgspec.to_builtins(preferences), "updated_at": work.now}
    await work.session.execute(insert(NotificationPreferences).values(
        id=new_id(), organization_id=work.organization_id, user_id=user_id, **values,
    ).on_conflict_do_update(index_elements=["user_id"], set_=values))
    await work.emit(UserChanged(user_id=user_id, fields=("notifications",)))
    return preferences


def read(kept: object) -> Preferences:
    """Preferences as they were kept; nothing kept means the defaults."""
    return Preferences() if kept is None else msgspec.convert(kept, Preferences)
