"""``kill -9`` while an app is installed, upgraded or removed: after the next start it is all there or not there at all."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from tests.market.shop import MODEL, Shop, folder
from tests.market.test_steps import content_keys, versions

from tongmai.kit import FixedClock, Settings
from tongmai.market import read_package
from tongmai.store import Database

_PROGRAM = Path(__file__).parents[1] / "to_be_killed.py"
_NEWER = MODEL.replace("{key: badge,", "{key: desk, type: text, label: 座位}, {key: badge,")


@pytest.mark.parametrize("deed", ["install", "upgrade", "remove"])
@pytest.mark.parametrize("held", ["person", "_app_step"], ids=["in the tables", "between model and entry"])
async def test_a_step_of_an_app_killed_in_the_middle_is_whole_after_the_next_start(
    shop: Shop, tmp_path: Path, database: Database, clock: FixedClock, settings: Settings, deed: str, held: str
) -> None:
    package = folder(tmp_path / "crm")
    program = ["install", str(package)]
    if deed != "install":
        await shop.market.install(shop.workspace, read_package(package))
    if deed == "upgrade":
        folder(tmp_path / "crm", _NEWER, "1.1")
        (package / "content" / "closing.yaml").write_text("key: closing\ntitle: 收尾\n", encoding="utf-8")
    if deed == "remove":
        program = ["remove", "crm"]
    async with database.write() as tx:
        # What the killed one waits for: a field of this table comes or goes; the app's own part is told here at last.
        await tx.execute(f"LOCK TABLE {shop.workspace.quoted_schema}.{held} IN EXCLUSIVE MODE")
        process = await _begun(database, shop, program)
        try:
            await _until_it_waits(database, shop, process, held)
        finally:
            process.kill()
            await process.wait()
    next_start = Shop(database, clock, settings, shop.workspace)
    await next_start.editor.resume()
    await next_start.market.resume()
    assert await next_start.market.resume() == 0
    catalogue = await next_start.catalogues.newest(shop.workspace)
    fields = set(catalogue.object_by_key["person"].by_key) & {"badge", "desk"}
    found = (await versions(next_start), await content_keys(next_start), fields)
    nothing: _Found = ({}, [], set())
    first: _Found = ({"crm": "1.0"}, ["opening"], {"badge"})
    second: _Found = ({"crm": "1.1"}, ["closing", "opening"], {"badge", "desk"})
    before, after = {"install": (nothing, first), "upgrade": (first, second), "remove": (first, nothing)}[deed]
    # In force is in force: what had come so far is finished, never taken back.
    assert found == after if held == "_app_step" else found in (before, after)
    # And nothing stands in the way of what one does next.
    if found[0]:
        await next_start.market.remove(shop.workspace, "crm")
    assert (await versions(next_start), await content_keys(next_start)) == ({}, [])


_Found = tuple[dict[str, str], list[str], set[str]]


async def _begun(database: Database, shop: Shop, program: list[str]) -> asyncio.subprocess.Process:
    deed, what = program
    return await asyncio.create_subprocess_exec(
        sys.executable, str(_PROGRAM), deed, database.dsn, shop.workspace.key, what, stderr=asyncio.subprocess.PIPE
    )


async def _until_it_waits(database: Database, shop: Shop, process: asyncio.subprocess.Process, table: str) -> None:
    async with asyncio.timeout(120):
        while True:
            async with database.read() as tx:
                waits = await tx.fetch_value(
                    "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = $1::text::regclass AND NOT granted)",
                    f"{shop.workspace.quoted_schema}.{table}",
                )
            if waits:
                return
            if process.returncode is not None:
                assert process.stderr is not None
                raise AssertionError((await process.stderr.read()).decode())
