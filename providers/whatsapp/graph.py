"""Calls to Meta's Graph API for one channel: address, token and version."""

import re
from collections.abc import AsyncIterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from hub.channels.ports import ChannelAccess, Refused
from providers.http import Answer, HttpClient

PROVIDER = "meta"
DEFAULT_VERSION = "v23.0"
_VERSION = re.compile(r"v\d{1,3}\.\d{1,2}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
# Where Meta keeps media; the token goes to no other host, whatever an answer says.
_META = (".facebook.com", ".fbsbx.com", ".fbcdn.net", ".whatsapp.net")


class Graph:
    """`base` is the address without the version, such as `https://graph.facebook.com`."""

    def __init__(self, http: HttpClient, base: str) -> None:
        self.http = http
        self._base = base.rstrip("/")

    async def get(self, access: ChannelAccess, path: str, params: Mapping[str, str]) -> Answer:
        """Raises `Refused` when the channel lacks what a call needs, and what the client raises."""
        return await self.http.request(
            PROVIDER, "GET", self._url(access, path), headers=self.authorization(access), params=params
        )

    async def post(
        self,
        access: ChannelAccess,
        path: str,
        *,
        json: Any = None,
        content: AsyncIterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        total_seconds: float = 30.0,
    ) -> Answer:
        """One attempt and no more. Raises like `get`."""
        return await self.http.request(
            PROVIDER, "POST", self._url(access, path), json=json, content=content,
            headers={**self.authorization(access), **(headers or {})}, total_seconds=total_seconds,
        )

    def authorization(self, access: ChannelAccess) -> dict[str, str]:
        token = access.credentials.get("access_token", "").strip()
        if not _TOKEN.fullmatch(token):
            raise Refused("token_invalid", "the channel has no usable access token", channel_down=True)
        return {"Authorization": f"Bearer {token}"}

    def may_have_token(self, url: str) -> bool:
        """Whether the token may go to this address: Meta's own hosts, the Graph's, and what the operator opened."""
        try:
            host = urlsplit(url).hostname
        except ValueError:
            return False
        if not host:
            return False
        return host == urlsplit(self._base).hostname or host.endswith(_META) or self.http.opened(url)

    def _url(self, access: ChannelAccess, path: str) -> str:
        version = str(access.settings.get("graph_version") or DEFAULT_VERSION)
        if not _VERSION.fullmatch(version):
            raise Refused("bad_parameters", "graph_version is not like v23.0", channel_down=True)
        return f"{self._base}/{version}/{path}"


def phone_number_id(access: ChannelAccess) -> str:
    """The channel's own id at Meta. Raises `Refused`."""
    if access.external_id is None or not is_id(access.external_id):
        raise Refused("number_unknown", "the channel has no phone number id", channel_down=True)
    return access.external_id


def is_id(text: str) -> bool:
    """Whether this can be one step of a path and nothing else."""
    return bool(_ID.fullmatch(text))
