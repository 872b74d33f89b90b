"""Bad input, one test each: refused or set aside with its reason, to be read on the source's page, and the rest goes on.

Forged and replayed call-backs, wrong credentials, a table that lacks a column, an unknown message type, a zip bomb, a
damaged file.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.link.desk import Desk, open_desk
from tests.link.wecom.conftest import BOSS, WeComSite, site

from tongmai.kit import Denied, FixedClock, NotFound, Settings, TongmaiError, TooLarge
from tongmai.link import HookCall
from tongmai.link.state import WHOLE
from tongmai.simulators.wecom import envelope
from tongmai.store import Database, Workspace

from .test_folder import folder
from .test_sql_source import MAPPING, Shop

__all__ = ["site"]


@dataclass(frozen=True)
class SourcePage:
    """What a person reads on a source's page: rows set aside with the codes of their reasons, the last run of a kind
    with its state and the code of its error, and what is wrong with the source as a whole."""

    refusals: dict[str, list[str]]
    runs: list[tuple[str, str, str | None]]
    faults: list[str]


async def page_of(desk: Desk, source: str) -> SourcePage:
    async with desk.database.read() as tx:
        runs = await desk.links.runs.latest(tx, desk.workspace, source, 20)
        states = await desk.links.states.of(tx, desk.workspace, source)
    detail = states[WHOLE].detail if WHOLE in states else None
    faults: Any = (detail or {}).get("faults", [])
    errors: list[Any] = [each.error for each in runs]
    told = [None if not error else str(error[0]["code"]) for error in errors]
    return SourcePage(
        await desk.refusals(source),
        [(run.kind, run.state, code) for run, code in zip(runs, told, strict=True)],
        [each["code"] for each in faults],
    )


@pytest.fixture
async def wecom(
    site: WeComSite, database: Database, workspace: Workspace, settings: Settings, clock: FixedClock
) -> AsyncIterator[tuple[Desk, WeComSite]]:
    desk = await open_desk(database, workspace, site.clock, settings)
    company = site.company
    await desk.define(
        {
            "key": "wecom", "kind": "wecom", "label": "企业微信",
            "options": {"corp_id": company.corp_id, "base_url": site.url, "archive": "http",
                        "archive_url": f"{site.url}/archive/lines"},
        }
    )  # fmt: skip
    await desk.secret(
        "wecom", secret=company.secret, archive_secret=company.archive_secret, callback_token=company.token,
        encoding_aes_key=company.encoding_aes_key,
    )  # fmt: skip
    yield desk, site
    await desk.links.close()


def press(site: WeComSite, card: str, *, token: str = "") -> HookCall:
    """A button of a card, as the vendor would tell of it; by whoever has the token."""
    return told(site, {"Event": "template_card_event", "TaskId": card, "EventKey": "done"}, card, token)


def approval(site: WeComSite, number: str, nonce: str) -> HookCall:
    return told(site, {"Event": "sys_approval_change", "ApprovalInfo": {"SpNo": number}}, nonce)


def told(site: WeComSite, values: dict[str, object], nonce: str, token: str = "") -> HookCall:
    company = site.company
    now = str(company.now())
    event = envelope.xml({"CreateTime": now, **values})
    encrypted = envelope.encrypt(company.encoding_aes_key, event, company.corp_id)
    signature = envelope.sign(token or company.token, now, nonce, encrypted)
    query = {"msg_signature": signature, "timestamp": now, "nonce": nonce}
    return HookCall("POST", query, {}, envelope.xml({"Encrypt": encrypted}).encode())


async def test_a_forged_call_back(wecom: tuple[Desk, WeComSite]) -> None:
    desk, site = wecom
    with pytest.raises(Denied, match="signature is wrong"):
        await desk.links.receiver.receive(desk.workspace, "wecom", press(site, "1", token="guessed"))
    assert await desk.count("_raw") == 0
    assert (await page_of(desk, "wecom")).refusals == {"callback.forged:signature": ["callback.forged"]}
    await desk.links.receiver.receive(desk.workspace, "wecom", press(site, "2"))
    assert await desk.count("_raw", "stream = 'card_actions'") == 1


async def test_a_replayed_call_back(wecom: tuple[Desk, WeComSite]) -> None:
    desk, site = wecom
    call = press(site, "1")
    for _ in range(2):
        await desk.links.receiver.receive(desk.workspace, "wecom", call)
    assert await desk.count("_raw", "stream = 'card_actions'") == 1
    site.clock.advance(timedelta(minutes=6))
    with pytest.raises(Denied):
        await desk.links.receiver.receive(desk.workspace, "wecom", call)
    assert await desk.count("_raw", "stream = 'card_actions'") == 1
    assert (await page_of(desk, "wecom")).refusals == {"callback.replayed": ["callback.replayed"]}


async def test_each_reason_is_one_row_with_how_often_it_came_whoever_knocks(wecom: tuple[Desk, WeComSite]) -> None:
    desk, site = wecom
    began = site.clock.now()
    bomb = b'<!DOCTYPE x [<!ENTITY a "aa">]><xml><Encrypt>&a;</Encrypt></xml>'
    for number in range(20):
        for call in (press(site, "1", token=f"guessed{number}"), HookCall("POST", {"msg_signature": "x"}, {}, bomb)):
            with pytest.raises(TongmaiError):
                await desk.links.receiver.receive(desk.workspace, "wecom", call)
        site.clock.advance(timedelta(seconds=1))
    rows = {each["key"]: each for each in await desk.fetch("SELECT key, body::text, at FROM {schema}._refusal")}
    assert set(rows) == {"callback.forged:signature", "callback.xml"}
    for row in rows.values():
        told = orjson.loads(row["body"])
        assert (told["times"], told["since"]) == (20, began.isoformat())
        assert row["at"] == began + timedelta(seconds=19)

    site.clock.advance(timedelta(days=31))
    await desk.links.receiver.sweep(desk.workspace)
    assert (await page_of(desk, "wecom")).refusals == {}


async def test_a_call_that_is_too_large_to_be_read_is_told_of_but_none_to_an_address_that_is_none(
    wecom: tuple[Desk, WeComSite],
) -> None:
    desk, _ = wecom
    call = HookCall("POST", {}, {"content-length": "90000000"}, b"", "203.0.113.9")
    error = TooLarge.of("body.too_large", "过大", "Too large")
    await desk.links.receiver.refuse(desk.workspace, "wecom", call, error)
    (row,) = await desk.fetch("SELECT key, body::text FROM {schema}._refusal")
    assert (row["key"], orjson.loads(row["body"])["bytes"]) == ("body.too_large", 90_000_000)
    with pytest.raises(NotFound):
        await desk.links.receiver.refuse(desk.workspace, "guessed", call, error)
    assert await desk.count("_refusal") == 1


async def test_a_hundred_call_backs_sent_twice_each_are_one_row_each_and_the_vendor_is_asked_for_one_token(
    wecom: tuple[Desk, WeComSite],
) -> None:
    desk, site = wecom
    number = (await site.control("approval", member="lisi"))["number"]
    site.company.tokens.clear()
    for card in range(100):
        for _ in range(2):
            await desk.links.receiver.receive(desk.workspace, "wecom", press(site, str(card)))
    for nonce in range(10):
        await desk.links.receiver.receive(desk.workspace, "wecom", approval(site, number, str(nonce)))
    assert await desk.count("_raw", "stream = 'card_actions'") == 100
    assert await desk.count("_raw", "stream = 'approvals'") == 1
    assert len(site.company.tokens) == 1


async def test_a_wrong_credential(wecom: tuple[Desk, WeComSite]) -> None:
    desk, site = wecom
    await desk.secret("wecom", secret="guessed")
    done = await desk.pull("wecom", streams=["customers"])
    assert done["state"] == "failed"
    page = await page_of(desk, "wecom")
    assert page.runs[0] == ("pull", "failed", "wecom.refused")
    assert page.faults == ["wecom.refused"]
    await desk.secret("wecom", secret=site.company.secret)
    assert (await desk.pull("wecom", streams=["customers"]))["state"] == "done"
    assert (await page_of(desk, "wecom")).faults == []


async def test_a_message_of_an_unknown_type(wecom: tuple[Desk, WeComSite]) -> None:
    desk, site = wecom
    await site.control("consent", member="zhangsan", customer=BOSS)
    site.clock.advance(timedelta(minutes=1))
    odd = await site.control("message", **{"from": BOSS, "to": ["zhangsan"], "kind": "hologram", "text": "未知"})
    plain = await site.control("message", **{"from": BOSS, "to": ["zhangsan"], "text": "你好"})
    done = await desk.pull("wecom", streams=["messages"])
    assert done["state"] == "done"
    assert (await page_of(desk, "wecom")).refusals == {odd["msgid"]: ["archive.kind"]}
    assert (await desk.counts("wecom", "pull"))["refused"] == 1
    assert await desk.count("_raw", f"key = '{plain['msgid']}' AND body->>'text' = '你好'") == 1


async def test_a_table_that_lacks_a_column(desk: Desk, tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.db")
    shop.add(("C1", "华东机械", "021-1", 1.5, "2026-11-01 08:00:00"))
    await desk.define(shop.source(), MAPPING)
    await desk.pull("shop")
    shop.run("ALTER TABLE customers DROP COLUMN tel")
    await desk.define(shop.source(columns=["code", "name", "tel", "credit", "changed"]), MAPPING)
    assert (await desk.pull("shop"))["state"] == "failed"
    page = await page_of(desk, "shop")
    assert page.runs[0] == ("pull", "failed", "source.column_missing")
    assert page.faults == ["source.column_missing"]
    assert await desk.records("customer", "code", "phone") == [("C1", "021-1")]


async def test_a_zip_bomb_and_a_damaged_workbook(desk: Desk, tmp_path: Path) -> None:
    inbox = desk.settings.data_dir / "inbox" / desk.workspace.key
    inbox.mkdir(parents=True, exist_ok=True)
    await folder(desk, inbox)
    known = desk.catalogues
    source = (await known.get(desk.workspace)).source_by_key["files"].model_dump(mode="json")
    source["options"]["streams"]["customers"]["pattern"] = "客户*"
    await desk.define(source)
    (inbox / "客户0.xlsx").write_bytes(bomb())
    (inbox / "客户1.xlsx").write_bytes(b"PK\x03\x04 and then nothing of a workbook")
    (inbox / "客户2.csv").write_text("编号,名称\nA1,华东机械\n")
    done = await desk.pull("files")
    assert done["state"] == "done"
    refusals = (await page_of(desk, "files")).refusals
    assert refusals.keys() == {"客户0.xlsx", "客户1.xlsx"}
    assert all(codes for codes in refusals.values())
    assert await desk.records("customer", "code", "name") == [("A1", "华东机械")]


def bomb() -> bytes:
    """A workbook of a megabyte whose sheet would be a gigabyte."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(1024):
                sheet.write(b" " * 1024 * 1024)
    return packed.getvalue()
