"""Opening hours at instants: the wall clock of the house decides, over nights, holidays and changed clocks."""

from datetime import UTC, date, datetime

import pytest

from hub.channels.hours import Hours, Opening, opening

WEEK = Hours(days={
    "mon": [("09:00", "12:00"), ("13:00", "18:00")], "tue": [("09:00", "18:00")], "fri": [("20:00", "24:00")],
    "sat": [("00:00", "02:00")],
})  # 2026-11-16 is a Monday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("now", "expected"), [
    ("2026-11-16T08:59", Opening(open=False, opens_at=at("2026-11-16T09:00"))),
    ("2026-11-16T09:00", Opening(open=True, closes_at=at("2026-11-16T12:00"))),
    ("2026-11-16T12:00", Opening(open=False, opens_at=at("2026-11-16T13:00"))),
    ("2026-11-16T18:00", Opening(open=False, opens_at=at("2026-11-17T09:00"))),
    ("2026-11-17T19:00", Opening(open=False, opens_at=at("2026-11-20T20:00"))),
    ("2026-11-20T23:59", Opening(open=True, closes_at=at("2026-11-21T02:00"))),
    ("2026-11-21T01:00", Opening(open=True, closes_at=at("2026-11-21T02:00"))),
    ("2026-11-21T02:00", Opening(open=False, opens_at=at("2026-11-23T09:00"))),
])
def test_the_week_says_open_or_when(now: str, expected: Opening) -> None:
    assert opening(WEEK, at(now), home="UTC") == expected


def test_the_channels_own_zone_outweighs_the_organizations() -> None:
    hours = Hours(time_zone="America/Sao_Paulo", days={"mon": [("09:00", "18:00")]})
    assert opening(hours, at("2026-11-16T12:30"), home="Asia/Tokyo").closes_at == at("2026-11-16T21:00")


def test_without_a_zone_of_its_own_the_organizations_counts() -> None:
    hours = Hours(days={"mon": [("09:00", "18:00")]})
    assert opening(hours, at("2026-11-16T08:30"), home="Europe/Madrid").open


def test_a_holiday_is_closed_whatever_the_weekday() -> None:
    hours = Hours(days={"mon": [("09:00", "18:00")]}, closed_on=[date(2026, 11, 16)])
    assert opening(hours, at("2026-11-16T10:00"), home="UTC").opens_at == at("2026-11-23T09:00")


@pytest.mark.parametrize(("now", "closes"), [
    ("2026-03-28T10:00", "2026-03-28T17:00"), ("2026-03-30T10:00", "2026-03-30T16:00"),  # the clocks went forward
    ("2026-10-24T10:00", "2026-10-24T16:00"), ("2026-10-26T10:00", "2026-10-26T17:00"),  # and back
])
def test_the_wall_clock_counts_before_and_after_it_is_changed(now: str, closes: str) -> None:
    hours = Hours(time_zone="Europe/Berlin", days={day: [("09:00", "18:00")] for day in ("sat", "mon")})  # type: ignore[misc]
    assert opening(hours, at(now), home="UTC").closes_at == at(closes)


def test_who_never_closes_does_not_say_when() -> None:
    always = Hours(days={day: [("00:00", "24:00")] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")})  # type: ignore[misc]
    assert opening(always, at("2026-11-16T10:00"), home="UTC") == Opening(open=True)


def test_who_never_opens_does_not_say_when() -> None:
    assert opening(Hours(), at("2026-11-16T10:00"), home="UTC") == Opening(open=False)
