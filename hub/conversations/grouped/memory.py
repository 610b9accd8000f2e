"""What groups of this process remember: conversations as the last one left them, whom addresses belong to, channels.

It spares looking, and nothing rests on it: whoever uses it expects in the same statement that it still is so (see
`standings.hold`), and it forgets what it hears that others have changed.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar
from uuid import UUID

import msgspec

from hub.conversations.grouped.looking import Line
from hub.conversations.values import Standing
from hub.core.hub import Hub
from hub.core.signals import AnySignal, ConversationSignal

K = TypeVar("K")
V = TypeVar("V")

_MOST = 10_000  # of each kind; a conversation takes two kilobytes

Person = tuple[int | str, ...]  # the channel, and kinds and values of the addresses


class Known(msgspec.Struct, frozen=True, eq=False):
    """Whom the addresses of one person belong to, and the conversation with them on that channel."""

    contact_id: UUID
    conversation_id: UUID


class Memory:
    """Of all organizations, each thing under its organization's id. The oldest goes when there is no room. (Ids are
    keys as the numbers that they are, which are hashed without a call.)"""

    def __init__(self, hub: Hub) -> None:
        self._standings: OrderedDict[tuple[int, int], Standing] = OrderedDict()
        self._people: OrderedDict[tuple[int, Person], Known] = OrderedDict()
        self._lines: OrderedDict[tuple[int, int], Line] = OrderedDict()
        hub.signals.listen(self._hear, self._forget_all, wants=lambda _organization_id: False)

    def take(self, organization_id: UUID, ids: Collection[UUID]) -> dict[UUID, Standing]:
        """Those of the conversations that are remembered. They are forgotten: whoever takes them changes them, and
        keeps them again once that has committed."""
        found = {one: self._standings.pop((organization_id.int, one.int), None) for one in ids}
        return {one: standing for one, standing in found.items() if standing is not None}

    def keep(self, organization_id: UUID, standings: Iterable[Standing]) -> None:
        """Conversations as they were committed."""
        for one in standings:
            one.held_seq = one.head_seq
            _put(self._standings, (organization_id.int, one.id.int), one)

    def known(self, organization_id: UUID, person: Person) -> Known | None:
        return self._people.get((organization_id.int, person))

    def meet(self, organization_id: UUID, person: Person, known: Known | None) -> None:
        """None: there is nothing to remember of them."""
        if known is None:
            self._people.pop((organization_id.int, person), None)
        else:
            _put(self._people, (organization_id.int, person), known)

    def line(self, organization_id: UUID, channel_id: UUID) -> Line | None:
        return self._lines.get((organization_id.int, channel_id.int))

    def keep_lines(self, organization_id: UUID, lines: Mapping[UUID, Line | None]) -> None:
        """None: it is gone, or has to be looked at again."""
        for channel_id, line in lines.items():
            if line is None:
                self._lines.pop((organization_id.int, channel_id.int), None)
            else:
                _put(self._lines, (organization_id.int, channel_id.int), line)

    def _hear(self, signal: AnySignal) -> None:
        if isinstance(signal, ConversationSignal):
            key = signal.organization_id.int, signal.conversation_id.int
            standing = self._standings.get(key)
            if standing is not None and standing.head_seq < signal.seq:
                del self._standings[key]

    def _forget_all(self) -> None:
        self._standings.clear()


def _put(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > _MOST:
        kept.popitem(last=False)
