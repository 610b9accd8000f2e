"""How many conversations each view has, the built-in ones and the saved ones, in as many statements however many."""

from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select

from hub.conversations import filters, saved_views
from hub.conversations.desk import Mention
from hub.conversations.filters import Filters
from hub.conversations.models import Conversation
from hub.conversations.shapes import Counts
from hub.core.access import Permission, require
from hub.core.paging import EXACT_UP_TO
from hub.core.work import Work

CAP = 1000  # as far as a badge tells apart


async def of_views(work: Work) -> Counts:
    """mine, unassigned, all and unread exactly; closed to 10,000; everything else to 1,000 and no further."""
    require(work, Permission.CONVERSATION_READ)
    views = await saved_views.queries(work)
    built_in = {
        "closed": _counted(filters.conditions(work, Filters(view="closed")), EXACT_UP_TO),
        "snoozed": _counted(filters.conditions(work, Filters(view="snoozed"))),
        "bots": _counted(filters.conditions(work, Filters(view="bots"))),
        "mentions": _counted([
            *filters.conditions(work, Filters(view="mentions")), filters.mentioned(work, Mention.seen_at.is_(None)),
        ]),
    }
    saved = {str(view_id): _counted(filters.conditions(work, query)) for view_id, query in views.items()}
    statement = select(*(one.label(name) for name, one in (built_in | saved).items()))
    found = (await work.session.execute(statement)).one()._mapping
    return Counts(
        **await _of_open(work), **{name: found[name] for name in built_in},
        views={UUID(name): found[name] for name in saved},
    )


def _counted(conditions: list[ColumnElement[bool]], cap: int = CAP) -> ScalarSelect[int]:
    passing = select(Conversation.id).where(*conditions).limit(cap).subquery()
    return select(func.count()).select_from(passing).scalar_subquery()


async def _of_open(work: Work) -> dict[str, int]:
    mine, nobodys = Conversation.assignee_id == work.actor.user_id, Conversation.assignee_id.is_(None)
    statement = select(
        func.count().filter(mine).label("mine"), func.count().filter(nobodys).label("unassigned"),
        func.count().label("all"), func.count().filter(and_(or_(mine, nobodys), filters.unread(work))).label("unread"),
    ).select_from(Conversation).where(*filters.conditions(work, Filters(view="all")))
    return (await work.session.execute(statement)).one()._asdict()
