"""Columns whose cells repeat are read once a text: what comes out is what reading every cell by itself gives."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tongmai.kit import Text
from tongmai.model import FieldDef, bind_field
from tongmai.tabular import Batch, Cell, ChunkParser, ColumnSpec, joined

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_ZONE = "Asia/Shanghai"


def parser(
    kind: str, *, when_blank: str | None = None, searchable: bool = False, in_memory: bool = False
) -> ChunkParser:
    bound = bind_field(FieldDef(key="value", type=kind, label=Text.same("value")))
    assert bound.column_type is not None
    spec = ColumnSpec(0, "value", bound, bound.column_type, when_blank=when_blank, searchable=searchable)
    return ChunkParser((spec,), _ZONE, _NOW, in_memory=in_memory)


def written(by: ChunkParser, cells: list[Cell]) -> tuple[dict[int, str], dict[int, list[str]]]:
    """What each readable row's cell is written as, and the codes of the others, by row number."""
    chunk = by.parse(Batch(list(range(1, len(cells) + 1)), [[cell] for cell in cells]))
    lines = [line.split("\t") for line in chunk.copy.decode().splitlines()]
    faults = {row: [fault.code for fault in found] for row, found in chunk.faults.items()}
    return {int(line[0]): line[2] for line in lines}, faults


def one_by_one(kind: str, cells: list[Cell]) -> tuple[dict[int, str], dict[int, list[str]]]:
    lines: dict[int, str] = {}
    faults: dict[int, list[str]] = {}
    for row, cell in enumerate(cells, 1):
        line, wrong = written(parser(kind), [cell])
        if line:
            (lines[row],) = line.values()
        else:
            (faults[row],) = wrong.values()
    return lines, faults


_CELLS = st.lists(st.sampled_from(["1", "1.50", "2", "x", " ", None, 1, 1.0, True, 0.0, -0.0]), min_size=1, max_size=4)


@given(chunks=st.lists(_CELLS, min_size=1, max_size=3), kind=st.sampled_from(["number", "text", "boolean"]))
def test_cells_that_repeat_are_read_as_each_by_itself(chunks: list[list[Cell]], kind: str) -> None:
    together = parser(kind)
    for cells in chunks:
        repeated = cells * 4
        assert written(together, repeated) == one_by_one(kind, repeated)


def test_a_wrong_cell_among_many_right_ones_is_refused_in_every_chunk() -> None:
    by = parser("number")
    for _ in range(2):
        lines, faults = written(by, [*["1", "2"] * 20, "x"])
        assert list(lines.values()) == ["1", "2"] * 20
        assert faults == {41: ["number.unreadable"]}


def test_a_list_or_object_of_json_lines_is_a_text_whatever_numbers_are_in_it() -> None:
    lines, faults = written(parser("text"), [{"a": Decimal("1.5")}, [Decimal("1.5"), "b"], Decimal("1.50")])  # type: ignore[list-item]
    assert (lines, faults) == ({1: '{"a":1.5}', 2: "1.5, b", 3: "1.50"}, {})


def test_blank_cells_that_repeat_get_what_stands_for_a_blank() -> None:
    lines, _ = written(parser("number", when_blank="7"), ["1", None, " ", "1"] * 10)
    assert list(lines.values()) == ["1", "7", "7", "1"] * 10


def test_ids_rise_from_row_to_row_and_from_chunk_to_chunk() -> None:
    by = parser("text")
    found: list[str] = []
    for _ in range(3):
        chunk = by.parse(Batch(list(range(1, 1001)), [["a"]] * 1000))
        found += [line.split("\t")[1] for line in chunk.copy.decode().splitlines()]
    assert found == sorted(set(found))
    assert {(each[12], each[16] in "89ab") for each in found} == {("7", True)}


def test_a_searchable_column_has_its_tokens_whether_it_repeats_or_not() -> None:
    by = parser("text", searchable=True)
    for cells in (["华东"] * 8, [f"华东{n}" for n in range(8)]):
        chunk = by.parse(Batch(list(range(1, 9)), [[cell] for cell in cells]))
        tokens = [
            set(line.split("\t")[3].strip("{}").replace('"', "").split(","))
            for line in chunk.copy.decode().splitlines()
        ]
        assert all({"华", "东", "华东", "hd", "^h"} <= each for each in tokens)


def test_pieces_of_rows_in_memory_make_the_chunk_that_all_of_them_make() -> None:
    """Each row keeps its number, its fault and an id of its own; nothing is kept of cells that lie with the caller."""
    in_memory = parser("number", in_memory=True)
    cells: list[Cell] = ["1", "x", "2", "3", "y"]
    pieces = [Batch([1, 2], [["1"], ["x"]]), Batch([3, 4, 5], [["2"], ["3"], ["y"]])]
    chunk = joined([in_memory.parse(piece) for piece in pieces])
    lines = [line.split("\t") for line in chunk.copy.decode().splitlines()]
    assert ({int(line[0]): line[2] for line in lines}, chunk.faults.keys()) == (one_by_one("number", cells)[0], {2, 5})
    assert [chunk.ids[int(line[0]) - 1] for line in lines] == [line[1] for line in lines]
    assert (chunk.read, chunk.staged, chunk.source, sorted(set(chunk.ids))) == (5, 3, (), list(chunk.ids))
