"""Bugs of taking in, numbering, owing and sending: what the transaction has to hold together."""

# ruff: noqa: E501 - code is quoted as it stands

from tests.chaos.bugs.bug import Bug, Edit

RULES, DELIVERY, MESSAGES = (f"hub/conversations/{name}.py" for name in ("rules", "delivery", "messages"))
ARRIVALS, REPLIES = "hub/conversations/grouped/arrivals.py", "hub/conversations/grouped/replies.py"
HOOKS, OUTBOX = "api/hooks.py", "hub/core/outbox.py"

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
        name="strangers-again", breaks=("I3",), round="steady",
        says="a customer whom another request met a moment ago is not found, and becomes another contact",
        edits=(Edit("hub/conversations/grouped/senders.py", """        known = found.people.get(place)
""", """        known = found.people.get(place) if new_id().int % 4 else None
"""), Edit("hub/conversations/grouped/senders.py", """        if known is not None:
            one.contact_id,""", """        if known is not None and new_id().int % 4:
            one.contact_id,""")),
        sql=("ALTER TABLE contact_identities DROP CONSTRAINT uq_contact_identities_organization_id_kind_value",),
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
    Bug(
        name="webhook-acked-before-commit", breaks=("D1",), round="kill-at-random",
        says="a webhook is answered as soon as it is in the line for its group",
        edits=(Edit(HOOKS, """        fresh = await arrivals.receive(hub, organization_id, delivery)
""", """        import asyncio

        async def soon(delivery: arrivals.Delivery = delivery) -> None:
            await asyncio.sleep(0.3)
            await arrivals.receive(hub, organization_id, delivery)

        asyncio.create_task(soon())
        fresh = True
"""),),
    ),
    Bug(
        name="known-by-chance", breaks=("I1",), round="steady",
        says="a delivery is known by when it came, and a message by nothing",
        edits=(Edit(HOOKS, """vendor_key=hashlib.sha256(body).hexdigest(), headers""", """vendor_key=hashlib.sha256(body).hexdigest() + str(hub.clock.now()), headers"""),
               Edit(ARRIVALS, """        elif effect.place not in known:
            known.add(effect.place)
            _hear(page, effect)
""", """        else:
            _hear(page, effect)
""")),
        sql=("DROP INDEX uq_messages_vendor_id",),
    ),
    Bug(
        name="counted-twice", breaks=("D3",), round="steady",
        says="a repeated message is dropped after it was counted",
        edits=(Edit(ARRIVALS, """            known.add(effect.place)
            _hear(page, effect)
""", """            known.add(effect.place)
            _hear(page, effect)
            effect.sender.standing.inbound_count += effect.value.vendor_id[-1] in "aeiou"
"""),),
    ),
    Bug(
        name="left-and-forgotten", breaks=("D1", "I2", "I6"), round="kill-after-sending",
        says="a delivery that is out of the ordinary is kept as processed, and nobody does it",
        edits=(Edit(ARRIVALS, "done=task.ordinary)", "done=True)"),),
    ),
    Bug(
        name="kept-without-a-row", breaks=("I2",), round="kill-after-sending",
        says="a delivery is kept, and the row of the outbox that would do it is not written",
        edits=(Edit("hub/core/intake.py", "for one in arrivals if not one.done", "for one in arrivals[:0]"),),
    ),
    Bug(
        name="numbers-without-a-lock", breaks=("O1", "D3"), round="steady",
        says="the head is read without a lock or remembered, and nothing else keeps numbers apart",
        edits=(Edit("hub/conversations/grouped/standings.py", """ LIMIT 1 FOR UPDATE) c")""", """ LIMIT 1) c")"""),
               Edit("hub/conversations/grouped/standings.py", "AND c.head_seq = x.held_seq AND (c.", "AND (c."),
               Edit("hub/core/statements.py", "THEN true ELSE outdated() END", "THEN true ELSE true END")),
        sql=("ALTER TABLE messages DROP CONSTRAINT uq_messages_conversation_id_seq",
             "ALTER TABLE events DROP CONSTRAINT uq_events_organization_id_conversation_id_seq"),
    ),
    Bug(
        name="number-skipped", breaks=("O1",), round="steady",
        says="a repeated answer takes a number and gives it back to nobody",
        edits=(Edit(MESSAGES, """    if found.client_hash != hash_of(draft):
""", """    thread.conversation.head_seq += 1
    if found.client_hash != hash_of(draft):
"""),),
    ),
    Bug(
        name="client-ids-ignored", breaks=("I4",), round="steady",
        says="an answer that is sent again is another answer",
        edits=(Edit("hub/conversations/grouped/repeats.py", """    return twice | {row["place"] for row in rows}
""", """    return twice
"""), Edit(MESSAGES, """    found = (await thread.work.session.scalars(statement)).first()
    if found is None:
        return None
    if found.client_hash""", """    found = None
    if found is None:
        return None
    if found.client_hash""")),
        sql=("DROP INDEX uq_messages_client_id",),
    ),
    Bug(
        name="other-words-accepted", breaks=("I4",), round="steady",
        says="other words under a known client id are answered as if they had been kept",
        edits=(Edit(MESSAGES, """    if found.client_hash != hash_of(draft):
        raise Conflict("client_id_reused")
""", ""),),
    ),
    Bug(
        name="answers-not-owed", breaks=("D3", "S1"), round="steady",
        says="some answers are kept without the row that sends them",
        edits=(Edit(REPLIES, """        for one in answers if one.state == "queued"
""", """        for one in answers if one.state == "queued" and one.id.int % 5
"""),),
    ),
    Bug(
        name="receipts-thrown-away", breaks=("D1", "I6"), round="kill-after-sending",
        says="a receipt that overtakes the answer to the send is dropped",
        edits=(Edit(DELIVERY, """    if found is None:
        await work.session.execute(insert(PendingReceipt).values(""", """    if found is None:
        return
        await work.session.execute(insert(PendingReceipt).values("""),),
    ),
    Bug(
        name="sent-again-after-death", breaks=("S1",), round="kill-after-sending",
        says="what was being sent when somebody died is sent again",
        edits=(Edit(DELIVERY, """    if message.state == "sending":
        await note(thread, message, "uncertain", source="hub", at=work.now, code="interrupted")
""", """    if message.state == "sending":
        message.state = "queued"
"""),),
    ),
    Bug(
        name="settled-twice", breaks=("D5",), round="workers-stopped",
        says="a worker that was only paused writes with its old lease",
        edits=(Edit(OUTBOX, """    if row is None or row.lease_token != job.lease_token or row.state != "running":
        raise LeaseLost
""", """    if row is None:
        raise LeaseLost
"""),),
    ),
    Bug(
        name="lease-for-ever", breaks=("D5", "D4"), round="workers-killed",
        says="a lease lasts ten minutes",
        edits=(Edit(OUTBOX, """LEASE = timedelta(seconds=10)
""", """LEASE = timedelta(seconds=600)
"""),),
    ),
    Bug(
        name="order-ignored", breaks=("D4", "O1"), round="steady",
        says="rows of one order are done side by side",
        edits=(Edit(OUTBOX, """        AND e.position < o.position AND e.state IN ('waiting', 'running')))
  ORDER BY""", """        AND e.position < o.position AND e.state IN ('waiting', 'running')) OR true)
  ORDER BY"""),),
    ),
    Bug(
        name="dead-at-once", breaks=("D4",), round="link",
        says="a row whose attempt failed because the database was away is a dead letter",
        edits=(Edit(OUTBOX, """    if job.attempt >= MAX_ATTEMPTS:
        return await _dead""", """    if job.attempt >= 1:
        return await _dead"""),),
    ),
)
