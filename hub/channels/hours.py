"""Opening hours: a week of spans in a time zone, and whether somebody is expected to be there at an instant."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from hub.accounts import rules as accounts
from hub.core.errors import invalid_field

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AHEAD = 31  # days that are looked at
_SPANS_A_DAY = 6
_CLOSED_DAYS = 100


class Hours(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Spans ("09:00", "18:00") for each day of the week; "24:00" is midnight at the day's end. A day that is not named
    is closed, and so are the dates in `closed_on` (2025-12-25). `time_zone` null is the organization's."""

    time_zone: str | None = None
    days: dict[Day, list[tuple[str, str]]] = {}
    closed_on: list[date] = []

    def check(self, pointer: str) -> None:
        """Raises `Invalid`."""
        if self.time_zone is not None:
            accounts.time_zone(self.time_zone, f"{pointer}/time_zone")
        if len(self.closed_on) > _CLOSED_DAYS:
            raise invalid_field(f"{pointer}/closed_on", "too_many")
        for day, spans in self.days.items():
            if len(spans) > _SPANS_A_DAY:
                raise invalid_field(f"{pointer}/days/{day}", "too_many")
            before = -1
            for index, (begins, ends) in enumerate(spans):
                first, last = _minutes(begins), _minutes(ends)
                if first is None or last is None or not before < first < last:
                    raise invalid_field(f"{pointer}/days/{day}/{index}", "invalid_hours")
                before = last - 1  # the next may begin where this one ends


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it is open now, and when that changes; null where no change is in sight."""

    open: bool
    opens_at: datetime | None = None
    closes_at: datetime | None = None


def opening(hours: Hours, now: datetime, *, home: str) -> Opening:
    """What the hours say at `now` (UTC). `home` is the organization's time zone."""
    zone = ZoneInfo(hours.time_zone or home)
    today = now.astimezone(zone).date()
    spans = list(_joined(_spans(hours, today - timedelta(days=1), zone)))
    horizon = now + timedelta(days=_AHEAD - 2)
    for begins, ends in spans:
        if begins <= now < ends:
            return Opening(open=True, closes_at=ends if ends < horizon else None)
        if begins > now:
            return Opening(open=False, opens_at=begins)
    return Opening(open=False)


def _spans(hours: Hours, first: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The spans of the coming days as instants, in order."""
    for ahead in range(_AHEAD):
        day = first + timedelta(days=ahead)
        if day in hours.closed_on:
            continue
        for begins, ends in hours.days.get(_DAYS[day.weekday()], []):
            yield _instant(day, begins, zone), _instant(day, ends, zone)


def _joined(spans: Iterator[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Spans that touch, over midnight or within a day, as one."""
    held: tuple[datetime, datetime] | None = None
    for begins, ends in spans:
        if held is not None and begins <= held[1]:
            held = held[0], max(held[1], ends)
            continue
        if held is not None:
            yield held
        held = begins, ends
    if held is not None:
        yield held


def _instant(day: date, text: str, zone: ZoneInfo) -> datetime:
    """The wall's time on that day; where the clock jumps over it, the instant after the jump."""
    minutes = _minutes(text) or 0
    day, minutes = (day + timedelta(days=1), 0) if minutes == 24 * 60 else (day, minutes)
    local = datetime.combine(day, time(minutes // 60, minutes % 60), zone)
    return local.astimezone(ZoneInfo("UTC"))


def _minutes(text: str) -> int | None:
    """Minutes since midnight of HH:MM; None for anything else."""
    hour, colon, minute = text.partition(":")
    if len(text) != 5 or colon != ":" or not (hour + minute).isascii() or not (hour + minute).isdigit():
        return None
    total = int(hour) * 60 + int(minute)
    return total if int(minute) < 60 and total <= 24 * 60 else None
