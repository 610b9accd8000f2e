"""Who has which conversation on a screen: what each process said last, and the union of it. No I/O, no clock."""

from uuid import UUID

People = dict[UUID, str]  # user → name


class Viewers:
    """For each conversation what each process (`origin`) told of its own viewers, and until when that holds."""

    def __init__(self) -> None:
        self._told: dict[UUID, dict[str, tuple[People, float]]] = {}

    def hear(self, conversation_id: UUID, origin: str, users: People, until: float) -> bool:
        """Takes what a process told; whether the union changed by it."""
        before = self.of(conversation_id)
        told = self._told.setdefault(conversation_id, {})
        if users:
            told[origin] = (users, until)
        else:
            told.pop(origin, None)
        if not told:
            del self._told[conversation_id]
        return self.of(conversation_id) != before

    def of(self, conversation_id: UUID) -> People:
        """Everybody who has it open, by whatever process."""
        union: People = {}
        for users, _ in self._told.get(conversation_id, {}).values():
            union |= users
        return union

    def lapse(self, now: float) -> list[UUID]:
        """Forgets what was not told again in time; the conversations whose viewers changed by it."""
        changed = []
        for conversation_id in list(self._told):
            before = self.of(conversation_id)
            told = {origin: one for origin, one in self._told[conversation_id].items() if one[1] > now}
            if told:
                self._told[conversation_id] = told
            else:
                del self._told[conversation_id]
            if self.of(conversation_id) != before:
                changed.append(conversation_id)
        return changed
