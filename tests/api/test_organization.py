"""The organization's own settings and its logo: who may change them, and what a picture may be."""

import io
import struct
import zlib

import httpx2
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.running import Person, Stack, colleague, register

HOSTILE = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "html behind a signature": b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
    "gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "nothing": b"",
    "noise": bytes(range(256)) * 20,
}


@pytest.fixture
async def owner(client: httpx2.AsyncClient) -> Person:
    return await register(client)


def picture(size: tuple[int, int] = (40, 30), kind: str = "PNG", mode: str = "RGB", **more: object) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, "teal" if mode == "RGB" else 3).save(made, kind, **more)
    return made.getvalue()


def bomb(side: int) -> bytes:
    """A valid PNG of a few kilobytes that claims to be `side` pixels square."""
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 4_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def put(person: Person, content: bytes, name: str = "logo.png") -> httpx2.Response:
    return await person.ask("PUT", "/api/v1/organization/logo", files={"file": (name, content, "image/png")})


async def test_the_settings_change_what_is_given_and_everybody_reads_them(
    client: httpx2.AsyncClient, owner: Person
) -> None:
    changed = await owner.patch("/api/v1/organization", {
        "name": "  Loja Ação ", "locale": "pt-BR", "time_zone": "America/Sao_Paulo",
        "appearance": {"accent": "#AA0011"},
    })
    agent = await colleague(client, owner, "agent")
    assert changed["name"] == "Loja Ação"
    assert changed["appearance"] == {"accent": "#aa0011", "logo_url": None}
    assert await agent.get("/api/v1/organization") == changed
    assert (await agent.get("/api/v1/me"))["organization"] == changed


async def test_a_new_organization_has_an_accent_and_no_logo(owner: Person) -> None:
    assert (await owner.get("/api/v1/organization"))["appearance"] == {"accent": "#2563eb", "logo_url": None}


@pytest.mark.parametrize("body", [
    {"name": ""}, {"name": "x" * 121}, {"locale": "xx"}, {"time_zone": "Mars/Olympus"},
    {"appearance": {"accent": "red"}}, {"appearance": {"accent": "#12345g"}}, {"appearance": {"accent": None}},
    {"slug": "other"}, {"appearance": {"logo_url": "https://evil.example/x.png"}}, {"settings": {}},
])
async def test_settings_that_do_not_fit_are_refused(owner: Person, body: object) -> None:
    before = await owner.get("/api/v1/organization")
    assert (await owner.ask("PATCH", "/api/v1/organization", json=body)).status_code == 422
    assert await owner.get("/api/v1/organization") == before


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("manager", 403), ("agent", 403), ("viewer", 403)])
async def test_only_owners_and_admins_change_the_organization(
    client: httpx2.AsyncClient, owner: Person, role: str, status: int
) -> None:
    person = await colleague(client, owner, role)
    assert (await person.ask("PATCH", "/api/v1/organization", json={"locale": "es"})).status_code == status
    assert (await put(person, picture())).status_code == status
    assert (await person.ask("DELETE", "/api/v1/organization/logo")).status_code == status


@pytest.mark.parametrize(("kind", "mode"), [
    ("PNG", "RGB"), ("PNG", "P"), ("JPEG", "RGB"), ("WEBP", "RGB"), ("PNG", "L"), ("PNG", "1"), ("JPEG", "CMYK"),
])
async def test_a_logo_is_drawn_anew_and_shown_to_anybody(
    client: httpx2.AsyncClient, owner: Person, kind: str, mode: str
) -> None:
    answer = await put(owner, picture((900, 300), kind, mode))
    assert answer.status_code == 200, answer.text
    shown = await client.get(answer.json()["appearance"]["logo_url"])
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    with Image.open(io.BytesIO(shown.content)) as drawn:
        assert (drawn.format, drawn.size) == ("PNG", (512, 171))


async def test_what_hangs_on_a_picture_is_left_behind(client: httpx2.AsyncClient, owner: Person) -> None:
    notes = PngInfo()
    notes.add_text("Comment", "taken at the canary's home")
    exif = Image.Exif()
    exif[0x010E] = "canary"
    given = picture(pnginfo=notes, exif=exif, icc_profile=b"canary profile") + b"<script>canary</script>"
    url = (await put(owner, given)).json()["appearance"]["logo_url"]
    kept = (await client.get(url)).content
    assert b"canary" in given
    assert b"canary" not in kept
    with Image.open(io.BytesIO(kept)) as drawn:
        assert drawn.info == {}


async def test_a_picture_lying_on_its_side_is_put_upright(client: httpx2.AsyncClient, owner: Person) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    url = (await put(owner, picture((40, 20), "JPEG", exif=exif))).json()["appearance"]["logo_url"]
    with Image.open(io.BytesIO((await client.get(url)).content)) as drawn:
        assert drawn.size == (20, 40)


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_no_picture_becomes_no_logo(owner: Person, name: str) -> None:
    answer = await put(owner, HOSTILE[name], "logo.png")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == "/file"
    assert (await owner.get("/api/v1/organization"))["appearance"]["logo_url"] is None


@pytest.mark.parametrize("side", [4_000, 9_000, 60_000])
async def test_a_small_file_of_enormous_pixels_is_refused_before_it_is_unpacked(owner: Person, side: int) -> None:
    answer = await put(owner, bomb(side))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] in ("picture_too_large", "picture_unreadable")


async def test_a_file_past_a_megabyte_is_refused(owner: Person) -> None:
    for size in (1, 3):
        assert (await put(owner, picture() + bytes(size * 2**20))).status_code == 413


async def test_a_request_without_a_file_is_refused(owner: Person) -> None:
    assert (await owner.ask("PUT", "/api/v1/organization/logo", json={"file": "x"})).status_code == 422
    assert (await owner.ask("PUT", "/api/v1/organization/logo", data={"file": "x"})).status_code == 422


async def test_a_logo_may_be_kept_for_ever_because_another_has_another_address(
    client: httpx2.AsyncClient, owner: Person
) -> None:
    first = (await put(owner, picture())).json()["appearance"]["logo_url"]
    etag = (await client.get(first)).headers["etag"]
    known = await client.get(first, headers={"if-none-match": etag})
    assert (known.status_code, known.content) == (304, b"")
    second = (await put(owner, picture((10, 10)))).json()["appearance"]["logo_url"]
    assert second != first
    assert (await client.get(first)).status_code == 404
    assert (await client.get(second)).status_code == 200


async def test_a_logo_that_is_taken_away_is_gone_from_the_store_too(
    running: Stack, client: httpx2.AsyncClient, owner: Person
) -> None:
    url = (await put(owner, picture())).json()["appearance"]["logo_url"]
    for _ in range(2):
        answer = await owner.ask("DELETE", "/api/v1/organization/logo")
        assert answer.json()["appearance"]["logo_url"] is None
    assert (await client.get(url)).status_code == 404
    key = url.rsplit("/", 1)[-1].replace("-", "")
    assert not list((running.hub.ports.files._root).rglob(key))


async def test_a_widget_wears_the_organizations_colour_until_it_has_its_own(
    client: httpx2.AsyncClient, owner: Person
) -> None:
    await owner.patch("/api/v1/organization", {"appearance": {"accent": "#118811"}})
    logo = (await put(owner, picture())).json()["appearance"]["logo_url"]
    channel = await owner.post("/api/v1/channels", {"kind": "webchat", "name": "Site"})
    opened = (await client.post(f"/api/v1/widget/{channel['id']}/session", json={})).json()["channel"]
    await owner.patch(f"/api/v1/channels/{channel['id']}", {"settings": {"color": "#aa5500"}})
    again = (await client.post(f"/api/v1/widget/{channel['id']}/session", json={})).json()["channel"]
    assert (opened["color"], opened["logo_url"]) == ("#118811", logo)
    assert again["color"] == "#aa5500"
