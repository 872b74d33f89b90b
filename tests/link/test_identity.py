"""One customer under several names: likeness, candidates with reasons, merging and taking it back."""

from __future__ import annotations

import pytest

from tongmai.kit import Conflict, Invalid
from tongmai.link.identity import likeness
from tongmai.records.transfer import Loader

from .desk import Desk
from .test_mapping import CUSTOMERS, SOURCE, came, row


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("华东机械有限公司", "华东机械股份有限公司"),
        ("恒通商贸（上海）有限公司", "上海恒通商贸有限公司"),
        ("恒通商贸(上海)有限公司", "恒通商贸（上海）有限责任公司"),
        ("ＡＢＣ Co., Ltd.", "abc Limited"),
        ("蓝天食品集团有限公司", "蓝天食品"),
        ("華東機械（廣州）股份有限公司", "广州华东机械有限公司"),
    ],
)
def test_names_that_differ_in_form_and_marks_only_are_surely_the_same(one: str, other: str) -> None:
    assert likeness(one, other) == 1.0
    assert likeness(other, one) == 1.0


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("上海华东机械股份有限公司", "华东机械", 0.9, 0.99),
        ("华东机械（上海）有限公司", "华东机械（北京）有限公司", 0.5, 0.6),
        ("深圳市腾讯计算机系统有限公司", "腾讯计算机", 0.6, 0.95),
        ("蓝天食品", "蓝海食品", 0.0, 0.8),
        ("远大物流", "北辰仪器", 0.0, 0.3),
        # What both do tells nothing: of 江北's health stations each is another.
        ("江北安康社区卫生服务站", "江北瑞金社区卫生服务站", 0.0, 0.5),
        ("杭州第一人民医院", "杭州第二人民医院", 0.0, 0.5),
        ("江北安康社区卫生服务站", "江北安唐社区卫生服务站", 0.7, 0.95),
        ("诊所", "某诊所", 0.6, 0.95),
    ],
)
def test_names_that_may_be_the_same_are_never_sure(one: str, other: str, least: float, most: float) -> None:
    assert least <= likeness(one, other) <= most


async def test_candidates_come_with_their_reasons_the_surest_first(desk: Desk) -> None:
    own = await desk.make(
        "customer", code="1", name="华东机械有限公司", phone="+86 138-0013-8000", tax_number="91310000MA1K35XX0A",
        nickname="老王🌞",
    )  # fmt: skip
    tax = await desk.make("customer", code="2", name="完全另一个名字", tax_number="91310000-ma1k35xx0a")
    both = await desk.make("customer", code="3", name="上海华东机械股份有限公司", phone="13800138000")
    nick = await desk.make("customer", code="4", name="无关", nickname="老王")
    traditional = await desk.make("customer", code="6", name="華東機械股份有限公司")
    await desk.make("customer", code="5", name="北辰仪器")

    found = await desk.links.candidates.of(desk.system, desk.workspace, "customer", own)

    assert [each.id for each in found] == [tax, both, traditional, nick]
    assert [reason.zh for reason in found[0].reasons] == ["税号相同"]
    assert "电话相同" in [reason.zh for reason in found[1].reasons]
    assert found[1].score > 0.95


async def test_merging_moves_everything_and_taking_it_back_restores_it(desk: Desk) -> None:
    await desk.define(SOURCE, CUSTOMERS)
    kept = await desk.make("customer", code="K", name="华东机械")
    await came(desk, "customer", row("M", id="M", name="华东机械厂", tel="021-5"))
    merged = (await desk.fetch("SELECT id FROM {schema}.customer WHERE code = 'M'"))[0]["id"]
    orders = [await desk.make("order", number=str(n), customer=str(merged)) for n in range(3)]

    merge = await desk.links.merger.merge(desk.system, desk.workspace, "customer", kept, merged)

    assert await desk.records("customer", "code", "phone") == [("K", "021-5")]
    assert await desk.count("order", f"customer = '{kept}'") == 3
    assert await desk.count("_lineage", f"record_id = '{kept}'") == 1
    await came(desk, "customer", row("M", id="K", name="华东机械（新）", tel="021-5"))
    assert await desk.records("customer", "name") == [("华东机械（新）",)]

    other = await desk.make("customer", code="X", name="别家")
    await desk.gateway.update(desk.system, desk.workspace, "order", orders[0], {"customer": str(other)})
    await desk.links.merger.unmerge(desk.system, desk.workspace, merge)

    assert await desk.records("customer", "code", "phone") == [("K", None), ("M", "021-5"), ("X", None)]
    assert await desk.records("order", "number", "customer") == [("0", other), ("1", merged), ("2", merged)]
    assert await desk.count("_lineage", f"record_id = '{merged}'") == 1
    with pytest.raises(Conflict):
        await desk.links.merger.unmerge(desk.system, desk.workspace, merge)


async def test_the_history_of_both_tells_of_the_merge(desk: Desk) -> None:
    kept = await desk.make("customer", code="K", name="甲")
    merged = await desk.make("customer", code="M", name="乙", phone="1234567")

    merge = await desk.links.merger.merge(desk.system, desk.workspace, "customer", kept, merged)

    rows = await desk.fetch("SELECT record_id, action FROM {schema}._history WHERE cause = $1", f"merge:{merge}")
    assert {(each["record_id"], each["action"]) for each in rows} == {(merged, "delete"), (kept, "update")}
    with pytest.raises(Invalid):
        await desk.links.merger.merge(desk.system, desk.workspace, "customer", kept, kept)


async def test_one_of_many_is_found_without_reading_all_names(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """``name`` is searchable: its index tells which names are near."""
    for number in range(60):
        await desk.make("customer", code=f"N{number}", name=f"第{number}家食品有限公司", phone=f"021-6000{number:04}")
    one = await desk.make("customer", code="A", name="宏达机械有限公司", phone="+86 138-1234-5678")
    other = await desk.make("customer", code="B", name="宏达机械（上海）股份有限公司", phone="138 1234 5678")

    async def refuse(*given: object) -> None:
        pytest.fail("all names were read")

    monkeypatch.setattr(Loader, "texts", refuse)
    (likely,) = await desk.links.candidates.of(desk.system, desk.workspace, "customer", one)
    assert likely.id == other
    assert [reason.en for reason in likely.reasons] == ["the same phone", "the same name, the region written otherwise"]
