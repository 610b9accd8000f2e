"""Money is an exact decimal with its currency; a float never touches it."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import msgspec
from babel.numbers import format_currency, get_currency_precision, list_currencies

from hub.core.errors import Invalid, invalid_field

_CURRENCIES = frozenset(list_currencies())


class Money(msgspec.Struct, frozen=True, order=False):
    """An amount in a currency (ISO 4217), never finer than the currency's minor unit. On the wire: a decimal string."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in _CURRENCIES:
            raise invalid_field("/currency", "unknown_currency")
        if not self.amount.is_finite() or self.amount != _rounded(self.amount, self.currency):
            raise invalid_field("/amount", "too_precise")

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> "Money":
        """From a decimal string, rounded half up to the minor unit. Raises `Invalid` for what is no number."""
        if currency not in _CURRENCIES:
            raise invalid_field("/currency", "unknown_currency")
        try:
            return cls(_rounded(Decimal(amount), currency), currency)
        except InvalidOperation:
            raise invalid_field("/amount", "not_a_number") from None

    @classmethod
    def from_minor(cls, units: int, currency: str) -> "Money":
        """From whole minor units: 1050 BRL is 10.50 and 1050 JPY is 1050."""
        return cls(Decimal(units).scaleb(-get_currency_precision(currency)), currency)

    @property
    def minor(self) -> int:
        return int(self.amount.scaleb(get_currency_precision(self.currency)))

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def times(self, factor: Decimal | int) -> "Money":
        """Multiplied and rounded once, half up."""
        return Money(_rounded(self.amount * factor, self.currency), self.currency)

    def split(self, parts: int) -> list["Money"]:
        """Equal parts that sum to the whole; the first ones carry the odd minor units."""
        if parts < 1:
            raise invalid_field("/parts", "too_small")
        sign = -1 if self.minor < 0 else 1
        each, odd = divmod(abs(self.minor), parts)
        return [Money.from_minor(sign * (each + (index < odd)), self.currency) for index in range(parts)]

    def text(self, locale: str) -> str:
        return str(format_currency(self.amount, self.currency, locale=locale.replace("-", "_")))

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise Invalid("currencies_differ")


def _rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)), rounding=ROUND_HALF_UP)
