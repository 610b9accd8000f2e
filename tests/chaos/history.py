"""What the clients of the crash programme saw: every act with when it began, what was answered and what that said.

Instants are seconds since 1970, as this machine's clock tells them. `acked` None means that no answer said yes: it may
have happened or not.
"""

import msgspec


class Write(msgspec.Struct, kw_only=True):
    """A message that a client wants kept. `key` is the provider's id (kind inbound) or the client's (agent, visitor).

    `sender` is whoever waits for the answer before writing the next; empty when nobody does. `ids` and `seqs` are all
    that its acknowledgements said, through all repetitions.
    """

    kind: str
    key: str
    sender: str
    text: str
    began: float
    acked: float | None = None
    conversation: str | None = None
    wa_id: str | None = None
    ids: set[str] = msgspec.field(default_factory=set)
    seqs: set[int] = msgspec.field(default_factory=set)


class Status(msgspec.Struct, kw_only=True):
    """A receipt that was sent to the hub for one of its messages."""

    vendor_id: str
    state: str
    acked: bool = False


class Answer(msgspec.Struct, kw_only=True):
    """One request and how it ended. `status` 0: no answer. `writes`: it asked for a change."""

    began: float
    ended: float
    status: int
    writes: bool
    retry_after: bool = False


class Outage(msgspec.Struct, kw_only=True):
    """A fault of the hub or of what it stands on: from when until when, and when the hub served again.

    `what`: kill, stop, database, …
    """

    what: str
    began: float
    ended: float
    served: float | None = None


class Probe(msgspec.Struct, kw_only=True):
    """What /readyz said. `status` 0: nothing."""

    at: float
    status: int
    checks: dict[str, str] = {}


class Step(msgspec.Struct, kw_only=True):
    """One thing that a tab did to its copy of a conversation.

    `what`: snapshot (its head is `number`), resumed (from `number`, to the head `head` that was named), event (`number`
    was applied), cut, end (quiet; `head` is the database's).
    """

    what: str
    conversation: str
    number: int = 0
    head: int = 0


class Tab(msgspec.Struct, kw_only=True):
    """A client of the live feed. `shown` and `fetched`: conversation → message id → what the tab shows at the end, and
    what a fresh snapshot says, None where it was refused; `rows` and `listed` the same for the list: conversation →
    head."""

    name: str
    steps: list[Step] = []
    shown: dict[str, dict[str, tuple[str, str]]] = {}
    fetched: dict[str, dict[str, tuple[str, str]] | None] = {}
    rows: dict[str, int] = {}
    listed: dict[str, int] = {}


class Stalled(msgspec.Struct, kw_only=True):
    """A tab that stopped reading while others went on. `grown`: bytes of the server's memory; `late`: the longest
    delay of another tab's event in seconds; `code`: how the connection ended, None: it did not."""

    grown: int
    late: float
    code: int | None


class Level(msgspec.Struct, kw_only=True):
    """Something counted before and after: connections to the database in use, bytes of memory."""

    name: str
    before: float
    after: float
    most: float


class History(msgspec.Struct, kw_only=True):
    """Everything that the clients of one round know."""

    writes: list[Write] = []
    statuses: list[Status] = []
    reused: list[tuple[str, int]] = []  # client id that was used again with other words, and the answer's status
    answers: list[Answer] = []
    outages: list[Outage] = []
    probes: list[Probe] = []
    failing: list[tuple[float, float]] = []  # when a background task was made to fail: from, until
    tabs: list[Tab] = []
    stalled: list[Stalled] = []
    levels: list[Level] = []
    hurried: bool = True  # False: the machine or the fault makes times meaningless

    @property
    def acknowledged(self) -> int:
        return sum(write.acked is not None for write in self.writes) + sum(status.acked for status in self.statuses)
