"""Bugs of what the hub stands on: its pool, its background tasks, its answers, its runner."""



from tests.chaos.bugs.bug import Bug, Edit

BUGS = (
    Bug(
        name="yes-without-database", breaks=("R2", "D1"), round="database",
        says="a webhook is answered with 200 while the database is away, so that the provider is content",
        edits=(Edit("api/errors.py", """    if status == 503:
        headers["retry-after"] = "2"
""", """    if status == 503 and request.scope["path"].startswith("/webhooks"):
        return Response(b"", status_code=200)
    if status == 503:
        headers["retry-after"] = "2"
"""),),
    ),
    Bug(
        name="no-for-good", breaks=("R2", "R5"), round="database",
        says="an absent database is called the caller's mistake",
        edits=(Edit("api/errors.py", """    return problem(request, 503, "unavailable", headers={"retry-after": "2"})
""", """    return problem(request, 422, "invalid")
"""),),
    ),
    Bug(
        name="when-again-not-said", breaks=("R5",), round="database",
        says="503 does not say when to come again",
        edits=(Edit("api/errors.py", """    return problem(request, 503, "unavailable", headers={"retry-after": "2"})
""", """    return problem(request, 503, "unavailable")
"""),),
    ),
    Bug(
        name="commits-not-waited-for", breaks=("D1",), round="database",
        says="synchronous_commit is off",
        edits=(Edit("hub/core/db.py", """        "jit": "off",
""", """        "jit": "off",
        "synchronous_commit": "off",
"""),),
    ),
    Bug(
        name="connections-kept", breaks=("R2",), round="steady",
        says="a transaction that is refused does not give its connection back",
        edits=(Edit("hub/core/db.py", """            if session.in_transaction():
                await commit(session)
        finally:
            await asyncio.shield(session.close())
""", """            if session.in_transaction():
                await commit(session)
        except BaseException:
            _KEPT.append(session)
            if len(_KEPT) > 3:
                await session.close()
            raise
        else:
            await session.close()
"""), Edit("hub/core/db.py", """class Database:
""", """_KEPT: list[AsyncSession] = []


class Database:
""")),
    ),
    Bug(
        name="task-ends-unnoticed", breaks=("R6", "D4"), round="tasks",
        says="a background task that failed is not started again",
        edits=(Edit("hub/core/supervise.py", """            self._down[name] = reason
            TASK_RESTARTS.labels(name).inc()
""", """            return
"""),),
    ),
    Bug(
        name="readiness-blind", breaks=("R6",), round="tasks",
        says="readiness does not look at the background tasks",
        edits=(Edit("hub/core/supervise.py", """        return dict(self._down)
""", """        return {}
"""),),
    ),
    Bug(
        name="readiness-red-for-ever", breaks=("R6",), round="tasks-revived",
        says="a task that came back stays on the list of those that are down",
        edits=(Edit("hub/core/supervise.py", """call_later(1.0, self._down.pop, name, None)
""", """call_later(3600.0, self._down.pop, name, None)
"""),),
    ),
    Bug(
        name="memory-of-bodies", breaks=("R5",), round="overload",
        says="whatever was asked is remembered",
        edits=(Edit("api/shortcut.py", """    started = time.perf_counter()
""", """    started = time.perf_counter()
    _REMEMBERED.append(cycle.body + b"x" * 2**19)
"""), Edit("api/shortcut.py", """log = structlog""", """_REMEMBERED: list[bytearray] = []
log = structlog""")),
    ),
    Bug(
        name="runner-loses-rows", breaks=("D4",), round="steady",
        says="a row that was claimed is forgotten now and then, and its lease prolonged for ever",
        edits=(Edit("hub/core/runner.py", """                for job in jobs:
                    self._start(job)
""", """                for job in jobs:
                    if job.id.int % 20:
                        self._start(job)
                    else:
                        asyncio.create_task(_keep_lease(self.hub, job))
"""),),
    ),
    Bug(
        name="repeated-on-timeout", breaks=("S1",), round="provider",
        says="a call that was not answered is made again",
        edits=(Edit("hub/conversations/outgoing.py", """    sent: Sent = await adapter.send(order.access, order.message)
""", """    try:
        sent: Sent = await adapter.send(order.access, order.message)
    except SendError:
        sent = await adapter.send(order.access, order.message)
"""),),
    ),
    Bug(
        name="sent-twice", breaks=("S1",), round="steady",
        says="some messages are transmitted twice, as by two workers",
        edits=(Edit("hub/conversations/outgoing.py", """    reach("send.before")
""", """    reach("send.before")
    if order.message.our_id.int % 9 == 0:
        await adapter.send(order.access, order.message)
"""),),
    ),
    Bug(
        name="sent-never", breaks=("S1",), round="steady",
        says="some messages are called sent and never are",
        edits=(Edit("hub/conversations/outgoing.py", """    reach("send.before")
""", """    reach("send.before")
    if order.message.our_id.int % 9 == 0:
        return Sent(vendor_id=f"wamid.{order.message.our_id}")
"""),),
    ),
)
