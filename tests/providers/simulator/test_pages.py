"""The pages: wherever they are mounted, with strict policies, and closed to other sites."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import websockets
from litestar import Litestar, asgi

from providers.simulator import SimulatorConfig, create_simulator
from providers.simulator.app import locate
from providers.simulator.pages import STATIC, language_of
from tests.providers.simulator.stage import ANA, NUMBER, Slot, Stage, serve

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'"
)


@pytest.mark.parametrize("path", ["/", "/mail"])
async def test_pages_have_a_strict_policy(stage: Stage, path: str) -> None:
    answer = await stage.phone.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-security-policy"].startswith(POLICY)
    assert "<script>" not in answer.text
    assert "style=" not in answer.text


async def test_the_catalogues_say_the_same_things(stage: Stage) -> None:
    words = [(await stage.phone.get(f"/static/i18n/{language}.json")).json() for language in ("en", "pt-BR", "es")]

    assert words[0].keys() == words[1].keys() == words[2].keys()


@pytest.mark.parametrize("name", ["../config.py", "%2e%2e/config.py", "phone.html", "js", "js/absent.js"])
async def test_only_static_files_are_served(stage: Stage, name: str) -> None:
    assert (await stage.phone.get(f"/static/{name}")).status_code == 404


@pytest.mark.parametrize("file", sorted(path.relative_to(STATIC).as_posix() for path in STATIC.glob("*/*")))
async def test_every_static_file_has_its_type(stage: Stage, file: str) -> None:
    answer = await stage.phone.get(f"/static/{file}")

    kind = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "json": "application/json"}
    assert answer.headers["content-type"] == kind[file.rsplit(".", 1)[-1]]


async def test_the_shop_embeds_the_widget_of_the_hub(stage: Stage) -> None:
    answer = await stage.phone.get("/site?channel=abc-1", headers={"accept-language": "pt-BR,pt;q=0.9,en;q=0.8"})

    hub = stage.simulator.config.hub_url
    assert f'<script src="{hub}/widget.js" data-channel="abc-1" defer></script>' in answer.text
    assert '<html lang="pt-BR">' in answer.text
    assert f"script-src 'self' {hub};" in answer.headers["content-security-policy"]


async def test_the_shop_takes_the_seeded_channel_and_no_other_text(stage: Stage) -> None:
    assert "widget.js" not in (await stage.phone.get("/site")).text
    stage.simulator.site_channel_id = "seeded"
    assert 'data-channel="seeded"' in (await stage.phone.get("/site")).text
    assert (await stage.phone.get('/site?channel="><script>')).status_code == 404


@pytest.mark.parametrize(
    ("accept", "language"),
    [("", "en"), ("fr", "en"), ("es-MX,es;q=0.9", "es"), ("fr,pt;q=0.5,es;q=0.7", "es"), ("en;q=x,pt", "pt-BR")],
)
def test_the_language_follows_the_browser(accept: str, language: str) -> None:
    assert language_of(accept) == language


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
async def test_acts_of_other_sites_are_refused(stage: Stage, headers: dict[str, str]) -> None:
    answer = await stage.phone.post("/faults", json={"kind": "throttled"}, headers=headers)

    assert answer.status_code == 403
    assert (await stage.phone.get("/faults")).json() == []


async def test_acts_of_our_own_pages_are_taken(stage: Stage) -> None:
    for origin in (stage.url, stage.simulator.config.hub_url):
        answer = await stage.phone.post("/faults", json={"kind": "throttled"}, headers={"origin": origin})
        assert answer.status_code == 201


async def test_the_socket_tells_and_hears(stage: Stage) -> None:
    url = stage.url.replace("http", "ws") + "/live"
    async with websockets.connect(url) as socket:
        await socket.send("garbage")
        await socket.send(json.dumps({"chats": {ANA: NUMBER.phone_number_id}}))
        message = await stage.sent()
        await stage.hub.until(lambda hub: len(hub.statuses) == 3)
        assert [s["status"] for s in stage.hub.statuses] == ["sent", "delivered", "read"]
        events = [json.loads(await socket.recv()) for _ in range(2)]
        assert [event["value"]["state"] for event in events] == ["accepted", "read"]
        assert {event["value"]["id"] for event in events} == {message}

    await stage.phone.get("/health")
    second = await stage.sent()
    await stage.hub.until(lambda hub: len(hub.statuses) == 5)
    assert [s["status"] for s in stage.hub.statuses if s["id"] == second] == ["sent", "delivered"]


async def test_the_socket_is_closed_to_other_sites(stage: Stage) -> None:
    url = stage.url.replace("http", "ws") + "/live"
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(url, origin=websockets.Origin("https://evil.example"))


@pytest.fixture
async def mounted(stage: Stage, hub_slot: Slot) -> AsyncIterator[str]:
    """The simulator inside another Litestar app, as the hub mounts it."""

    @asgi("/simulator", is_mount=True, copy_scope=True)
    async def mount(scope: Any, receive: Any, send: Any) -> None:
        await stage.simulator.app(scope, receive, send)

    async with serve(Litestar([mount], openapi_config=None, logging_config=None)) as url:
        yield url


async def test_a_mount_strips_the_prefix_and_all_works(stage: Stage, mounted: str) -> None:
    async with httpx2.AsyncClient(base_url=mounted, verify=False) as browser:
        answer = await browser.get("/simulator")
        assert (answer.status_code, answer.headers["location"]) == (307, "simulator/")
        assert (await browser.get("/simulator/")).status_code == 200
        assert (await browser.get("/simulator/static/js/phone.js")).status_code == 200
        assert 'src="/widget.js"' in (await browser.get("/simulator/site?channel=abc")).text
        bearer = {"authorization": f"Bearer {NUMBER.access_token}"}
        upload = await browser.post(
            f"/simulator/graph/v23.0/{NUMBER.phone_number_id}/media",
            data={"messaging_product": "whatsapp", "type": "image/png"},
            files={"file": ("a.png", b"png", "image/png")},
            headers=bearer,
        )
        info = (await browser.get(f"/simulator/graph/v23.0/{upload.json()['id']}", headers=bearer)).json()
        assert info["url"].startswith(f"{mounted}/simulator/graph/lookaside/")
        assert (await browser.get(info["url"], headers=bearer)).content == b"png"
    async with websockets.connect(mounted.replace("http", "ws") + "/simulator/live") as socket:
        await stage.write()
        assert json.loads(await socket.recv())["type"] == "message"


@pytest.mark.parametrize(
    ("scope", "path", "prefix"),
    [
        ({"path": "/graph/v1.0/1"}, "/graph/v1.0/1", ""),
        ({"path": "/simulator/graph", "raw_path": b"/simulator/graph"}, "/graph", "/simulator"),
        ({"path": "/graph/", "raw_path": b"/simulator/graph"}, "/graph", "/simulator"),
        ({"path": "/simulator/mail", "root_path": "/simulator", "raw_path": b"/simulator/mail"}, "/mail", "/simulator"),
        ({"path": "/mail", "root_path": "/base/simulator"}, "/mail", "/base/simulator"),
        ({"path": "/", "raw_path": b"/simulator/"}, "/", "/simulator"),
        ({"path": "/simulator"}, "/", ""),
    ],
)
def test_the_mount_point_is_found(scope: dict[str, Any], path: str, prefix: str) -> None:
    assert locate(scope)[:2] == (path, prefix)


async def test_the_simulator_runs_alone_with_a_lifespan() -> None:
    app = create_simulator(SimulatorConfig(smtp_port=None))
    sent: list[str] = []
    events = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, str]:
        return {"type": next(events)}

    async def send(event: dict[str, str]) -> None:
        sent.append(event["type"])

    await app({"type": "lifespan"}, receive, send)  # type: ignore[arg-type]

    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
