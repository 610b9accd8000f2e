"""Meta's errors: the body of a refused call, and the error object of a failed status (contract section 1.4)."""

import secrets
from typing import Any

HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"

# code → (title, HTTP status of a synchronous refusal)
KNOWN: dict[int, tuple[str, int]] = {
    1: ("An unknown error occurred", 500),
    33: ("Parameter value is not valid", 400),
    100: ("Invalid parameter", 400),
    190: ("Invalid OAuth access token - Cannot parse access token", 401),
    2500: ("Unknown path components", 400),
    130429: ("Rate limit hit", 429),
    131000: ("Something went wrong", 500),
    131008: ("Required parameter is missing", 400),
    131009: ("Parameter value is not valid", 400),
    131021: ("Recipient cannot be sender", 400),
    131026: ("Message undeliverable", 400),
    131047: ("Re-engagement message", 400),
    131051: ("Unsupported message type", 400),
    131052: ("Media download error", 400),
    131053: ("Media upload error", 400),
    131056: ("(Business Account, Consumer Account) pair rate limit hit", 400),
    132000: ("Number of parameters does not match the expected number of params", 400),
    132001: ("Template name does not exist in the translation", 404),
    132012: ("Parameter format does not match format in the created template", 400),
    132015: ("Template is paused", 400),
    132016: ("Template is disabled", 400),
}

DETAILS: dict[int, str] = {
    130429: "Message failed to send because there were too many messages sent from this phone number in a short "
    "period of time",
    131000: "Message failed to send because of an unknown error. Try again later.",
    131026: "Message Undeliverable.",
    131047: "Message failed to send because more than 24 hours have passed since the customer last replied to this "
    "number.",
    131056: "Message failed to send because there were too many messages sent from this phone number to the same "
    "phone number in a short period of time",
}


class GraphError(Exception):
    """A refusal by the Graph API: `code` decides title and HTTP status."""

    def __init__(self, code: int, details: str = "", *, subcode: int | None = None) -> None:
        title, self.status = KNOWN[code]
        self.code = code
        self.details = details or DETAILS.get(code, "")
        self.subcode = subcode
        super().__init__(f"(#{code}) {title}")

    def body(self) -> dict[str, Any]:
        """The JSON that Meta answers with."""
        error: dict[str, Any] = {"message": str(self), "type": "OAuthException", "code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.code == 131000:
            error["is_transient"] = True
        error["fbtrace_id"] = "A" + secrets.token_urlsafe(16)
        return {"error": error}


def missing(name: str) -> GraphError:
    """A required parameter is not there."""
    return GraphError(131008, f"Parameter {name} is required.")


def invalid(name: str, why: str) -> GraphError:
    """A parameter is there and wrong."""
    return GraphError(131009, f"Parameter {name} {why}.")


def unknown_object(object_id: str) -> GraphError:
    """What Meta says of an object that is not there or not yours."""
    return GraphError(
        100,
        f"Unsupported request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation",
        subcode=33,
    )


def failed_status_error(code: int, details: str = "") -> dict[str, Any]:
    """The `errors[]` entry of a failed status."""
    title = KNOWN[code][0]
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details or DETAILS.get(code, title)},
        "href": HREF,
    }
