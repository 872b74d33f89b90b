"""Readers: the same table in every format and encoding reads the same; broken and hostile files are refused clearly."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rustpy_xlsxwriter import write_worksheet

from tongmai.kit import Invalid
from tongmai.tabular import Batch, ReadLimits, cell_text, detect_format
from tongmai.tabular.readers import open_here as open_source

LIMITS = ReadLimits()
HEADER = ["编号", "客户名称", "金额"]
ROWS = [["A1", "通脉，科技", "12.5"], ["A2", '带"引号"的', None], ["A3", "两\n行", "3"]]


def read_all(
    path: Path, limits: ReadLimits | None = None, size: int = 2, after: int = 0, **options: str
) -> list[Batch]:
    source = open_source(path, limits or ReadLimits(), **options)  # type: ignore[arg-type]
    try:
        return list(source.batches(size, after=after))
    finally:
        source.close()


def rows_of(batches: list[Batch]) -> list[list[str | None]]:
    """The cells as a person would type them."""
    return [[None if cell is None else cell_text(cell) for cell in row] for batch in batches for row in batch.rows]


def numbers_of(batches: list[Batch]) -> list[int]:
    return [number for batch in batches for number in batch.numbers]


def csv_text(separator: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerows([HEADER, *ROWS])
    return out.getvalue()


def refusal(path: Path, limits: ReadLimits = LIMITS, **options: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read_all(path, limits, **options)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_every_usual_encoding_and_separator_reads_the_same(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_text(separator).encode(encoding))
    batches = read_all(path)
    assert rows_of(batches) == ROWS
    assert numbers_of(batches) == [2, 3, 4]
    assert open_source(path, ReadLimits()).columns == tuple(HEADER)


def test_big5_and_western_text_are_not_taken_for_gb18030(tmp_path: Path) -> None:
    traditional = "編號,客戶名稱\nA1,臺灣電腦公司與資訊產業發展協會的會議紀錄以及年度報告書\n" * 20
    (tmp_path / "big5.csv").write_bytes(traditional.encode("big5"))
    assert rows_of(read_all(tmp_path / "big5.csv"))[0][1] == "臺灣電腦公司與資訊產業發展協會的會議紀錄以及年度報告書"
    western = "code;name\nA1;Crème brûlée à la façon de grand-mère, première qualité\n" * 20
    (tmp_path / "latin.csv").write_bytes(western.encode("cp1252"))
    assert rows_of(read_all(tmp_path / "latin.csv"))[0][1] == "Crème brûlée à la façon de grand-mère, première qualité"


def test_xlsx_numbers_and_dates_come_as_a_person_types_them(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_worksheet(
        [{"n": 3, "f": 12.5, "d": date(2026, 11, 2), "t": datetime(2026, 11, 2, 9, 30), "b": True, "x": "通脉"}],
        str(path),
    )
    assert rows_of(read_all(path)) == [["3", "12.5", "2026-11-02", "2026-11-02 09:30:00", "true", "通脉"]]


def test_json_lines_keep_the_digits_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"n": 0.1000, "big": 12345678901234567890}\n\n{"big": null, "n": true}\n', encoding="utf-8")
    batches = read_all(path)
    assert rows_of(batches) == [["0.1000", "12345678901234567890"], ["true", None]]
    assert numbers_of(batches) == [1, 3]


def test_a_json_line_that_is_broken_or_new_is_handed_on_with_its_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n{"a": \n[1]\n{"b": 2}\n' + "[" * 100_000 + "\n", encoding="utf-8")
    source = open_source(path, ReadLimits(sample_rows=1))
    (batch,) = source.batches(10)
    assert {index: fault.code for index, fault in batch.faults.items()} == {
        1: "import.bad_json",
        2: "import.not_an_object",
        3: "import.unknown_column",
        4: "import.bad_json",
    }
    assert len(batch) == 5


def test_parquet_streams_in_order_and_whole_floats_lose_their_point(tmp_path: Path) -> None:
    path = tmp_path / "a'b.parquet"
    duck = duckdb.connect()
    quoted = str(path).replace("'", "''")
    duck.execute(
        f"COPY (SELECT i AS n, i / 2 AS half, CASE WHEN i % 2 = 0 THEN 13085.0 END::DOUBLE AS code, [i] AS list "
        f"FROM range(5000) r(i)) TO '{quoted}' (FORMAT parquet)"
    )
    batches = read_all(path, size=1000)
    rows = rows_of(batches)
    assert len(rows) == 5000
    assert [row[0] for row in rows] == [str(n) for n in range(5000)]
    assert rows[2] == ["2", "1", "13085", "[2]"]
    assert rows[3] == ["3", "1.5", None, "[3]"]
    assert rows_of(read_all(path, size=1000, after=4990)) == rows[4990:]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_headings_may_stand_below_titles_and_rows_keep_their_numbers(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    table = [["2026 年客户清单", "季度"], [None, None], ["编号", "名称"], ["A1", "甲"], [None, None], ["A2", "乙"]]
    if name.endswith("csv"):
        path.write_text("".join(",".join(cell or "" for cell in row) + "\n" for row in table))
    else:
        write_worksheet([dict(zip(table[0], row, strict=True)) for row in table[1:]], str(path))

    source = open_source(path, LIMITS, header=3)
    batches = list(source.batches(10))
    source.close()

    assert source.columns == ("编号", "名称")
    assert (numbers_of(batches), rows_of(batches)) == ([4, 6], [["A1", "甲"], ["A2", "乙"]])
    assert numbers_of(list(open_source(path, LIMITS, header=3).batches(10, after=4))) == [6]
    with pytest.raises(Invalid):
        open_source(path, LIMITS, header=7)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.xlsx", "a.parquet"])
def test_reading_again_after_a_row_goes_on_exactly_there(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    records = [{"code": f"C{n}", "n": n} for n in range(57)]
    if name.endswith("csv"):
        path.write_text("code,n\n" + "".join(f"{r['code']},{r['n']}\n" for r in records))
    elif name.endswith("jsonl"):
        path.write_text("".join(json.dumps(r) + "\n" for r in records))
    elif name.endswith("xlsx"):
        write_worksheet(records, str(path))
    else:
        duckdb.connect().execute(
            f"COPY (SELECT 'C' || i AS code, i AS n FROM range(57) r(i)) TO '{path}' (FORMAT parquet)"
        )
    whole = read_all(path, size=10)
    numbers, rows = numbers_of(whole), rows_of(whole)
    assert len(rows) == 57
    for cut in (1, 9, 10, 11, 56, 57):
        rest = read_all(path, size=10, after=numbers[cut - 1])
        assert (numbers_of(rest), rows_of(rest)) == (numbers[cut:], rows[cut:])


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=3, max_size=3), min_size=1))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_text_a_csv_holds_comes_back(tmp_path: Path, table: list[list[str]]) -> None:
    table = [[cell.replace("\ufffd", "") for cell in row] for row in table]
    path = tmp_path / "p.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *table])
    expected = [[cell or None for cell in row] for row in table if any(row)]
    assert rows_of(read_all(path, separator=",", encoding="utf-8")) == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_where_a_block_of_text_ends_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, end: str
) -> None:
    path = tmp_path / "a.csv"
    lines = ["a,b", '1,"x\ny"', "2,'=1+1", "", "\ufffd,3", "4,'-5", "6,7\r8" if end == "\n" else "6,7"]
    path.write_bytes(end.join(lines).encode())
    whole = read_all(path, size=2, encoding="utf-8", separator=",")
    monkeypatch.setattr("tongmai.tabular.readers.delimited._BLOCK_CHARS", size)
    pieces = read_all(path, size=2, encoding="utf-8", separator=",")
    assert pieces == whole
    assert rows_of(whole)[1] == ["2", "=1+1"]
    assert rows_of(whole)[3] == ["4", "-5"]
    assert [{at: fault.code for at, fault in batch.faults.items()} for batch in whole][1] == {0: "import.damaged_text"}


def test_rows_that_cannot_be_read_carry_their_fault_and_the_others_go_on(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'a,b\n1,2\n3,4,5\n"x"y,1\n\n6\n7,\xff\xfe\n8,"open\n')
    batches = read_all(path, size=100, encoding="utf-8", separator=",")
    (batch,) = batches
    assert {batch.numbers[index]: fault.code for index, fault in batch.faults.items()} == {
        3: "import.wrong_width",
        4: "import.bad_quoting",
        7: "import.damaged_text",
        8: "import.truncated",
    }
    assert rows_of(batches)[0] == ["1", "2"]
    assert rows_of(batches)[3] == ["6", None]


def test_headers_alike_are_all_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b,a,b\n1,2,3,4\n")
    assert [fault.code for fault in refusal(path).faults] == ["import.duplicate_header"] * 2


def test_too_many_columns_too_long_a_cell_and_too_long_a_line(tmp_path: Path) -> None:
    wide = tmp_path / "wide.csv"
    wide.write_text(",".join(f"c{n}" for n in range(1001)) + "\n")
    assert refusal(wide).faults[0].code == "import.too_many_columns"
    long = tmp_path / "long.csv"
    long.write_text("a,b\n" + "x" * 1_200_000 + ",1\n2,3\n")
    (batch,) = read_all(long, size=10)
    assert batch.faults[0].code == "import.cell_too_long"
    assert len(batch) == 2
    assert refusal(long, ReadLimits(max_line_chars=1_000_000)).faults[0].code == "import.line_too_long"


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_a_file_without_rows_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert refusal(path).faults[0].code == "import.no_rows"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 not a zip", "import.not_xlsx"),
        (b"PAR1 cut off", "import.not_parquet"),
        (b"%PDF-1.7", "import.unknown_format"),
        (b"a,b\n1,\x00\x01\x02\n", "import.not_text"),
    ],
)
def test_what_is_not_a_table_is_refused_with_a_way_out(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    fault = refusal(path).faults[0]
    assert fault.code == code
    assert fault.way_out is not None


def test_a_truncated_xlsx_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_worksheet([{"a": n, "b": "x"} for n in range(2000)], str(path))
    path.write_bytes(path.read_bytes()[:-3000])
    assert refusal(path).faults[0].code == "import.not_xlsx"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_xlsx_whose_packed_bytes_were_turned_is_refused(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("xl/workbook.xml", "<workbook>" + "text " * 200)
    turned = bytearray(path.read_bytes())
    start = turned.index(b"xl/workbook.xml") + len("xl/workbook.xml")
    turned[start : start + 24] = bytes(each ^ 0x5A for each in turned[start : start + 24])
    path.write_bytes(turned)
    assert refusal(path).faults[0].code == "import.not_xlsx"


def test_the_format_is_told_by_content_not_by_wish(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_worksheet([{"a": 1}], str(path))
    assert detect_format(path) == "xlsx"
    assert refusal(path, format="csv").faults[0].code == "import.other_format"


class TestDecompressionBombs:
    """Archives made to unpack to far more than they weigh."""

    def sheet(self, path: Path, xml: bytes) -> Path:
        write_worksheet([{"a": 1}], str(path))
        with zipfile.ZipFile(path) as old:
            members = {name: old.read(name) for name in old.namelist()}
        members["xl/worksheets/sheet1.xml"] = xml
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for name, content in members.items():
                new.writestr(name, content)
        return path

    def test_a_member_that_declares_too_much(self, tmp_path: Path) -> None:
        path = self.sheet(tmp_path / "a.xlsx", b" " * 5_000_000)
        assert path.stat().st_size < 50_000
        assert refusal(path, ReadLimits(max_expanded_bytes=1_000_000)).faults[0].code == "import.expands_too_much"

    def test_a_member_that_no_sheet_would_be_is_not_even_measured(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = self.sheet(tmp_path / "a.xlsx", b" " * 70_000_000)

        def unpacked(*_: object, **__: object) -> None:
            raise AssertionError("it was unpacked")

        monkeypatch.setattr(zipfile.ZipFile, "open", unpacked)
        assert refusal(path).faults[0].code == "import.expands_too_much"

    def test_a_member_that_lies_about_its_size(self, tmp_path: Path) -> None:
        path = self.sheet(tmp_path / "a.xlsx", b"<x>" + b" " * 5_000_000)
        content = path.read_bytes()
        true_size = (5_000_003).to_bytes(4, "little")
        assert content.count(true_size) == 2
        path.write_bytes(content.replace(true_size, (100).to_bytes(4, "little")))
        assert refusal(path, ReadLimits(max_expanded_bytes=1_000_000)).faults[0].code == "import.not_xlsx"

    def test_two_cells_in_far_corners_do_not_take_the_memory_of_all_between(self, tmp_path: Path) -> None:
        xml = (
            b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
            b"</sheetData></worksheet>"
        )
        assert refusal(self.sheet(tmp_path / "a.xlsx", xml)).faults[0].code == "import.too_many_cells"

    def test_a_parquet_file_that_declares_too_much(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        duckdb.connect().execute(
            f"COPY (SELECT repeat('x', 1000) || i AS a FROM range(20000) r(i)) TO '{path}' (FORMAT parquet, CODEC zstd)"
        )
        assert path.stat().st_size < 1_000_000
        assert refusal(path, ReadLimits(max_expanded_bytes=1_000_000)).faults[0].code == "import.expands_too_much"


def test_the_parquet_reader_reaches_no_other_file(tmp_path: Path) -> None:
    from tongmai.tabular.readers.parquet import locked_down

    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    allowed = tmp_path / "a.parquet"
    duck = locked_down(allowed)
    for statement in (
        f"SELECT * FROM read_csv('{secret}')",
        f"SELECT * FROM '{secret}'",
        "SET enable_external_access = true",
        f"ATTACH '{tmp_path / 'x.db'}'",
    ):
        with pytest.raises(duckdb.Error):
            duck.execute(statement).fetchall()
