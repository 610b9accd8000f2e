"""How fast: tokens that grow with time, one for each message; unused ones do not pile up beyond two seconds' worth."""


class Pace:
    """`rate` is messages a minute; times are seconds of any clock that does not go back."""

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self._tokens = 1.0
        self._at = now

    def change(self, rate: float, now: float) -> None:
        self._grow(now)
        self.rate = rate
        self._tokens = min(self._tokens, self._most())

    def take(self, now: float) -> bool:
        """Take a token; False when there is none yet."""
        self._grow(now)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def wait(self, now: float) -> float:
        """Seconds until there is a token."""
        self._grow(now)
        return max(0.0, (1 - self._tokens) * 60 / self.rate)

    def _grow(self, now: float) -> None:
        # The tiny addition makes up for sums of floats that end just below a whole token.
        self._tokens = min(self._most(), self._tokens + max(0.0, now - self._at) * self.rate / 60 + 1e-9)
        self._at = now

    def _most(self) -> float:
        return max(2.0, self.rate / 30)
