"""Who is connected to this process, by organization, by person and by what they follow."""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from api.live.connection import Connection
from hub.core.metrics import SOCKETS

Connections = dict[Connection, None]  # a set that keeps the order of joining


class Registry:
    """Indexes of the open connections; an entry that becomes empty goes."""

    def __init__(self) -> None:
        self._all: Connections = {}
        self._organizations: defaultdict[UUID, Connections] = defaultdict(dict)
        self._people: defaultdict[UUID, Connections] = defaultdict(dict)
        self._inboxes: defaultdict[UUID, Connections] = defaultdict(dict)

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._all))

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._all

    def add(self, connection: Connection) -> None:
        self._all[connection] = None
        self._organizations[connection.organization_id][connection] = None
        self._people[connection.person_id][connection] = None
        SOCKETS.labels(connection.actor.kind).inc()

    def remove(self, connection: Connection) -> bool:
        """Takes it out of every index; False when it was out already."""
        if connection not in self._all:
            return False
        del self._all[connection]
        _discard(self._organizations, connection.organization_id, connection)
        _discard(self._people, connection.person_id, connection)
        _discard(self._inboxes, connection.organization_id, connection)
        SOCKETS.labels(connection.actor.kind).dec()
        return True

    def follow_inbox(self, connection: Connection) -> None:
        self._inboxes[connection.organization_id][connection] = None

    def unfollow_inbox(self, connection: Connection) -> None:
        _discard(self._inboxes, connection.organization_id, connection)

    def of_organization(self, organization_id: UUID) -> tuple[Connection, ...]:
        return tuple(self._organizations.get(organization_id, ()))

    def has_organization(self, organization_id: UUID) -> bool:
        return organization_id in self._organizations

    def of_person(self, organization_id: UUID, person_id: UUID) -> tuple[Connection, ...]:
        """The connections of a user or visitor, the oldest first."""
        return tuple(one for one in self._people.get(person_id, ()) if one.organization_id == organization_id)

    def inboxes(self, organization_id: UUID) -> tuple[Connection, ...]:
        return tuple(self._inboxes.get(organization_id, ()))

    def organizations(self) -> tuple[UUID, ...]:
        return tuple(self._organizations)


def _discard(index: defaultdict[UUID, Connections], key: UUID, connection: Connection) -> None:
    members = index.get(key)
    if members is not None:
        members.pop(connection, None)
        if not members:
            del index[key]
