"""Safeguards in the source taken away one at a time, each with the tests that have to fail for it.

A mutant is a small replacement; `tests/tenancy/test_sources.py` sees that its place still exists.
"""

from typing import NamedTuple

LAYERS = "tests/tenancy/test_layers.py"
STATEMENTS = "tests/tenancy/test_statements.py"
SIGNALS = "tests/api/live/test_tenancy.py"
JOBS = "tests/api/tenancy/test_jobs.py"
DOORS = "tests/api/tenancy/test_doors.py"
ROUTES = "tests/api/tenancy/test_routes.py"
OUTBOX = "tests/hub/core/test_outbox.py"
PRESENCE = "tests/providers/test_memory.py"
LIMITS = "tests/api/accounts/test_limits.py"
MEMORY = "tests/hub/conversations/test_memory.py"


class Mutant(NamedTuple):
    """`old` stands once in `file` and becomes `new`; then one of `tests` has to fail."""

    layer: str
    name: str
    file: str
    old: str
    new: str
    tests: str


_TENANCY = "hub/core/tenancy.py"
_GUARD = [
    Mutant("ORM guard", "criteria", _TENANCY, "state.statement = state.statement.options(criteria)", "del criteria",
           LAYERS),
    Mutant("ORM guard", "criteria for one", _TENANCY, "cls.organization_id == only, include_aliases=True",
           "cls.organization_id == cls.organization_id, include_aliases=True", LAYERS),
    Mutant("ORM guard", "criteria for several", _TENANCY, "cls.organization_id.in_(ids), include_aliases=True",
           "cls.organization_id.is_not(None), include_aliases=True", LAYERS),
    Mutant("ORM guard", "aliases of one", _TENANCY, "cls.organization_id == only, include_aliases=True",
           "cls.organization_id == only", LAYERS),
    Mutant("ORM guard", "aliases of several", _TENANCY, "cls.organization_id.in_(ids), include_aliases=True",
           "cls.organization_id.in_(ids)", LAYERS),
    Mutant("ORM guard", "reading", _TENANCY, "state.is_select or state.is_update", "state.is_update", LAYERS),
    Mutant("ORM guard", "changing", _TENANCY, "state.is_select or state.is_update or state.is_delete",
           "state.is_select or state.is_delete", LAYERS),
    Mutant("ORM guard", "deleting", _TENANCY, "state.is_update or state.is_delete", "state.is_update", LAYERS),
    Mutant("ORM guard", "statement without a scope", _TENANCY, 'raise Unscoped("statement without a scope")', "return",
           LAYERS),
    Mutant("ORM guard", "flush without a scope", _TENANCY, 'raise Unscoped("flush without a scope")', "return", LAYERS),
    Mutant("ORM guard", "new row of another organization", _TENANCY,
           "if not scope.is_across and row.organization_id not in scope.organization_ids:", "if False:", LAYERS),
    Mutant("ORM guard", "mark of a new row", _TENANCY, "row.organization_id = scope.organization_ids[0]", "pass",
           LAYERS),
]
_DATABASE = [
    Mutant("transaction", "role of the application", "hub/core/db.py",
           'settings | {"role": role} if role else settings', "settings", LAYERS),
    Mutant("transaction", "scope of a grouped one", "hub/core/db.py", "set_config('hub.scope', '{}', true)",
           "set_config('hub.scope', '{}', false)", LAYERS),
    Mutant("transaction", "grouped ones are not across", "hub/core/db.py", "set_config('hub.across', 'off', true)\"",
           "set_config('hub.across', 'on', true)\"", LAYERS),
    Mutant("transaction", "single looks are not across", "hub/core/db.py", "set_config('hub.across', 'off', true)\n",
           "set_config('hub.across', 'on', true)\n", LAYERS),
    Mutant("transaction", "scope of a single look", "hub/core/db.py", "set_config('hub.scope', ${place}, true)",
           "set_config('hub.scope', ${place}, false)", LAYERS),
    Mutant("attempt", "organization that a connection is held to", "hub/core/db.py",
           "if self._held.kept_for(connection) != wanted:", "if not self._held.kept_for(connection):", LAYERS),
    Mutant("attempt", "connections that are held are not across", "hub/core/db.py",
           "set_config('hub.across', 'off', false)", "set_config('hub.across', 'on', false)", LAYERS),
    Mutant("attempt", "connections of others are held to nothing", "hub/core/db.py",
           "async with self._held.lend(wanted)", "async with self._raw.lend(wanted)", LAYERS),
    Mutant("memory", "conversations of an organization", "hub/conversations/grouped/memory.py",
           "self._standings.pop((organization_id.int, one.int), None) for one in ids}",
           "next((it for key, it in self._standings.items() if key[1] == one.int), None) for one in ids}", MEMORY),
    Mutant("transaction", "role of a grouped one", "hub/core/db.py", "_connect_args(APP_ROLE, **_BY_INDEX)",
           "_connect_args(None, **_BY_INDEX)", LAYERS),
    Mutant("transaction", "scope ends with it", "hub/core/db.py", "set_config('hub.scope', :ids, true)",
           "set_config('hub.scope', :ids, false)", LAYERS),
    Mutant("transaction", "scope across ends with it", "hub/core/db.py", "set_config('hub.across', :across, true)",
           "set_config('hub.across', :across, false)", LAYERS),
    Mutant("transaction", "across only where asked for", "hub/core/db.py", '"on" if scope.is_across else "off"', '"on"',
           LAYERS),
    Mutant("own SQL", "order of rows in the outbox", "hub/core/outbox.py",
           "e.organization_id = o.organization_id AND e.order_key", "e.order_key", OUTBOX),
    Mutant("own SQL", "order of rows at the relay", "workers/relay.py",
           "e.organization_id = o.organization_id AND e.order_key", "e.order_key", STATEMENTS),
]
_SCOPES = [
    Mutant("scope", "work of a job", "hub/core/outbox.py", "return hub.work(self.actor(), fence=self)",
           'return hub.work(self.actor(), Scope.across("mutant"), fence=self)', JOBS),
    Mutant("scope", "work of a request", "hub/core/work.py", "scope = Scope.of(actor.organization_id)",
           'scope = Scope.across("mutant")', ROUTES),
    Mutant("scope", "actor of an access token", "hub/accounts/sessions.py",
           "if actor.user_id != user_id:", "if False:", "tests/api/accounts/test_tokens.py"),
]
_DOORS = [
    Mutant("door", "visitor of this channel", "api/widget.py", "if actor.channel_id != channel.id:", "if False:",
           DOORS),
    Mutant("door", "visitor's token at this channel", "hub/channels/visitors.py",
           "Visitor.hash == token_hash(token), Visitor.channel_id == channel.id)", "Visitor.hash == token_hash(token))",
           DOORS),
    Mutant("door", "audience of a website's token", "hub/channels/identity.py",
           'if claims.get("aud") not in (None, audience):', "if False:", DOORS),
    Mutant("door", "a visitor's own thread", "hub/conversations/uploads.py",
           "return not note and conversation.id == await views.visitor_conversation(work)", "return not note", ROUTES),
]
_FANOUT = [
    Mutant("fan-out", "people of an organization", "api/live/registry.py",
           "return tuple(one for one in self._people.get(person_id, ()) if one.organization_id == organization_id)",
           "return tuple(self._people.get(person_id, ()))", SIGNALS),
    Mutant("fan-out", "sockets of an organization", "api/live/registry.py",
           "return tuple(self._organizations.get(organization_id, ()))", "return tuple(self._all)", SIGNALS),
    Mutant("fan-out", "inboxes of an organization", "api/live/registry.py",
           "return tuple(self._inboxes.get(organization_id, ()))",
           "return tuple(one for all in self._inboxes.values() for one in all)", SIGNALS),
    Mutant("fan-out", "topic of a message", "api/live/following.py", "topic = self.topics.get(key)\n        told",
           "topic = next((one for of, one in reversed(self.topics.items())"
           " if of[1] == signal.conversation_id), None)\n        told",
           SIGNALS),
    Mutant("fan-out", "topic of typing", "api/live/screens.py",
           "topic = self.following.topics.get((signal.organization_id, signal.conversation_id))",
           "topic = next((one for key, one in reversed(self.following.topics.items())"
           " if key[1] == signal.conversation_id), None)", SIGNALS),
    Mutant("fan-out", "presence in one process", "providers/memory.py", "if organization == organization_id and _alive",
           "if _alive", PRESENCE),
    Mutant("fan-out", "presence over Redis", "providers/redis_presence.py",
           'keys = [f"{self._prefix}:{organization_id}", f"{self._prefix}:all"]',
           'keys = [f"{self._prefix}:everybody", f"{self._prefix}:all"]', "tests/workers/test_redis_presence.py"),
]
MUTANTS: list[Mutant] = [*_GUARD, *_DATABASE, *_SCOPES, *_DOORS, *_FANOUT]
