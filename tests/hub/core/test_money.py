"""Money: exact, in whole minor units, and never lost when it is split."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.errors import Invalid
from hub.core.money import Money

CURRENCIES = st.sampled_from(["BRL", "USD", "EUR", "MXN", "JPY", "KWD"])
UNITS = st.integers(min_value=-(10**15), max_value=10**15)


@given(UNITS, CURRENCIES)
def test_minor_units_survive_the_way_there_and_back(units: int, currency: str) -> None:
    assert Money.from_minor(units, currency).minor == units


@given(UNITS, UNITS, CURRENCIES)
def test_sums_are_exact(left: int, right: int, currency: str) -> None:
    first, second = Money.from_minor(left, currency), Money.from_minor(right, currency)
    assert (first + second).minor == left + right
    assert (first + second) - second == first


@given(UNITS, st.integers(min_value=1, max_value=200), CURRENCIES)
def test_parts_sum_to_the_whole_and_differ_by_one_unit_at_most(units: int, parts: int, currency: str) -> None:
    shares = [share.minor for share in Money.from_minor(units, currency).split(parts)]
    assert sum(shares) == units
    assert len(shares) == parts
    assert max(shares) - min(shares) <= 1


@given(UNITS, CURRENCIES)
def test_the_string_on_the_wire_reads_as_the_same_amount(units: int, currency: str) -> None:
    money = Money.from_minor(units, currency)
    assert Money.of(f"{money.amount:f}", currency) == money


@pytest.mark.parametrize(("text", "minor"), [("0.005", 1), ("0.004", 0), ("-0.005", -1), ("10.995", 1100)])
def test_a_half_is_rounded_away_from_zero(text: str, minor: int) -> None:
    assert Money.of(text, "BRL").minor == minor


def test_rounding_happens_once_when_multiplying() -> None:
    assert Money.of("10.05", "BRL").times(Decimal("0.5")).minor == 503


@pytest.mark.parametrize("text", ["", "abc", "1,50", "NaN", "Infinity", "1e400", "--1"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Money.of(text, "BRL")


def test_an_amount_finer_than_the_currency_is_refused() -> None:
    with pytest.raises(Invalid):
        Money(Decimal("1.005"), "BRL")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(Invalid):
        Money.of("1", "XXY")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(Invalid, match="currencies_differ"):
        Money.of("1", "BRL") + Money.of("1", "USD")


def test_money_cannot_be_split_among_nobody() -> None:
    with pytest.raises(Invalid):
        Money.of("1", "BRL").split(0)


@pytest.mark.parametrize(("locale", "text"), [("pt-BR", "R$\xa01.234,50"), ("en", "R$1,234.50")])
def test_money_reads_as_people_there_write_it(locale: str, text: str) -> None:
    assert Money.of("1234.5", "BRL").text(locale) == text
