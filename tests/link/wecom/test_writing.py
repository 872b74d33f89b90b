"""What a person changed goes into what a member noted of a customer (S3-20): his own notes alone, or it is said why not."""

from __future__ import annotations

from typing import Any

import pytest

from tongmai.kit import Invalid
from tongmai.link import Pushed, PushRow, SourceAway
from tongmai.link.wecom import WeComSource

from .conftest import BOSS, WeComSite

ALL = ["remark", "remark_corp_name", "remark_mobiles", "description", "corp_tags"]
AT = "follow_user.0"


def change(before: dict[str, Any] | None = None, *, follower: str = "zhangsan", **changed: Any) -> PushRow:
    """A change of what stands at ``follow_user.0``; ``mobile`` is the first of the mobiles."""

    def paths(given: dict[str, Any]) -> dict[str, Any]:
        return {f"{AT}.{'remark_mobiles.0' if name == 'mobile' else name}": value for name, value in given.items()}

    had = dict.fromkeys(changed) | (before or {})
    return PushRow("customers", BOSS, paths(changed), {f"{AT}.userid": follower} | paths(had), "push-1")


def notes(site: WeComSite, member: str = "zhangsan") -> dict[str, Any]:
    found: list[dict[str, Any]] = site.company.customers[BOSS]["follow_user"]
    return next(each for each in found if each["userid"] == member)


def tags(site: WeComSite) -> list[str]:
    return [each["tag_name"] for each in notes(site)["tags"]]


def opened(site: WeComSite, *writes: str) -> WeComSource:
    return site.source(writes=list(writes) or ALL)


async def refused(source: WeComSource, row: PushRow) -> list[str]:
    with pytest.raises(Invalid) as told:
        await source.push(row)
    assert all(each.way_out is not None for each in told.value.faults)
    return [each.code for each in told.value.faults]


async def test_all_that_can_be_noted_is_written_and_the_next_pull_brings_it(site: WeComSite, pulled: Any) -> None:
    source = opened(site)
    row = change(
        {"remark": "陈老板", "corp_tags": []},
        remark="陈总（宏达）", remark_corp_name="宏达机械", mobile="+8613900000000", description="只收电汇",
        corp_tags=["重点客户", "已报价"],
    )  # fmt: skip

    assert await source.push(row) == Pushed("done")

    (page,) = await pulled(source, "customers")
    follower = next(each for each in page.rows if each.key == BOSS).body["follow_user"][0]
    assert (follower["remark"], follower["remark_corp_name"], follower["description"]) == (
        "陈总（宏达）", "宏达机械", "只收电汇",
    )  # fmt: skip
    assert (follower["remark_mobiles"], sorted(follower["corp_tags"])) == (["13900000000"], ["已报价", "重点客户"])


async def test_the_same_change_again_does_nothing_more(site: WeComSite) -> None:
    """Also where the answer was lost after the work was done."""
    source = opened(site)
    await site.control("fault", path="/cgi-bin/externalcontact/remark", status=502, after=True)
    assert (await source.push(change({"remark": "陈老板"}, remark="陈总"))).outcome == "done"
    assert (await source.push(change({"remark": "陈老板"}, remark="陈总"))).outcome == "done"
    assert notes(site)["remark"] == "陈总"


async def test_what_the_member_changed_meanwhile_is_a_conflict_and_stays(site: WeComSite) -> None:
    await site.control("note", member="zhangsan", id=BOSS, remark="陈董")
    pushed = await opened(site).push(change({"remark": "陈老板", "description": ""}, remark="陈总", description="新"))
    assert pushed == Pushed("conflict", theirs={f"{AT}.remark": "陈董", f"{AT}.description": None})
    assert (notes(site)["remark"], notes(site).get("description")) == ("陈董", None)


async def test_only_the_follower_of_the_pulled_row_is_written_for(site: WeComSite) -> None:
    site.company.add_customer(BOSS, "陈老板", "", "lisi")
    site.company.customers[BOSS]["follow_user"].reverse()
    assert (await opened(site).push(change({"remark": "陈老板"}, remark="陈总"))).outcome == "done"
    assert (notes(site)["remark"], notes(site, "lisi")["remark"]) == ("陈总", "陈老板")


@pytest.mark.parametrize("others", [(), ("lisi",)])
async def test_who_follows_no_more_is_not_written_for(site: WeComSite, others: tuple[str, ...]) -> None:
    for other in others:
        site.company.add_customer(BOSS, "陈老板", "", other)
    await site.control("unfollow", member="zhangsan", id=BOSS)
    assert await refused(opened(site), change({"remark": "陈老板"}, remark="陈总")) == ["wecom.unfollowed"]
    assert [each["remark"] for each in site.company.customers[BOSS]["follow_user"]] == ["陈老板"] * len(others)


async def test_a_row_that_names_no_follower_is_written_for_nobody(site: WeComSite) -> None:
    row = PushRow("customers", BOSS, {f"{AT}.remark": "陈总"}, {f"{AT}.remark": "陈老板"}, "push-1")
    assert await refused(opened(site), row) == ["wecom.unfollowed"]


@pytest.mark.parametrize(
    ("stream", "path"),
    [
        ("customers", f"{AT}.description"),
        ("customers", f"{AT}.userid"),
        ("customers", f"{AT}.remark.0"),
        ("customers", "name"),
        ("members", "follow_user.0.remark"),
    ],
)
async def test_what_is_not_opened_is_not_written(site: WeComSite, stream: str, path: str) -> None:
    row = PushRow(stream, BOSS, {path: "新"}, {path: None, f"{AT}.userid": "zhangsan"}, "push-1")
    assert await refused(opened(site, "remark"), row) == ["wecom.not_opened"]
    assert await refused(site.source(), row) == ["wecom.not_opened"]


async def test_one_mobile_of_several_is_put_in_its_place_or_taken_away(site: WeComSite) -> None:
    await site.control("note", member="zhangsan", id=BOSS, remark_mobiles=["13800000001", "13800000002"])
    source = opened(site)
    await source.push(change({"mobile": "+8613800000001"}, mobile="+8613900000000"))
    assert notes(site)["remark_mobiles"] == ["13900000000", "13800000002"]
    await source.push(change({"mobile": "13900000000"}, mobile=None))
    assert notes(site)["remark_mobiles"] == ["13800000002"]
    await source.push(change({"mobile": "13800000002"}, mobile=None))
    assert notes(site)["remark_mobiles"] == []


async def test_a_note_is_taken_away_beside_the_others(site: WeComSite) -> None:
    await site.control("note", member="zhangsan", id=BOSS, description="只收电汇")
    assert (await opened(site).push(change({"description": "只收电汇"}, description=None))).outcome == "done"
    assert (notes(site)["description"], notes(site)["remark"]) == ("", "陈老板")


async def test_tags_are_put_on_and_taken_off_by_their_names(site: WeComSite) -> None:
    await site.control("note", member="zhangsan", id=BOSS, add_tag=["普通客户", "试用中"])
    notes(site)["tags"].append({"group_name": "", "tag_name": "老乡", "type": 2})
    row = change({"corp_tags": ["试用中", "普通客户"]}, corp_tags=["重点客户", "试用中"])
    assert (await opened(site).push(row)).outcome == "done"
    assert sorted(tags(site)) == ["老乡", "试用中", "重点客户"]
    await opened(site).push(change({"corp_tags": ["试用中", "重点客户"]}, corp_tags=None))
    assert tags(site) == ["老乡"]


async def test_tags_that_the_corporation_does_not_have_or_has_twice_are_refused_whole(site: WeComSite) -> None:
    site.company.add_tag_group("渠道", "重点客户")
    row = change({"remark": "陈老板"}, remark="陈总", corp_tags=["重点客户", "没有的", "已报价"])
    assert sorted(await refused(opened(site), row)) == ["wecom.tag_ambiguous", "wecom.tag_unknown"]
    assert (notes(site)["remark"], tags(site)) == ("陈老板", [])


async def test_what_is_too_long_or_not_theirs_to_note_is_refused_whole(site: WeComSite) -> None:
    site.company.customers[BOSS]["external_contact"]["type"] = 2
    row = change({"remark": "陈老板"}, remark="陈" * 21, description="好" * 151, remark_corp_name="宏达")
    codes = ["wecom.no_company", "wecom.too_long", "wecom.too_long"]
    assert sorted(await refused(opened(site), row)) == codes
    assert notes(site)["remark"] == "陈老板"


@pytest.mark.parametrize("code", [45009, 45033, -1])
async def test_a_limit_is_waited_for_once_and_tried_again_later(site: WeComSite, code: int) -> None:
    await site.control("fault", path="/cgi-bin/externalcontact/remark", code=code, times=2)
    source = opened(site)
    with pytest.raises(SourceAway):
        await source.push(change({"remark": "陈老板"}, remark="陈总"))
    assert len(site.pauses) == 1
    assert (await source.push(change({"remark": "陈老板"}, remark="陈总"))).outcome == "done"


async def test_a_token_that_ended_is_renewed_on_the_way(site: WeComSite) -> None:
    source = opened(site)
    await source.push(change({"remark": "陈老板"}, remark="陈总"))
    await site.control("expire_tokens")
    assert (await source.push(change({"remark": "陈总"}, remark="陈董"))).outcome == "done"


async def test_the_vendors_refusal_is_told_with_a_way_out(site: WeComSite) -> None:
    await site.control("fault", path="/cgi-bin/externalcontact/remark", code=48002)
    assert await refused(opened(site), change({"remark": "陈老板"}, remark="陈总")) == ["wecom.refused"]
