"""Packed files whose readers would take all memory, or end their process: they end a child, and are refused."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rustpy_xlsxwriter import write_worksheet

from tongmai.kit import Invalid
from tongmai.tabular import ParseSpec, ReadLimits, open_source, parsed_chunks

_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
_SHARED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
LIMITS = ReadLimits(memory=1024**3)


def workbook(path: Path, rows: str, *, part: str = "worksheets/sheet1.xml", shared: str | None = None) -> Path:
    """A workbook of our own writing, with its sheet at ``part`` and one shared text."""
    write_worksheet([{"a": 1}], str(path))
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    del members["xl/worksheets/sheet1.xml"]
    members[f"xl/{part}"] = _SHEET.format(rows).encode()
    relations = "xl/_rels/workbook.xml.rels"
    members[relations] = members[relations].replace(b"worksheets/sheet1.xml", part.encode())
    if shared is not None:
        leads = f'<Relationship Id="rIdS" Type="{_SHARED}" Target="sharedStrings.xml"/></Relationships>'
        members[relations] = members[relations].replace(b"</Relationships>", leads.encode())
        members["xl/sharedStrings.xml"] = (
            '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
            + shared
            + "</t></si></sst>"
        ).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members.items():
            new.writestr(name, content)
    return path


def far_corner(path: Path) -> Path:
    """Cells that name no place, in a row that lies far below: 17 thousand million cells in between."""
    rows = '<row r="1"><c><v>1</v></c></row><row r="1048576">' + "<c><v>1</v></c>" * 16_384 + "</row>"
    return workbook(path, rows)


def unusual_part(path: Path) -> Path:
    """The sheet stands where no program writes it."""
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return workbook(path, rows, part="x/sheet.xml")


def one_text_many_times(path: Path) -> Path:
    """A text of a million letters, told once and shown in 10,000 cells."""
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(2, 10_002))
    return workbook(path, '<row r="1"><c r="A1"><v>1</v></c></row>' + cells, shared="a" * 1_000_000)


@pytest.mark.parametrize("bomb", [far_corner, unusual_part, one_text_many_times])
def test_a_workbook_that_takes_all_memory_is_refused_and_the_program_goes_on(tmp_path: Path, bomb: object) -> None:
    path = bomb(tmp_path / "a.xlsx")  # type: ignore[operator]
    assert path.stat().st_size < 200_000
    with pytest.raises(Invalid) as refused:
        source = open_source(path, LIMITS)
        list(source.batches(1_000))
    (fault,) = refused.value.faults
    assert (fault.code, fault.way_out is not None) == ("import.too_much_to_read", True)


async def test_an_import_of_such_a_workbook_is_refused(tmp_path: Path) -> None:
    spec = ParseSpec(far_corner(tmp_path / "a.xlsx"), LIMITS, (), "Asia/Shanghai", datetime(2026, 11, 23, tzinfo=UTC))
    with pytest.raises(Invalid) as refused:
        async for _ in parsed_chunks(spec):
            raise AssertionError("rows of a bomb")
    assert refused.value.faults[0].code == "import.too_much_to_read"


def test_a_sheet_is_read_apart_as_it_is_read_here_as_often_as_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_worksheet([{"编号": f"A{each}", "金额": each} for each in range(5)], str(path))
    source = open_source(path, ReadLimits())
    try:
        assert (source.columns, source.total) == (("编号", "金额"), 5)
        assert [list(batch.numbers) for batch in source.batches(3)] == [[2, 3, 4], [5, 6]]
        (rest,) = source.batches(3, after=4)
        assert [list(row) for row in rest.rows] == [["A3", 3.0], ["A4", 4.0]]
    finally:
        source.close()


def test_what_is_no_workbook_is_refused_by_the_child_in_its_own_words(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04nothing")
    with pytest.raises(Invalid) as refused:
        open_source(path, ReadLimits())
    assert refused.value.faults[0].code == "import.not_xlsx"


def test_a_child_is_told_none_of_the_programs_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGMAI_SECRET_KEY", "not-for-children")
    path = tmp_path / "a.xlsx"
    write_worksheet([{"a": 1}], str(path))
    source = open_source(path, ReadLimits())
    try:
        environment = Path(f"/proc/{source._child.pid}/environ").read_bytes()  # type: ignore[attr-defined]
        assert b"not-for-children" not in environment
        assert b"PYTHONPATH" in environment
    finally:
        source.close()
