"""External contacts of DingTalk: read with their labels' names, and a person's change written back (S1-61, S3-20)."""

from __future__ import annotations

from typing import Any

import pytest

from tongmai.kit import Invalid
from tongmai.link import Pushed, PushRow, SourceAway
from tongmai.link.dingtalk import DINGTALK, DingTalkSource

from .conftest import DingTalkSite

ALL = ["name", "title", "company_name", "address", "remark", "labels"]


def change(before: dict[str, Any] | None = None, **changed: Any) -> PushRow:
    return PushRow("external_contacts", "ext001", changed, dict.fromkeys(changed, "") | (before or {}), "push-1")


def opened(site: DingTalkSite, *writes: str) -> DingTalkSource:
    return site.source(external_contacts=True, writes=list(writes) or ALL)


async def read(source: DingTalkSource) -> tuple[dict[str, Any], Any]:
    pages = [page async for page in source.pull("external_contacts", None)]
    return {row.key: row.body for page in pages for row in page.rows}, pages[-1].listing


async def refused(source: DingTalkSource, row: PushRow) -> list[str]:
    with pytest.raises(Invalid) as told:
        await source.push(row)
    return [each.code for each in told.value.faults]


async def test_contacts_are_read_where_they_are_wanted_with_the_names_of_their_labels(site: DingTalkSite) -> None:
    for number in range(203):
        await site.control("contact", id=f"more{number}", name=f"客户{number}")
    source = opened(site)
    found, listing = await read(source)
    assert (len(found), listing.keys) == (205, found.keys())
    assert (found["ext001"]["name"], found["ext001"]["labels"]) == ("孙采购", ["普通"])
    streams = [{each.key for each in DINGTALK.streams(each.options)} for each in (source, site.source())]
    assert ["external_contacts" in each for each in streams] == [True, False]


async def test_what_a_person_changed_stands_there_and_all_else_stays(site: DingTalkSite) -> None:
    await site.control("contact", id="ext001", share_user_ids=["sales02"], address="宁波")
    row = change({"labels": ["普通"]}, title="采购部长", remark="老客户", labels=["重要", "展会"])
    assert await opened(site).push(row) == Pushed("done")
    there = site.organisation.contacts["ext001"]
    assert (there["title"], there["remark"], there["label_ids"]) == ("采购部长", "老客户", [1002, 1003])
    assert (there["share_user_ids"], there["address"], there["mobile"]) == (["sales02"], "宁波", "13700000001")
    assert (await read(opened(site)))[0]["ext001"]["labels"] == ["重要", "展会"]


async def test_the_same_change_again_after_a_lost_answer_does_nothing_more(site: DingTalkSite) -> None:
    await site.control("fault", path="/topapi/extcontact/update", status=502, after=True)
    assert (await opened(site).push(change(title="采购部长"))).outcome == "done"
    assert (await opened(site).push(change(title="采购部长"))).outcome == "done"


async def test_what_was_changed_there_meanwhile_is_a_conflict_and_stays(site: DingTalkSite) -> None:
    await site.control("contact", id="ext001", title="厂长")
    assert await opened(site).push(change(title="采购部长")) == Pushed("conflict", theirs={"title": "厂长"})
    assert site.organisation.contacts["ext001"]["title"] == "厂长"


@pytest.mark.parametrize(
    "row", [change(mobile="1"), change(title="新"), PushRow("members", "u", {"name": "新"}, {}, "p")]
)
async def test_what_is_not_opened_is_not_written(site: DingTalkSite, row: PushRow) -> None:
    assert await refused(opened(site, "remark", "name"), row) == ["dingtalk.not_opened"]


async def test_labels_that_are_none_or_several_are_refused_whole(site: DingTalkSite) -> None:
    site.organisation.label_groups.append({"name": "另一组", "color": 0, "labels": [{"id": 2001, "name": "重要"}]})
    row = change({"labels": ["普通"]}, title="采购部长", labels=["重要", "没有的"])
    assert sorted(await refused(opened(site), row)) == ["dingtalk.label_ambiguous", "dingtalk.label_unknown"]
    assert await refused(opened(site), change({"labels": ["普通"]}, labels=None)) == ["dingtalk.label_count"]
    assert site.organisation.contacts["ext001"]["title"] == ""


async def test_who_is_gone_is_told_by_the_listing_and_takes_no_change(site: DingTalkSite) -> None:
    await site.control("contact", id="ext001", gone=True)
    assert (await read(opened(site)))[1].keys == {"ext002"}
    assert await refused(opened(site), change(title="采购部长")) == ["dingtalk.refused"]


async def test_a_limit_is_waited_for_once_and_tried_again_later(site: DingTalkSite) -> None:
    await site.control("fault", path="/topapi/extcontact/update", code=90018, times=2)
    source = opened(site)
    with pytest.raises(SourceAway):
        await source.push(change(title="采购部长"))
    assert len(site.pauses) == 1
    assert (await source.push(change(title="采购部长"))).outcome == "done"
