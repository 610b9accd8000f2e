"""Signed webhook requests as Meta sends them, made before they are needed."""

import hashlib
import hmac
import random
import time
import zlib
from collections.abc import Iterator, Sequence

from tests.journeys.meta import status_webhook, text_webhook

_NEW = 0.02  # of the messages come from somebody who never wrote before
_WORDS = ("order", "arrived", "not", "yet", "and", "when", "will", "it", "be", "delivered", "thank", "you", "please")


class Meta:
    """One number's traffic. `customers` write again and again; the same seed makes the same words."""

    def __init__(self, *, path: str, phone_number_id: str, app_secret: str, customers: int, seed: int) -> None:
        self._path, self._number, self._secret = path.encode(), phone_number_id, app_secret.encode()
        self._chance = random.Random(seed)
        self._customers = [self._stranger() for _ in range(customers)]
        self._mark, self._count = f"{seed:x}{time.time_ns():x}", 0
        # Bodies differ in few places: a template is filled in, for tens of thousands are needed in a moment.
        self._text = text_webhook("@number@", "@who@", "@text@", vendor_id="@id@").decode()
        self._status = status_webhook("@number@", "@id@", "@state@", wa_id="@who@").decode()

    def texts(self, count: int) -> list[bytes]:
        """Messages of customers, of 340 to 600 bytes each."""
        return [self._one_text() for _ in range(count)]

    def burst(self, sent: Sequence[str], messages: int) -> list[bytes]:
        """Statuses (sent, delivered, read) of messages of ours by their provider's ids, mixed with `messages` texts.

        The three of one message keep their order; those of one conversation are about one person.
        """
        statuses = list(self._statuses(sent))
        texts = self.texts(messages)
        every = max(1, len(statuses) // max(1, messages))
        mixed = []
        for index, status in enumerate(statuses):
            mixed.append(status)
            if index % every == 0 and texts:
                mixed.append(texts.pop())
        return mixed + texts

    def _statuses(self, sent: Sequence[str]) -> Iterator[bytes]:
        for state in ("sent", "delivered", "read"):
            for vendor_id in sent:
                who = self._customers[zlib.crc32(vendor_id.rpartition(".")[0].encode()) % len(self._customers)]
                yield self._request(self._status.replace("@id@", vendor_id).replace("@state@", state)
                                    .replace("@who@", who))

    def _one_text(self) -> bytes:
        who = self._stranger() if self._chance.random() < _NEW else self._chance.choice(self._customers)
        said = " ".join(self._chance.choices(_WORDS, k=self._chance.randint(3, 40)))
        self._count += 1
        body = self._text.replace("@id@", f"wamid.{self._mark}.{self._count:08d}").replace("@who@", who)
        return self._request(body.replace("@text@", said))

    def _request(self, template: str) -> bytes:
        body = template.replace("@number@", self._number).encode()
        digest = hmac.new(self._secret, body, hashlib.sha256).hexdigest().encode()
        return (
            b"POST %b HTTP/1.1\r\nHost: hub.example\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            b"X-Hub-Signature-256: sha256=%b\r\n\r\n%b" % (self._path, len(body), digest, body)
        )

    def _stranger(self) -> str:
        return f"5511{self._chance.randrange(10**9):09d}"

