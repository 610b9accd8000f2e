"""Meta's error codes as outcomes of ours (contract section 1.4).

One table serves both doors: a refused call and the `failed` status that comes hours later.
"""

from typing import Any

import msgspec

from hub.channels.ports import Refused, SendError, Throttled, Uncertain
from providers.http import Answer, Blocked, NotSent, OutcomeUnknown

# Our code → Meta's codes. Nothing else goes out through a channel while one of `_CHANNEL_DOWN` holds.
_CODES: dict[str, tuple[int, ...]] = {
    "token_invalid": (0, 190),
    "permission_missing": (3, 10, *range(200, 300), 131005),
    "channel_throttled": (4, 80007, 613),
    "throttled": (130429,),
    "pair_throttled": (131056,),
    "account_blocked": (131048, 131064, 368, 131031),
    "country_restricted": (130497,),
    "window_closed": (131047,),
    "not_deliverable": (131026, 131030, 131021, 130472, 131049, 139100, 139101, 139102, 139103),
    "opted_out": (131050,),
    "bad_parameters": (33, 100, 131008, 131009, 131051),
    "bad_media": (131052, 131053),
    "provider_unavailable": (2, 131000, 131016, 131057),
    "bad_template": (132000, 132001, 132005, 132007, 132008, 132012, 132068, 132069),
    "template_paused": (132015, 132016),
    "account_problem": (131037, 131042, 131044, 131045, 133016),
    "recipient_id_unsupported": (131062,),
}
_OURS = {code: ours for ours, codes in _CODES.items() for code in codes}
_CHANNEL_DOWN = frozenset({"token_invalid", "permission_missing", "account_blocked", "account_problem"})
# Seconds to wait where Meta does not say: one message per six seconds is the pair rate.
_WAIT = {"channel_throttled": 60.0, "throttled": 2.0, "pair_throttled": 6.0, "provider_unavailable": 5.0}
_LONGEST_WAIT = 3600.0
UNKNOWN = "refused"


class GraphError(msgspec.Struct, frozen=True, kw_only=True):
    """What stands under `error` in a body of Meta's, or in the `errors` of a status."""

    code: int
    message: str = ""
    title: str = ""
    error_subcode: int | None = None
    error_data: Any = None
    is_transient: bool = False

    @property
    def detail(self) -> str:
        """Meta's words: the details when there are any, else the message."""
        data = self.error_data
        details = data.get("details") if isinstance(data, dict) else None
        return str(details or self.message or self.title)[:1000]


def our_code(code: int) -> str:
    """The stable code of ours for one of Meta's."""
    return _OURS.get(code, UNKNOWN)


def read_error(body: bytes) -> GraphError | None:
    """The error in an answer, or None when the body is not Meta's."""
    try:
        wrapped = msgspec.json.decode(body)
        return msgspec.convert(wrapped["error"], GraphError, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError, TypeError):
        return None


def outcome(answer: Answer) -> SendError:
    """What an answer other than success says about the send.

    Meta's own error body proves that the message was refused, and so does any 4xx. A 5xx without one proves nothing: a
    proxy may have given up on a request that Meta took.
    """
    error = read_error(answer.body)
    if error is not None:
        ours = our_code(error.code)
        if ours != UNKNOWN or error.is_transient or answer.status < 500:
            return _judged(error, answer)
    if answer.status == 429:
        return Throttled("throttled", after=_wait(answer, "throttled"))
    if answer.status in (401, 403):
        return Refused("token_invalid", f"HTTP {answer.status}", channel_down=True)
    if answer.status >= 500 or answer.status == 408:
        return Uncertain("no_answer", f"HTTP {answer.status}", provider_code=str(error.code) if error else "")
    return Refused(UNKNOWN, f"HTTP {answer.status}")


def unsent(error: Blocked | NotSent | OutcomeUnknown, *, harmless: bool = False) -> SendError:
    """What it means for the message that a call of ours failed. `harmless`: the call itself sends no message (an
    upload), so its unknown outcome is none."""
    why = str(error.values.get("why", ""))
    if isinstance(error, Blocked):
        return Refused("egress_refused", why, channel_down=True)
    if isinstance(error, OutcomeUnknown) and not harmless:
        return Uncertain("no_answer", why)
    return Throttled("provider_unavailable", why, after=_WAIT["provider_unavailable"])


def _judged(error: GraphError, answer: Answer) -> SendError:
    ours, number = our_code(error.code), str(error.code)
    if error.code == 100 and error.error_subcode == 33:
        # The phone number is not there for this token: nothing else will go out either.
        return Refused("number_unknown", error.detail, provider_code=number, channel_down=True)
    if error.is_transient and ours not in _WAIT:
        ours = "provider_unavailable"
    if ours in _WAIT:
        return Throttled(ours, error.detail, provider_code=number, after=_wait(answer, ours))
    return Refused(ours, error.detail, provider_code=number, channel_down=ours in _CHANNEL_DOWN)


def _wait(answer: Answer, ours: str) -> float:
    try:
        return min(max(float(answer.headers.get("Retry-After", "")), 0.1), _LONGEST_WAIT)
    except ValueError:
        return _WAIT[ours]
