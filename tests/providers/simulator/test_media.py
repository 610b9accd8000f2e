"""Media: upload, information, the short-lived download, deletion; and voice notes made from browser recordings."""

import base64
import hashlib

import pytest

from providers.simulator import ogg, samples
from tests.providers.simulator.stage import ANA, NUMBER, Stage

PICTURE = samples.picture()
FORM = {"messaging_product": "whatsapp", "type": "image/png"}


async def uploaded(stage: Stage) -> str:
    files = {"file": ("a.png", PICTURE, "image/png")}
    answer = await stage.graph.post(f"/{NUMBER.phone_number_id}/media", data=FORM, files=files)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def test_what_goes_up_comes_down(stage: Stage) -> None:
    media_id = await uploaded(stage)
    info = (await stage.graph.get(f"/{media_id}", params={"phone_number_id": NUMBER.phone_number_id})).json()

    answer = await stage.graph.get(info["url"])

    assert answer.content == PICTURE
    assert answer.headers["content-type"] == info["mime_type"] == "image/png"
    assert info["sha256"] == hashlib.sha256(PICTURE).hexdigest()
    assert (info["file_size"], info["id"]) == (len(PICTURE), media_id)


async def test_the_address_needs_token_and_user_agent_and_lives_five_minutes(stage: Stage) -> None:
    url = (await stage.graph.get(f"/{await uploaded(stage)}")).json()["url"]

    assert (await stage.phone.get(url)).status_code == 401
    assert (await stage.graph.get(url, headers={"user-agent": ""})).status_code == 403
    stage.clock.seconds += 299
    assert (await stage.graph.get(url)).status_code == 200
    stage.clock.seconds += 2
    assert (await stage.graph.get(url)).status_code == 404


async def test_deleted_media_is_gone(stage: Stage) -> None:
    media_id = await uploaded(stage)

    assert (await stage.graph.delete(f"/{media_id}")).json() == {"success": True}
    assert (await stage.graph.get(f"/{media_id}")).json()["error"]["code"] == 100


async def test_another_token_does_not_see_it(stage: Stage) -> None:
    media_id = await uploaded(stage)
    fields = {name: getattr(NUMBER, name) for name in NUMBER.__struct_fields__}
    other = fields | {"phone_number_id": "555", "waba_id": "556", "access_token": "other"}
    await stage.phone.post("/numbers", json=other)

    answer = await stage.graph.get(f"/{media_id}", headers={"authorization": "Bearer other"})

    assert answer.json()["error"]["code"] == 100


@pytest.mark.parametrize(
    ("form", "file", "code"),
    [
        ({"type": "image/png"}, ("a.png", b"x", "image/png"), 100),
        (FORM, None, 131008),
        (FORM, ("a.png", b"", "image/png"), 131053),
        (FORM | {"type": "application/octet-stream"}, ("a", b"x", "application/octet-stream"), 131053),
        (FORM, ("a.png", b"x" * (5 * 1024 * 1024 + 1), "image/png"), 131053),
    ],
)
async def test_bad_uploads_are_refused(
    stage: Stage, form: dict[str, str], file: tuple[str, bytes, str] | None, code: int
) -> None:
    files = {"file": file} if file else {"other": ("b", b"x")}
    answer = await stage.graph.post(f"/{NUMBER.phone_number_id}/media", data=form, files=files)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


async def test_a_customers_picture_is_fetched_by_the_hub(stage: Stage) -> None:
    upload = await stage.phone.post(
        f"/phones/{ANA}/media", content=PICTURE, headers={"content-type": "image/png"}, params={"filename": "a.png"}
    )
    await stage.write("image", {"id": upload.json()["id"], "caption": "Broken"})
    await stage.hub.until(lambda hub: hub.messages)
    image = stage.hub.messages[0]["image"]

    info = (await stage.graph.get(f"/{image['id']}")).json()
    content = (await stage.graph.get(info["url"])).content

    assert image["sha256"] == base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert (image["caption"], image["mime_type"]) == ("Broken", "image/png")


async def test_page_media_cannot_run(stage: Stage) -> None:
    page = b"<script>alert(1)</script>"
    upload = await stage.phone.post(f"/phones/{ANA}/media", content=page, headers={"content-type": "text/html"})

    answer = await stage.phone.get(f"/media/{upload.json()['id']}")

    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["x-content-type-options"] == "nosniff"


def webm(packets: list[bytes]) -> bytes:
    """A recording as a browser writes it: segment and cluster of unknown size."""
    unknown = b"\x01\xff\xff\xff\xff\xff\xff\xff"
    head = b"\x63\xa2" + bytes([0x80 | len(ogg.DEFAULT_HEAD)]) + ogg.DEFAULT_HEAD
    track = b"\xae" + bytes([0x80 | len(head)]) + head
    tracks = b"\x16\x54\xae\x6b" + bytes([0x80 | len(track)]) + track
    blocks = b"".join(b"\xa3" + bytes([0x80 | (len(p) + 4)]) + b"\x81\x00\x00\x80" + p for p in packets)
    return b"\x1a\x45\xdf\xa3\x80" + b"\x18\x53\x80\x67" + unknown + tracks + b"\x1f\x43\xb6\x75" + unknown + blocks


async def test_a_browsers_recording_becomes_an_ogg_voice_note(stage: Stage) -> None:
    recording = webm([b"\xf8\xff\xfe"] * 100)
    kind = {"content-type": "audio/webm;codecs=opus"}
    upload = await stage.phone.post(f"/phones/{ANA}/media", content=recording, headers=kind)
    assert upload.json()["mime_type"] == "audio/ogg; codecs=opus"

    await stage.write("audio", {"id": upload.json()["id"], "voice": True})
    await stage.hub.until(lambda hub: hub.messages)

    audio = stage.hub.messages[0]["audio"]
    assert (audio["voice"], audio["mime_type"]) == (True, "audio/ogg; codecs=opus")
    content = (await stage.phone.get(f"/media/{audio['id']}")).content
    assert content == samples.voice_note(2.0)
    assert content.startswith(b"OggS")
    assert b"OpusHead" in content[:64]


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x1a\x45\xdf\xa3", b"\xff" * 100, PICTURE, webm([])])
def test_what_is_no_recording_stays_as_it_is(raw: bytes) -> None:
    assert ogg.from_webm(raw) is None


async def test_garbage_in_the_form_is_a_400(stage: Stage) -> None:
    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = await stage.graph.post(f"/{NUMBER.phone_number_id}/media", content=b"--y\r\n\r\n", headers=kind)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)
