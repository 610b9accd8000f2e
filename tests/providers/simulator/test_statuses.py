"""Statuses: sent, delivered, read, played and failed, by signed webhooks."""

from tests.providers.simulator.stage import ANA, NUMBER, Receiver, Stage, serve

OPEN = {"phone_number_id": NUMBER.phone_number_id}


def states_of(hub: Receiver, message_id: str) -> list[str]:
    return [s["status"] for s in hub.statuses if s["id"] == message_id]


async def test_an_online_phone_is_delivered_to_and_reads_when_open(stage: Stage) -> None:
    message = await stage.sent(biz_opaque_callback_data="our-id-7")
    await stage.hub.until(lambda hub: len(hub.statuses) == 2)
    assert states_of(stage.hub, message) == ["sent", "delivered"]

    await stage.phone.post(f"/phones/{ANA}/open", json=OPEN)
    await stage.hub.until(lambda hub: len(hub.statuses) == 3)

    assert states_of(stage.hub, message) == ["sent", "delivered", "read"]
    assert {s["biz_opaque_callback_data"] for s in stage.hub.statuses} == {"our-id-7"}
    assert {s["recipient_id"] for s in stage.hub.statuses} == {ANA}


async def test_an_open_chat_reads_at_once(stage: Stage) -> None:
    await stage.phone.post(f"/phones/{ANA}/open", json=OPEN)

    message = await stage.sent()
    await stage.hub.until(lambda hub: len(hub.statuses) == 3)

    assert states_of(stage.hub, message) == ["sent", "delivered", "read"]


async def test_an_offline_phone_is_delivered_to_when_it_returns(stage: Stage) -> None:
    await stage.phone.post(f"/phones/{ANA}/online", json={"online": False})
    message = await stage.sent()
    await stage.hub.until(lambda hub: hub.statuses)
    assert states_of(stage.hub, message) == ["sent"]

    await stage.phone.post(f"/phones/{ANA}/online", json={"online": True})
    await stage.hub.until(lambda hub: len(hub.statuses) == 2)

    assert states_of(stage.hub, message) == ["sent", "delivered"]


async def test_a_closed_window_fails_after_acceptance(stage: Stage) -> None:
    late = OPEN | {"seconds_ago": 24 * 3600 + 1}
    await stage.phone.post(f"/phones/{ANA}/window", json=late)

    message = await stage.sent()
    await stage.hub.until(lambda hub: hub.statuses)

    assert states_of(stage.hub, message) == ["failed"]
    assert stage.hub.statuses[0]["errors"][0]["code"] == 131047


async def test_a_template_passes_a_closed_window(stage: Stage) -> None:
    message = await stage.sent("template", {"name": "hello_world", "language": {"code": "en_US"}}, to="34600000004")
    await stage.hub.until(lambda hub: len(hub.statuses) == 2)

    assert states_of(stage.hub, message) == ["sent", "delivered"]
    assert stage.hub.statuses[0]["pricing"]["category"] == "utility"


async def test_a_customers_message_opens_the_window(stage: Stage) -> None:
    await stage.write(wa_id="34600000004")

    message = await stage.sent(to="34600000004")
    await stage.hub.until(lambda hub: len(hub.statuses) == 2)

    assert states_of(stage.hub, message) == ["sent", "delivered"]


async def test_a_dead_link_fails_the_message(stage: Stage) -> None:
    message = await stage.sent("image", {"link": "http://127.0.0.1:9/absent.png"})
    await stage.hub.until(lambda hub: hub.statuses)

    assert states_of(stage.hub, message) == ["failed"]
    assert stage.hub.statuses[0]["errors"][0]["code"] == 131053


async def test_a_link_is_fetched_and_shown(stage: Stage) -> None:
    async def picture(scope: object, receive: object, send: object) -> None:
        headers = [(b"content-type", b"image/png")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"png"})  # type: ignore[operator]

    async with serve(picture) as url:
        await stage.sent("image", {"link": f"{url}/a.png", "caption": "Look"})
        await stage.hub.until(lambda hub: len(hub.statuses) == 2)

    shown = (await stage.chat())[-1]["body"]["id"]
    assert (await stage.phone.get(f"/media/{shown}")).content == b"png"


async def test_a_voice_message_is_played(stage: Stage) -> None:
    form = {"messaging_product": "whatsapp", "type": "audio/ogg"}
    file = {"file": ("a.ogg", b"OggS", "audio/ogg; codecs=opus")}
    upload = await stage.graph.post(f"/{NUMBER.phone_number_id}/media", data=form, files=file)
    message = await stage.sent("audio", {"id": upload.json()["id"]})
    await stage.hub.until(lambda hub: len(hub.statuses) == 2)

    await stage.phone.post(f"/phones/{ANA}/played", json={"message_id": message})
    await stage.hub.until(lambda hub: len(hub.statuses) == 3)

    assert states_of(stage.hub, message) == ["sent", "delivered", "played"]


async def test_media_of_another_kind_fails(stage: Stage) -> None:
    form = {"messaging_product": "whatsapp", "type": "text/plain"}
    file = {"file": ("a.txt", b"words", "text/plain")}
    upload = await stage.graph.post(f"/{NUMBER.phone_number_id}/media", data=form, files=file)

    await stage.sent("image", {"id": upload.json()["id"]})
    await stage.hub.until(lambda hub: hub.statuses)

    assert stage.hub.statuses[0]["errors"][0]["code"] == 131053
