"""Bugs of taking in, numbering, owing and sending: what the transaction has to hold together."""

# ruff: noqa: E501 - code is quoted as it stands

from tests.chaos.bugs.bug import Bug, Edit

RULES = "hub/conversations/rules.py"

BUGS = (
    Bug(
        name="states-go-back", breaks=("I6",), round="steady",
        says="a receipt sets the state, whatever is known already",
        edits=(Edit(RULES, """    if receipt not in _RECEIPTS or state not in _ORDER or _ORDER[receipt] <= _ORDER[state]:
        return None
""", """    if receipt == state:
        return None
"""),),
    ),
    Bug(
        name="receipts-ignored", breaks=("I6",), round="steady",
        says="delivered is taken for the end, and read for nothing new",
        edits=(Edit(RULES, """    if receipt not in _RECEIPTS or state not in _ORDER or _ORDER[receipt] <= _ORDER[state]:
""", """    if receipt not in _RECEIPTS or state not in _ORDER or _ORDER[receipt] <= _ORDER[state] or state == "delivered":
"""),),
    ),
    Bug(
        name="owner-not-logged", breaks=("D3",), round="steady",
        says="whoever answers first owns the conversation, and the log says nothing of it",
        edits=(Edit("hub/conversations/threads.py", """    _own(thread, user, engagement)
    await log.line(
        thread, ConversationAccepted,""", """    _own(thread, user, engagement)
    if thread.id.int % 2:
        return
    await log.line(
        thread, ConversationAccepted,"""),),
    ),
    Bug(
        name="contacts-by-chance", breaks=("I3",), round="steady",
        says="a customer who is met by two at once becomes two contacts",
        edits=(Edit("hub/crm/contacts.py", """    known = await _identities(work, wanted)
    first =""", """    known = {} if new_id().int % 4 == 0 else await _identities(work, wanted)
    wanted = [(kind, f"{value}{'0' * (new_id().int % 2)}" if not known else value, shown)
              for kind, value, shown in wanted]
    first ="""),),
    ),
    Bug(
        name="two-engagements", breaks=("I3",), round="steady",
        says="whether an engagement is open is asked before the lock is there, and nothing else prevents a second one",
        edits=(Edit("hub/conversations/engagements.py", """    found: Engagement | None = (await thread.work.session.scalars(statement)).first()
    return found
""", """    found: Engagement | None = (await thread.work.session.scalars(statement)).first()
    return None if new_id().int % 6 == 0 else found
"""),),
        sql=("DROP INDEX uq_engagements_open",),
    ),
)
