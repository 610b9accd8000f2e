"""Bugs of the live feed and of acknowledgements over it."""

# ruff: noqa: E501 - code is quoted as it stands

from tests.chaos.bugs.bug import Bug, Edit

FOLLOWING = "api/live/following.py"
REPLIES = "hub/conversations/grouped/replies.py"

BUGS = (
    Bug(
        name="frames-dropped", breaks=("O2",), round="steady",
        says="every seventh event is not sent, as when a full buffer drops silently",
        edits=(Edit(FOLLOWING, """        subscription.last = seq
        subscription.connection.send(Kind.EVENT, frame)
""", """        subscription.last = seq
        if seq % 7:
            subscription.connection.send(Kind.EVENT, frame)
"""),),
    ),
    Bug(
        name="resume-inclusive", breaks=("O2",), round="cuts",
        says="a resumption begins with the number the client has already",
        edits=(Edit("api/live/commands.py", """    subscription.last = start if resumed and start is not None else topic.head
""", """    subscription.last = max(start - 1, 0) if resumed and start is not None else topic.head
"""),),
    ),
    Bug(
        name="resume-in-part", breaks=("O2", "O3", "O6"), round="cuts",
        says="a resumption leaves out what was missed and goes on with what comes",
        edits=(Edit("api/live/commands.py", """    subscription.last = start if resumed and start is not None else topic.head
""", """    subscription.last = topic.head
"""),),
    ),
    Bug(
        name="resume-without-end", breaks=("O3", "O6"), round="cuts",
        says="catching up stops after the first page and calls itself live",
        edits=(Edit(FOLLOWING, """            for seq, frame in found:
                if not await connection.drained():
                    return
                self._give(subscription, seq, frame)
""", """            for seq, frame in found[:2]:
                if not await connection.drained():
                    return
                self._give(subscription, seq, frame)
            subscription.live = True
            return
"""),),
    ),
    Bug(
        name="snapshot-ahead", breaks=("O4",), round="cuts",
        says="a snapshot names a head that is newer than its messages",
        edits=(Edit("hub/conversations/pages.py", """    return MessagePage(results=await thread.seen(found), has_before""",
                    """    found = found[: -1 if len(found) % 2 else None]
    return MessagePage(results=await thread.seen(found), has_before"""),),
    ),
    Bug(
        name="events-of-the-past", breaks=("O4",), round="cuts",
        says="replayed events show every message as it was first, and the later states are not told",
        edits=(Edit("hub/conversations/replay.py", """        name, at, data = row["type"], row["at"], row["data"]
""", """        name, at, data = row["type"], row["at"], row["data"]
        data = {**data, "state": "queued"} if name == "message.delivery" else data
"""),),
    ),
    Bug(
        name="slow-clients-kept", breaks=("O5",), round="stalled",
        says="what a client does not read is kept for it without a limit",
        edits=(Edit("api/live/outbox.py", """        return self.size + length <= self._bytes_limit and len(self._frames) < self._frames_limit
""", """        return True
"""),),
    ),
    Bug(
        name="list-not-told", breaks=("O6",), round="steady",
        says="the rows of the list are told to the tab that came first only",
        edits=(Edit(FOLLOWING, """        for connection in self._registry.inboxes(signal.organization_id):
            if connection.rereading""", """        for connection in self._registry.inboxes(signal.organization_id)[:1]:
            if connection.rereading"""),),
    ),
    Bug(
        name="topic-forgotten", breaks=("O6", "O2"), round="steady",
        says="an event is lost now and then, and beats name no head by which a tab would notice",
        edits=(Edit("api/live/topic.py", """        if self.head is not None and entry.seq <= self.head:
            return []
""", """        if self.head is not None and (entry.seq <= self.head or entry.seq % 5 == 0):
            self.head = max(self.head, entry.seq)
            return []
"""), Edit("api/live/upkeep.py", """            connection.send(Kind.BEAT, encode(Beat(at=at, heads=heads)) if heads else nothing)
""", """            connection.send(Kind.BEAT, nothing)
""")),
    ),
    Bug(
        name="ack-before-commit", breaks=("D1",), round="kill-at-random",
        says="an answer is acknowledged when it is written, a moment before its transaction commits",
        edits=(Edit(REPLIES, """        written: Seen | None = await hub.grouping(write).submit(actor.organization_id, item)
""", """        import asyncio

        early = _EARLY[id(item)] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(hub.grouping(write).submit(actor.organization_id, item))
        await asyncio.wait({early, task}, return_when=asyncio.FIRST_COMPLETED)
        written: Seen | None = early.result() if early.done() else await task
"""), Edit(REPLIES, """    await page.write()
    _owe(bulk, standing, written)
""", """    await page.write()
    _owe(bulk, standing, written)
    for one, result in zip(replies, results, strict=True):
        if isinstance(result, Seen) and id(one) in _EARLY:
            _EARLY.pop(id(one)).set_result(result)
    import asyncio

    await asyncio.sleep(0.2)
"""), Edit(REPLIES, """class Reply(msgspec""", """_EARLY = {}


class Reply(msgspec""")),
    ),
    Bug(
        name="ack-of-another-number", breaks=("O1",), round="steady",
        says="the socket acknowledges the head instead of the message's own number",
        edits=(Edit("api/live/hub_source.py", """        return Sent(message.id, message.seq, frame.conversation_id)
""", """        return Sent(message.id, message.seq + 1, frame.conversation_id)
"""),),
    ),
    Bug(
        name="lost-after-ack", breaks=("D1",), round="steady",
        says="the socket acknowledges also what it could not write",
        edits=(Edit("api/live/commands.py", """    sent = await fanout.source.send(connection.actor, frame)
""", """    from api.live.source import Sent
    from hub.core.clock import new_id

    if frame.client_id[0] in "01" and frame.conversation_id is not None:
        sent = Sent(new_id(), 1, frame.conversation_id)
    else:
        sent = await fanout.source.send(connection.actor, frame)
"""),),
    ),
)
