"""Tokens that open nothing: a corpus made from one good access token, and one made from any token that is opaque."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any

import jwt

from hub.core.crypto import Keyring


class Forger:
    """Somebody with a good token, and, where a case says so, with our own signing key."""

    def __init__(self, token: str, refresh_token: str, *, secret: str) -> None:
        self.token, self.refresh_token = token, refresh_token
        self.header: dict[str, Any] = jwt.get_unverified_header(token)
        self.claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        self.key = Keyring(secret)._signing[self.header["kid"]]

    def signed(self, header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
        """Signed with our key unless another is given; a claim set to None is left out."""
        body = {name: value for name, value in (self.claims | claims).items() if value is not None}
        head = {name: value for name, value in (self.header | (header or {})).items() if value is not None}
        made = f"{b64(json.dumps(head))}.{b64(json.dumps(body))}"
        algorithm = jwt.get_algorithm_by_name(
            str(head.get("alg")) if str(head.get("alg")) in ("HS384", "HS512") else "HS256"
        )
        return f"{made}.{b64(algorithm.sign(made.encode(), self.key if key is None else key))}"


def b64(raw: str | bytes) -> str:
    return base64.urlsafe_b64encode(raw.encode() if isinstance(raw, str) else raw).decode().rstrip("=")


def unsigned(forger: Forger, alg: str) -> str:
    return f"{b64(json.dumps(forger.header | {'alg': alg}))}.{b64(json.dumps(forger.claims))}."


def other_key(forger: Forger, kid: str | None = None) -> str:
    ring = Keyring(secrets.token_urlsafe(48))
    token = ring.sign(forger.claims, token_type="at+jwt")
    if kid is None:
        return token
    return forger.signed({"kid": kid}, key=ring._signing[str(jwt.get_unverified_header(token)["kid"])])


PARTS = {"flip": lambda text: text[:-2] + ("A" if text[-2] != "A" else "B") + text[-1], "drop": lambda text: text[:-4]}
BAD: dict[str, Callable[[Forger], str]] = {
    "empty parts": lambda _: "..",
    "one part": lambda one: one.token.split(".")[0],
    "two parts": lambda one: one.token.rpartition(".")[0],
    "four parts": lambda one: one.token + ".e30",
    "no signature": lambda one: one.token.rpartition(".")[0] + ".",
    "not base64": lambda _: "ä.ö.ü",
    "words": lambda _: "let me in",
    "null": lambda _: "null",
    "a megabyte": lambda _: "e" * 1_000_000,
    "signature changed": lambda one: ".".join([*one.token.split(".")[:2], PARTS["flip"](one.token.split(".")[2])]),
    "signature cut": lambda one: PARTS["drop"](one.token),
    "signature padded": lambda one: one.token + "=",
    "spare bits of the signature set": lambda one: one.token[:-1] + chr(ord(one.token[-1]) + 1),
    "claims changed": lambda one: ".".join([one.token.split(".")[0], b64("{}"), one.token.split(".")[2]]),
    "alg none": lambda one: unsigned(one, "none"),
    "alg None": lambda one: unsigned(one, "None"),
    "alg NONE": lambda one: unsigned(one, "NONE"),
    "alg empty": lambda one: unsigned(one, ""),
    "alg missing": lambda one: one.signed({"alg": None}),
    "alg HS384": lambda one: one.signed({"alg": "HS384"}),
    "alg HS512": lambda one: one.signed({"alg": "HS512"}),
    "alg RS256": lambda one: one.signed({"alg": "RS256"}),
    "alg EdDSA": lambda one: one.signed({"alg": "EdDSA"}),
    "alg hs256": lambda one: one.signed({"alg": "hs256"}),
    "alg a list": lambda one: one.signed({"alg": ["HS256"]}),
    "typ JWT": lambda one: one.signed({"typ": "JWT"}),
    "typ missing": lambda one: one.signed({"typ": None}),
    "typ refresh": lambda one: one.signed({"typ": "rt+jwt"}),
    "typ in capitals": lambda one: one.signed({"typ": "AT+JWT"}),
    "kid missing": lambda one: one.signed({"kid": None}),
    "kid empty": lambda one: one.signed({"kid": ""}),
    "kid unknown": lambda one: one.signed({"kid": "00" * 8}),
    "kid a path": lambda one: one.signed({"kid": "../../dev/null"}, key=b""),
    "kid a statement": lambda one: one.signed({"kid": "' OR 1=1 --"}),
    "kid a number": lambda one: one.signed({"kid": 7}),
    "kid a list": lambda one: one.signed({"kid": [1]}),
    "crit unknown": lambda one: one.signed({"crit": ["exp"], "exp": 1}),
    "crit empty": lambda one: one.signed({"crit": []}),
    "jwk embedded": lambda one: one.signed({"jwk": {"kty": "oct", "k": b64(b"k" * 32)}}, key=b"k" * 32),
    "jku given": lambda one: one.signed({"jku": "https://evil.example/keys"}, key=b"k" * 32),
    "x5u given": lambda one: one.signed({"x5u": "https://evil.example/cert"}, key=b"k" * 32),
    "key empty": lambda one: one.signed(key=b""),
    "key the kid": lambda one: one.signed(key=one.header["kid"].encode()),
    "another installation's key": other_key,
    "another installation's key under our kid": lambda one: other_key(one, one.header["kid"]),
    "a refresh token": lambda one: one.refresh_token,
    "iss missing": lambda one: one.signed(iss=None),
    "iss wrong": lambda one: one.signed(iss="evil"),
    "iss a part": lambda one: one.signed(iss="switch"),
    "iss longer": lambda one: one.signed(iss="switchboard.evil"),
    "aud missing": lambda one: one.signed(aud=None),
    "aud wrong": lambda one: one.signed(aud="other"),
    "aud longer": lambda one: one.signed(aud="switchboard-widget"),
    "exp missing": lambda one: one.signed(exp=None),
    "exp past": lambda one: one.signed(exp=1),
    "exp text": lambda one: one.signed(exp="tomorrow"),
    "exp without end": lambda one: one.signed(exp=float("inf")),
    "exp not a number": lambda one: one.signed(exp=float("nan")),
    "iat missing": lambda one: one.signed(iat=None),
    "iat to come": lambda one: one.signed(iat=one.claims["iat"] + 3600),
    "iat text": lambda one: one.signed(iat="now"),
    "nbf to come": lambda one: one.signed(nbf=one.claims["iat"] + 3600),
    "nbf text": lambda one: one.signed(nbf="now"),
    "sub missing": lambda one: one.signed(sub=None),
    "sub somebody else": lambda one: one.signed(sub="0190e1b2-0000-7000-8000-000000000000"),
    "sub no id": lambda one: one.signed(sub="root"),
    "sub a number": lambda one: one.signed(sub=1),
    "sid missing": lambda one: one.signed(sid=None),
    "sid unknown": lambda one: one.signed(sid="0190e1b2-0000-7000-8000-000000000000"),
    "sid no id": lambda one: one.signed(sid="' OR 1=1 --"),
    "org missing": lambda one: one.signed(org=None),
    "org another": lambda one: one.signed(org="0190e1b2-0000-7000-8000-000000000000"),
    "org several": lambda one: one.signed(org=f"{one.claims['org']},{one.claims['org']}"),
    "header nested past reason": lambda one: f"{b64('[' * 1200)}.{one.token.partition('.')[2]}",
    "header a list": lambda one: f"{b64('[]')}.{one.token.partition('.')[2]}",
    "header with a huge number": lambda one: b64('{"n":' + "9" * 1300 + "}") + "." + one.token.partition(".")[2],
    "claims a list": lambda one: ".".join([one.token.split(".")[0], b64("[]"), one.token.split(".")[2]]),
    "twice bearer": lambda one: f"Bearer {one.token}",
    "with a space": lambda one: one.token.replace(".", " .", 1),
    "with a NUL": lambda one: one.token + "\x00",
}

OPAQUE: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "a space": lambda _: " ",
    "a star": lambda _: "*",
    "null": lambda _: "null",
    "cut by one": lambda one: one[:-1],
    "cut to half": lambda one: one[: len(one) // 2],
    "one letter": lambda one: one[0],
    "longer by one": lambda one: one + "A",
    "twice": lambda one: one + one,
    "padded": lambda one: one + "=",
    "doubly padded": lambda one: one + "==",
    "without its first letter": lambda one: one[1:],
    "last letter changed": lambda one: one[:-1] + ("A" if one[-1] not in "ABCD" else "z"),
    "first letter changed": lambda one: ("A" if one[0] != "A" else "B") + one[1:],
    "middle letter changed": lambda one: one[:30] + ("A" if one[30] != "A" else "B") + one[31:],
    "upper case": lambda one: one.upper(),
    "lower case": lambda one: one.lower(),
    "other case": lambda one: one.swapcase(),
    "backwards": lambda one: one[::-1],
    "sorted": lambda one: "".join(sorted(one)),
    "a space before": lambda one: " " + one[:-1],
    "a line after": lambda one: one[:-1] + "\n",
    "a NUL after": lambda one: one + "\x00",
    "a NUL inside": lambda one: one[:9] + "\x00" + one[10:],
    "a letter that looks alike": lambda one: one[:9] + "\u0430" + one[10:],
    "full-width": lambda one: one[:9] + "\uff21" + one[10:],
    "its SHA-256": lambda one: hashlib.sha256(one.encode()).hexdigest(),
    "its SHA-256 in base64": lambda one: base64.urlsafe_b64encode(hashlib.sha256(one.encode()).digest()).decode(),
    "itself in base64": lambda one: base64.urlsafe_b64encode(one.encode()).decode(),
    "percent-encoded": lambda one: "".join(f"%{ord(letter):02x}" for letter in one),
    "a statement": lambda _: "' OR '1'='1' --",
    "a wildcard": lambda one: one[:10] + "%",
    "a pattern": lambda _: ".*",
    "a path": lambda _: "../../../etc/passwd",
    "a number": lambda _: "0",
    "a list": lambda _: "[]",
    "an object": lambda _: "{}",
    "true": lambda _: "true",
    "zeros": lambda one: "0" * len(one),
    "letters A": lambda one: "A" * len(one),
    "dashes": lambda one: "-" * len(one),
    "random": lambda one: secrets.token_urlsafe(64)[: len(one)],
    "its own organization with other secrets": lambda one: one[:22] + secrets.token_urlsafe(64)[: len(one) - 22],
    "its own secret under no organization": lambda one: "A" * 22 + one[22:],
    "its own secret under another organization": lambda one: secrets.token_urlsafe(16)[:22] + one[22:],
    "standard base64": lambda one: one[:5] + "+/" + one[7:],
    "a dot inside": lambda one: one[:22] + "." + one[23:],
    "very long": lambda one: one * 14,
    "emoji": lambda one: "\U0001f511" * 20,
    "right to left": lambda one: "\u202e" + one[1:],
    "an unused prefix": lambda one: "ref_" + one[4:],
    "a bearer": lambda one: f"Bearer {one}"[: len(one)],
    "its hash as an id": lambda one: str(hashlib.md5(one.encode()).hexdigest()),
    "a comma list": lambda one: f"{one[:20]},{one[21:]}",
    "tabs": lambda one: one[:10] + "\t" + one[11:],
    "an ampersand": lambda one: one[:10] + "&" + one[11:],
    "combining": lambda one: one[:10] + "\u0301" + one[11:],
    "zero width": lambda one: one + "\u200b",
    "no-break space": lambda one: "\u00a0" + one,
    "byte order mark": lambda one: "\ufeff" + one,
    "shifted by one": lambda one: one[1:] + one[0],
    "halves exchanged": lambda one: one[len(one) // 2:] + one[: len(one) // 2],
    "first and last exchanged": lambda one: one[-1] + one[1:-1] + one[0] if one[0] != one[-1] else "x",
}
