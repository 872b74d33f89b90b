from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tongmai.web.screen import Screens


def client_of(folder: Path) -> httpx.AsyncClient:
    app = Starlette(routes=[Route("/{path:path}", Screens(folder).__call__)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "ui"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>ui</title>")
    (folder / "assets" / "app-1a2b.js").write_text("1")
    (folder / "assets" / "app-1a2b.js.gz").write_bytes(b"packed")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "assets" / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


async def test_assets_are_kept_for_ever_and_the_page_is_asked_for_anew(built: Path) -> None:
    async with client_of(built) as client:
        asset = await client.get("/assets/app-1a2b.js", headers={"accept-encoding": "identity"})
        page = await client.get("/")
    assert asset.text == "1"
    assert "immutable" in asset.headers["cache-control"]
    assert page.headers["cache-control"] == "no-cache"


async def test_a_packed_twin_is_sent_to_those_who_take_it(built: Path) -> None:
    async with client_of(built) as client, client.stream("GET", "/assets/app-1a2b.js") as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert raw == b"packed"


async def test_an_address_of_the_ui_gets_the_page_and_a_missing_file_is_missing(built: Path) -> None:
    async with client_of(built) as client:
        assert "ui" in (await client.get("/objects/customer")).text
        assert (await client.get("/assets/gone.js")).status_code == 404
        assert (await client.get("/api/nothing")).status_code == 404


async def test_a_vendors_proof_of_the_site_is_served_as_it_was_put_there_and_no_other_file(
    built: Path, tmp_path: Path
) -> None:
    proofs = tmp_path / "proofs"
    app = Starlette(routes=[Route("/{path:path}", Screens(built, proofs).__call__)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/WW_verify_a1B2.txt")).status_code == 404
        proofs.mkdir()
        for name in ("WW_verify_a1B2.txt", "other.txt"):
            (proofs / name).write_text("a1B2")
        proof = await client.get("/WW_verify_a1B2.txt")
        assert (proof.text, proof.headers["content-type"]) == ("a1B2", "text/plain; charset=utf-8")
        assert (await client.get("/other.txt")).status_code == 404
        assert (await client.get("/WW_verify_..%2fother.txt")).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/assets/link.txt", "//etc/passwd"],
)
async def test_no_path_leads_out_of_the_folder(built: Path, path: str) -> None:
    async with client_of(built) as client:
        answer = await client.get(path)
    assert "secret" not in answer.text
    assert "root:" not in answer.text


async def test_without_a_built_ui_the_page_says_how_to_build_it(tmp_path: Path) -> None:
    async with client_of(tmp_path / "absent") as client:
        answer = await client.get("/")
    assert answer.status_code == 200
    assert "make ui" in answer.text
