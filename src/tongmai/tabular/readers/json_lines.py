"""JSON lines: one object a line; numbers keep the digits they were written with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from tongmai.kit import Fault, Invalid, Text, exact_number
from tongmai.tabular.readers.encoding import guess_encoding
from tongmai.tabular.readers.row_source import (
    Batch,
    Cell,
    ReadLimits,
    check_columns,
    damaged_text,
    no_rows,
    refuse_file,
    too_long_cell,
)

_SAMPLE_BYTES = 64 * 1024


class JsonLines:
    """A file of JSON objects, one a line. The columns are the names in the first rows, in the order they come."""

    def __init__(self, path: Path, limits: ReadLimits) -> None:
        self._path = path
        self._limits = limits
        with path.open("rb") as file:
            self._encoding = guess_encoding(file.read(_SAMPLE_BYTES))
        self.total: int | None = None
        self.traits = {"encoding": self._encoding}
        names: dict[str, None] = {}
        first_fault: Fault | None = None
        for _, found in islice(self._objects(), limits.sample_rows):
            if isinstance(found, Fault):
                first_fault = first_fault or found
            else:
                names.update(dict.fromkeys(found))
        if not names:
            raise Invalid((first_fault,)) if first_fault else no_rows()
        self.columns = check_columns(list(names), limits)
        self._place = {name: index for index, name in enumerate(names)}

    def close(self) -> None:
        """Nothing stays open between batches."""

    def batches(self, size: int, *, after: int = 0) -> Iterator[Batch]:
        batch = Batch()
        for number, found in self._objects():
            if number <= after:
                continue
            cells: list[Cell] = [None] * len(self.columns)
            fault = found if isinstance(found, Fault) else self._fill(cells, found)
            if fault is not None:
                batch.faults[len(batch.rows)] = fault
            batch.numbers.append(number)
            batch.rows.append(cells)
            if len(batch.rows) >= size:
                yield batch
                batch = Batch()
        if batch.rows:
            yield batch

    def _fill(self, cells: list[Cell], found: dict[str, Cell]) -> Fault | None:
        fault: Fault | None = None
        for name, value in found.items():
            place = self._place.get(name)
            if place is None:
                fault = fault or _unknown_name(name)
                continue
            cell: Cell = None if value == "" else value
            if isinstance(cell, str) and len(cell) > self._limits.max_cell_chars:
                fault, cell = too_long_cell(self._limits), None
            cells[place] = cell
        return fault

    def _objects(self) -> Iterator[tuple[int, dict[str, Cell] | Fault]]:
        longest = self._limits.max_line_chars
        decoder = json.JSONDecoder(parse_float=exact_number, parse_constant=_no_constant)
        with self._path.open("r", encoding=self._encoding, errors="replace", newline="\n") as stream:
            for number, line in enumerate(iter(partial(stream.readline, longest), ""), 1):
                if len(line) >= longest:
                    raise refuse_file(
                        "line_too_long",
                        f"第 {number} 行超过 {longest} 个字符",
                        f"Line {number} is longer than {longest} characters",
                        Text("每行只写一个 JSON 对象", "Write one JSON object a line"),
                    )
                if line.strip():
                    yield number, _one_object(decoder, line)


def _one_object(decoder: json.JSONDecoder, line: str) -> dict[str, Cell] | Fault:
    if "\ufffd" in line:
        return damaged_text()
    try:
        found = decoder.decode(line.strip().removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return Fault(
            "import.bad_json",
            Text("这一行不是完整的 JSON", "This line is not complete JSON"),
            Text("每行写一个 JSON 对象，不要换行", "Write one JSON object a line, without line breaks in it"),
        )
    if isinstance(found, dict):
        return found
    return Fault(
        "import.not_an_object",
        Text("这一行不是 JSON 对象", "This line is not a JSON object"),
        Text('例如 {"name": "甲公司"}', 'For example {"name": "Acme"}'),
    )


def _no_constant(word: str) -> str:
    raise ValueError(f"{word} is not JSON")


def _unknown_name(name: str) -> Fault:
    shown = name[:60]
    return Fault(
        "import.unknown_column",
        Text(f"“{shown}”没有在开头的行里出现过", f'"{shown}" does not occur in the first rows'),
        Text(
            "请在第一行写出所有的名称（没有值的写 null）",
            "Name everything in the first row (null where empty)",
        ),
        field=shown,
    )
