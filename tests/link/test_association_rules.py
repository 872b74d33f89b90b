"""The 12 field associations of S0-23 in the sales app, one by one: rows as WeCom, DingTalk and U8 tell them, put where
they belong, with no new field and nothing entered by anybody. One bad row beside each never stands in the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from tongmai.access import SystemActor
from tongmai.kit import Settings, Text
from tongmai.link import RawRow, shipped_mappings
from tongmai.market import built_in_apps, merge, read_package
from tongmai.model import SourceDef, check_catalogue, starting_catalogue
from tongmai.store import Database

from .sales_company import sales_company

SYSTEM = SystemActor("test")
CUSTOMER = {
    "cCusCode": "01001", "cCusName": "绍兴口腔医院有限公司", "cCCCode": "02", "cTrade": "装备制造", "cDCCode": "0575",
    "cCusPerson": "李院长", "cCusHand": "13575550000",
}  # fmt: skip
# By source and stream; a row that cannot be taken follows the good one where the stream has such rows.
ROWS: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("u8", "Customer"): [CUSTOMER, {**CUSTOMER, "cCusCode": "01002", "cCusName": None}],
    ("u8", "SO_SOMain"): [{"cSOCode": "SO-1", "cCusCode": "01001", "dDate": "2026-10-30T08:00:00+08:00"}],
    ("u8", "SO_SODetails"): [{"cSOCode": "SO-1", "cInvName": "种植体", "iSum": "1234.50", "iQuantity": 2}],
    ("u8", "Ap_CloseBill"): [
        {"cDwCode": "01001", "iAmount": "800.00", "cVouchType": "48", "dVouchDate": "2026-11-01T10:00:00+08:00"},
        {"cDwCode": "01001", "iAmount": "77.00", "cVouchType": "49", "dVouchDate": "2026-11-01T10:00:00+08:00"},
    ],
    ("wecom", "customers"): [{"external_userid": "wm1", "corp_name": "绍兴口腔医院有限公司", "name": "李院长"}],
    ("wecom", "messages"): [
        {"id": "m1", "at": "2026-11-02T08:12:00+08:00", "kind": "text", "direction": "in", "customer": "wm1",
         "text": "这批货急要"},
    ],
    ("dingtalk", "approvals"): [
        {"title": "安娜提交的返利申请", "businessId": "202611020001", "state": "open", "at": "2026-11-02T08:00:00+08:00",
         "form": {"客户名称": "绍兴口腔医院股份有限公司", "申请金额": "5000"}, "tasks": [{"status": "RUNNING"}]},
    ],
}  # fmt: skip


@dataclass
class Office:
    """What became of the rows, by object."""

    records: dict[str, list[dict[str, Any]]]

    def one(self, object_key: str) -> dict[str, Any]:
        (found,) = self.records[object_key]
        return found


@pytest.fixture(scope="module")
async def office(database: Database, settings: Settings) -> AsyncIterator[Office]:
    async with sales_company(database, settings) as company:
        links, workspace = company.links, company.workspace
        for (source, stream), bodies in ROWS.items():
            rows = [RawRow(f"{stream}-{n}", body) for n, body in enumerate(bodies)]
            async with database.write() as tx:
                await links.raw.put(tx, workspace, source, stream, rows)
        await links.mapper.advance(workspace)
        # Again: nothing changes.
        again = await links.mapper.advance(workspace)
        assert (again.inserted, again.updated) == (0, 0)
        found = {}
        for each in ("customer", "order", "order_line", "payment", "message", "approval"):
            found[each] = orjson.loads(await company.gateway.list(SYSTEM, workspace, each))["items"]
        yield Office(found)


def label(value: Any) -> Any:
    return value["label"] if isinstance(value, dict) else value


RULES: dict[str, tuple[str, Callable[[dict[str, Any]], Any], Any]] = {
    "01 customer's code": ("customer", lambda each: each["code"], "01001"),
    "02 customer's name": ("customer", lambda each: each["name"], "绍兴口腔医院有限公司"),
    "03 order's number": ("order", lambda each: each["number"], "SO-1"),
    "04 order's customer": ("order", lambda each: label(each["customer"]), "绍兴口腔医院有限公司"),
    "05 order placed at": ("order", lambda each: each["placed"][:10], "2026-10-30"),
    "06 line's order": ("order_line", lambda each: label(each["order"]), "SO-1"),
    "07 line's amount": ("order_line", lambda each: float(each["amount"]), 1234.5),
    "08 payment's customer": ("payment", lambda each: label(each["customer"]), "绍兴口腔医院有限公司"),
    "09 payment's amount": ("payment", lambda each: float(each["amount"]), 800.0),
    "10 chat's customer": ("message", lambda each: label(each["customer"]), "绍兴口腔医院有限公司"),
    "11 chat's moment": ("message", lambda each: each["sent_at"][:10], "2026-11-02"),
    "12 approval's customer": ("approval", lambda each: label(each["customer"]), "绍兴口腔医院有限公司"),
}


@pytest.mark.parametrize("rule", RULES)
async def test_each_association_brings_its_value(office: Office, rule: str) -> None:
    object_key, read, wanted = RULES[rule]
    assert read(office.one(object_key)) == wanted


async def test_a_trade_that_is_written_in_the_companys_own_way_keeps_no_customer_out(office: Office) -> None:
    assert office.one("customer")["industry"] == "general"


def test_the_general_form_fits_the_sales_app_too() -> None:
    """The same 12 as they can be taken by a company whose model is its own."""
    model = merge(starting_catalogue(), read_package(dict(built_in_apps())["sales"]).model)
    sources = tuple(SourceDef(key=key, label=Text.same(key), kind=key) for key in ("u8", "wecom", "dingtalk"))
    taken = model.replace(sources=sources, mappings=shipped_mappings())
    assert check_catalogue(taken) == []
    assert sum(len(each.fields) for each in taken.mappings) == 12
