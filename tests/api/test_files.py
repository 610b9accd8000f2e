"""Files over the API: what is gone from the store is said before an answer begins."""

from pathlib import Path

import httpx2

from tests.running import Stack, register


async def test_a_file_whose_bytes_are_gone_is_not_there(running: Stack, client: httpx2.AsyncClient) -> None:
    owner = await register(client)
    sent = await owner.ask("POST", "/api/v1/files", files={"file": ("note.txt", b"some words", "text/plain")})
    file_id = sent.json()["id"]
    whole = await owner.ask("GET", f"/api/v1/files/{file_id}")
    assert (whole.status_code, whole.content) == (200, b"some words")
    (stored,) = Path(running.settings.data_dir).rglob(f"*{file_id.replace('-', '')}*")
    stored.unlink()
    gone = await owner.ask("GET", f"/api/v1/files/{file_id}")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")

