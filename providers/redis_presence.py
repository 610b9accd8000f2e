"""Presence over Redis: who holds a lease on any process. While Redis is away, each process knows its own people.

One hash for each organization: a user's field holds the state last chosen and, for each connection, what it said and
until when it lives. Redis runs each change whole, by its own clock, so the clocks of our machines do not matter.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from hub.core.clock import Clock
from providers.memory import LEASE, MemoryPresence
from providers.redis_optional import OptionalRedis

_FORGET = timedelta(days=1)  # an organization nobody looked at for so long leaves nothing behind

_COMMON = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function live(entry)
  local kept, any = {}, false
  for name, lease in pairs(entry.leases) do
    if lease[2] > now then kept[name] = lease; any = true end
  end
  entry.leases = kept
  return any
end
"""
_RENEW = _COMMON + """
local raw = redis.call('HGET', KEYS[1], ARGV[1])
local entry = raw and cjson.decode(raw)
if not entry or not live(entry) then entry = {state = ARGV[3], leases = {}} end
local said = entry.leases[ARGV[2]]
if said and said[1] ~= ARGV[3] then entry.state = ARGV[3] end
entry.leases[ARGV[2]] = {ARGV[3], now + ARGV[4]}
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(entry))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('SADD', KEYS[2], ARGV[6])
"""
_LEAVE = _COMMON + """
local raw = redis.call('HGET', KEYS[1], ARGV[1])
if not raw then return end
local entry = cjson.decode(raw)
entry.leases[ARGV[2]] = nil
if live(entry) then redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(entry))
else redis.call('HDEL', KEYS[1], ARGV[1]) end
"""
_STATE = _COMMON + """
local raw = redis.call('HGET', KEYS[1], ARGV[1])
local entry = raw and cjson.decode(raw)
if entry and live(entry) then return entry.state end
return ''
"""
_STATES = _COMMON + """
local found = {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local entry = cjson.decode(all[i + 1])
  if live(entry) then found[#found + 1] = all[i]; found[#found + 1] = entry.state end
end
return found
"""
_SWEEP = _COMMON + """
local gone = {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if not live(cjson.decode(all[i + 1])) then
    redis.call('HDEL', KEYS[1], all[i]); gone[#gone + 1] = all[i]
  end
end
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SREM', KEYS[2], ARGV[1]) end
return gone
"""


class RedisPresence:
    """A `PresenceStore` that several processes share. It never raises: without Redis it answers for this process."""

    def __init__(self, url: str, prefix: str, clock: Clock, *, lease: timedelta = LEASE) -> None:
        self._link = OptionalRedis(url, "presence")
        self._prefix = f"{prefix}:presence"
        self._own = MemoryPresence(clock)
        self._lease = _milliseconds(lease)
        redis = self._link.redis
        self._scripts = {text: redis.register_script(text) for text in (_RENEW, _LEAVE, _STATE, _STATES, _SWEEP)}

    async def renew(self, organization_id: UUID, user_id: UUID, connection_id: str, state: str) -> None:
        await self._own.renew(organization_id, user_id, connection_id, state)
        await self._run(_RENEW, organization_id, str(user_id), connection_id, state, self._lease,
                        _milliseconds(_FORGET), str(organization_id))

    async def leave(self, organization_id: UUID, user_id: UUID, connection_id: str) -> None:
        await self._own.leave(organization_id, user_id, connection_id)
        await self._run(_LEAVE, organization_id, str(user_id), connection_id)

    async def state(self, organization_id: UUID, user_id: UUID) -> str | None:
        found = await self._run(_STATE, organization_id, str(user_id))
        if found is None:
            return await self._own.state(organization_id, user_id)
        return found.decode() or None

    async def states(self, organization_id: UUID) -> Mapping[UUID, str]:
        found = await self._run(_STATES, organization_id)
        if found is None:
            return await self._own.states(organization_id)
        texts = [value.decode() for value in found]
        return {UUID(user_id): state for user_id, state in zip(texts[::2], texts[1::2], strict=True)}

    async def sweep(self) -> Sequence[tuple[UUID, UUID]]:
        """Each pair is told to one process only: to the one whose sweep removed it."""
        own = await self._own.sweep()
        organizations = await self._link.ask(lambda: self._link.redis.smembers(f"{self._prefix}:all"))
        if organizations is None:
            return own
        gone: list[tuple[UUID, UUID]] = []
        for organization_id in (UUID(value.decode()) for value in organizations):
            lapsed = await self._run(_SWEEP, organization_id, str(organization_id))
            gone.extend((organization_id, UUID(value.decode())) for value in lapsed or ())
        return gone

    async def close(self) -> None:
        await self._link.close()

    async def _run(self, script: str, organization_id: UUID, *arguments: str | int) -> Any:
        keys = [f"{self._prefix}:{organization_id}", f"{self._prefix}:all"]
        return await self._link.ask(lambda: self._scripts[script](keys=keys, args=list(arguments)))


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
