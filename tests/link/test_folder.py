"""Files in a folder as a source (S1-61): whatever their form, none half, none twice, none that keeps others out."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tongmai.kit import FixedClock, Invalid, SystemClock
from tongmai.link.faults import SourceAway
from tongmai.link.readable_folders import allowed_folder
from tongmai.link.sources import folder as folder_module
from tongmai.link.sources.folder import FolderOptions, FolderSource

from .desk import Desk, customers_of


@pytest.fixture
def inbox(desk: Desk) -> Path:
    folder = desk.settings.data_dir / "inbox" / desk.workspace.key
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def folder(desk: Desk, inbox: Path) -> None:
    await desk.define(
        {
            "key": "files", "label": "表格", "kind": "folder",
            "options": {"path": str(inbox), "streams": {"customers": {"pattern": "客户*.csv", "key": ["编号"]}}},
        },
        customers_of("files", "customers", ("编号", "code"), ("名称", "name")),
    )  # fmt: skip


async def test_files_come_in_whatever_their_encoding_and_only_once(desk: Desk, inbox: Path) -> None:
    (inbox / "客户1.csv").write_bytes("编号,名称\nA1,华东机械\nA2,华南化工\n".encode("gb18030"))
    (inbox / "客户2.csv").write_text("编号,名称\nA3,西部电子\n", encoding="utf-8-sig")
    (inbox / "other.csv").write_text("nothing to us")
    await folder(desk, inbox)

    await desk.pull("files")
    again = await desk.pull("files")

    assert again["rows"] == 0
    assert await desk.records("customer", "code", "name") == [
        ("A1", "华东机械"),
        ("A2", "华南化工"),
        ("A3", "西部电子"),
    ]


async def test_a_file_that_changed_is_read_again_and_one_that_is_broken_keeps_no_other_out(
    desk: Desk, inbox: Path
) -> None:
    (inbox / "客户1.csv").write_text("编号,名称\nA1,华东机械\n")
    (inbox / "客户0.csv").write_text("代码,名称\nX,没有编号列\n")
    await folder(desk, inbox)
    await desk.pull("files")
    (inbox / "客户1.csv").write_text("编号,名称\nA1,华东机械厂\nA2,新\n")

    await desk.pull("files")

    assert await desk.records("customer", "code", "name") == [("A1", "华东机械厂"), ("A2", "新")]
    assert await desk.refusals("files") == {"客户0.csv": ["source.column_missing"]}


async def test_what_was_refused_of_a_file_is_forgotten_when_it_is_mended_or_taken_away(desk: Desk, inbox: Path) -> None:
    (inbox / "客户1.csv").write_text("代码,名称\nA1,没有编号列\n")
    (inbox / "客户2.csv").write_text("编号,名称\nA2,好的\n,没有键\n")
    (inbox / "客户3.csv").write_text("名称\n也没有\n")
    await folder(desk, inbox)
    await desk.pull("files")
    assert set(await desk.refusals("files")) == {"客户1.csv", "客户2.csv:3", "客户3.csv"}

    (inbox / "客户1.csv").write_text("编号,名称\nA1,补上了编号列\n")
    (inbox / "客户2.csv").write_text("编号,名称\nA2,好的\nA3,补上了键\n")
    (inbox / "客户3.csv").unlink()
    await desk.pull("files")

    assert await desk.refusals("files") == {}
    assert [row[0] for row in await desk.records("customer", "code")] == ["A1", "A2", "A3"]


async def test_of_a_key_that_comes_again_in_a_file_the_later_line_counts(desk: Desk, inbox: Path) -> None:
    """Registers are written on: what became of an enquiry is its next line."""
    (inbox / "客户1.csv").write_text("编号,名称\nA1,华东机械\nA2,华南化工\nA1,华东机械厂\n")
    await folder(desk, inbox)
    await desk.pull("files")
    assert await desk.records("customer", "code", "name") == [("A1", "华东机械厂"), ("A2", "华南化工")]
    assert await desk.refusals("files") == {}


async def test_a_file_that_is_still_being_copied_waits_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "客户1.csv"
    path.write_text("编号,名称\nA1,华东机械\nA2,华")
    pauses: list[float] = []

    async def copied_on(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            path.write_text("编号,名称\nA1,华东机械\nA2,华南化工\n")

    options = FolderOptions.model_validate(
        {"path": str(tmp_path), "streams": {"a": {"pattern": "*.csv", "key": ["编号"]}}}
    )
    source = FolderSource(tmp_path, options, SystemClock(), copied_on)

    first = [page async for page in source.pull("a", None)]
    second = [page async for page in source.pull("a", first[-1].cursor)]
    third = [page async for page in source.pull("a", second[-1].cursor)]

    assert [row for page in first for row in page.rows] == []
    assert [each.key for page in first for each in page.set_aside] == ["客户1.csv"]
    assert [row.body["名称"] for page in second for row in page.rows] == ["华东机械", "华南化工"]
    assert third == []


async def test_a_file_taken_away_or_held_by_another_is_read_another_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "1.csv").write_text("编号\nA1\n")
    (tmp_path / "2.csv").write_text("编号\nA2\n")
    opens = folder_module.open_source

    def held(path: Path, *args: Any, **more: Any) -> Any:
        if path.name == "1.csv":
            raise PermissionError(13, "Permission denied")
        return opens(path, *args, **more)

    monkeypatch.setattr(folder_module, "open_source", held)
    options = FolderOptions.model_validate({"path": str(tmp_path), "streams": {"a": {"pattern": "*.csv"}}})
    source = FolderSource(tmp_path, options, FixedClock(datetime(2020, 1, 1, tzinfo=UTC)))

    first = [page async for page in source.pull("a", None)]
    monkeypatch.setattr(folder_module, "open_source", opens)
    second = [page async for page in source.pull("a", first[-1].cursor)]

    assert [fault.code for page in first for each in page.set_aside for fault in each.faults] == ["folder.unreadable"]
    assert [row.body["编号"] for page in first for row in page.rows] == ["A2"]
    assert [row.body["编号"] for page in second for row in page.rows] == ["A1"]


def test_a_folder_outside_those_allowed_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "inbox"
    inside.mkdir()
    (inside / "out").symlink_to("/etc")

    assert allowed_folder("shop", [inside]) == (inside / "shop").resolve()
    for bad in ("/etc", "../x", "out"):
        with pytest.raises(Invalid):
            allowed_folder(bad, [inside])


@pytest.mark.parametrize("is_whole", [True, False])
async def test_the_archive_of_talks_is_read_by_its_own_source_alone(desk: Desk, inbox: Path, *, is_whole: bool) -> None:
    """Its files hold what was said before anybody was asked whether it may be kept."""
    archive = inbox / "archive" / "2026"
    archive.mkdir(parents=True)
    (archive / "客户1.csv").write_text("编号,名称\nA1,绝密的话\n")
    given = str(inbox / "archive") if is_whole else f"{desk.workspace.key}/archive"
    await desk.define({
        "key": "wecom", "label": "企业微信", "kind": "wecom", "enabled": False,
        "options": {"corp_id": "ww1", "archive": "folder", "archive_folder": given},
    })  # fmt: skip
    with sqlite3.connect(archive / "talks.db") as made:
        made.execute("CREATE TABLE talk (id integer)")
    made.close()
    table = {"t": {"table": "talk", "key": ["id"]}}
    for kind, options in (
        ("folder", {"path": str(archive), "streams": {"customers": {"pattern": "*.csv"}}}),
        ("folder", {"path": f"{desk.workspace.key}/archive/2026", "streams": {"customers": {"pattern": "*"}}}),
        ("sql", {"url": f"sqlite:///{archive}/talks.db", "streams": table}),
    ):
        await desk.define({"key": "files", "label": "表格", "kind": kind, "options": options})
        known = await desk.links.sources.known(desk.workspace, "files")
        with pytest.raises(Invalid) as refused:
            async with desk.links.sources.opened(desk.workspace, known):
                pass
        assert [fault.code for fault in refused.value.faults] == ["source.folder_of_archive"]


@pytest.mark.parametrize(("path", "pattern"), [("x\0", "*"), (".", "a\0*"), (".", "../*")])
def test_names_that_can_be_none_are_refused(path: str, pattern: str) -> None:
    with pytest.raises(ValidationError):
        FolderOptions.model_validate({"path": path, "streams": {"a": {"pattern": pattern}}})


async def test_odd_patterns_and_paths_are_answered(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("编号\nA1\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "2.csv").write_text("编号\nA2\n")
    found = {}
    for pattern in ("**.csv", "**", "*" * 200, "[", "..", "."):
        options = FolderOptions.model_validate({"path": ".", "streams": {"a": {"pattern": pattern}}})
        health = await FolderSource(tmp_path, options, FixedClock(datetime(2020, 1, 1, tzinfo=UTC))).test()
        found[pattern] = health.detail["a"]
    assert found == {"**.csv": 1, "**": 1, "*" * 200: 1, "[": 0, "..": 0, ".": 0}
    long = FolderSource(tmp_path / ("长" * 200), options, FixedClock(datetime(2020, 1, 1, tzinfo=UTC)))
    assert [fault.code for fault in (await long.test()).faults] == ["source.folder"]
    with pytest.raises(SourceAway) as told:
        await anext(long.pull("a", None))
    assert told.value.faults[0].text.en.startswith("The folder cannot be read")


async def test_headings_below_a_title_are_found_where_they_are_said_to_stand_and_all_is_read_anew(
    desk: Desk, inbox: Path
) -> None:
    (inbox / "客户1.csv").write_text("2026 年客户清单\n\n编号,名称\nA1,华东机械\n")
    definition: dict[str, Any] = {
        "key": "files", "label": "表格", "kind": "folder",
        "options": {"path": str(inbox), "streams": {"customers": {"pattern": "客户*.csv", "key": ["编号"]}}},
    }  # fmt: skip
    await desk.define(definition, customers_of("files", "customers", ("编号", "code"), ("名称", "name")))
    await desk.pull("files")
    refused = await desk.refusals("files")

    definition["options"]["streams"]["customers"]["header"] = 3
    await desk.define(definition)
    await desk.pull("files")
    again = await desk.pull("files")

    assert refused == {"客户1.csv": ["source.column_missing"]}
    assert await desk.refusals("files") == {}
    assert await desk.records("customer", "code", "name") == [("A1", "华东机械")]
    assert again["rows"] == 0


async def test_what_is_no_ordinary_file_of_the_folder_is_not_read(tmp_path: Path) -> None:
    folder, outside = tmp_path / "in", tmp_path / "out.csv"
    folder.mkdir()
    outside.write_text("编号\nGEHEIM\n")
    (folder / "1.csv").write_text("编号\nA1\n")
    (folder / "2.csv").symlink_to(outside)
    (folder / "3.csv").symlink_to(folder / "1.csv")
    (folder / "4.csv").symlink_to(folder / "nie.csv")
    (folder / "5.csv").mkdir()
    os.mkfifo(folder / "6.csv")
    (folder / "~$7.csv").write_text("编号\nlock\n")
    options = FolderOptions.model_validate({"path": str(folder), "streams": {"a": {"pattern": "*.csv"}}})
    source = FolderSource(folder, options, FixedClock(datetime(2020, 1, 1, tzinfo=UTC)))

    pages = [page async for page in source.pull("a", None)]

    assert [row.key for page in pages for row in page.rows] == ["1.csv:2", "3.csv:2"]
