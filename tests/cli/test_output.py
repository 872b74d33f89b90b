"""Columns stand under one another on a terminal, Chinese or not."""

from __future__ import annotations

from rich.cells import cell_len

from tongmai.cli.output import aligned


def test_cells_take_the_same_columns_of_a_terminal() -> None:
    assert {cell_len(each) for each in aligned(["管理员", "销售主管", "Sales", ""])} == {8}
    assert aligned(["管理员", "ab"]) == ["管理员", "ab    "]


def test_no_cells_are_no_lines() -> None:
    assert aligned([]) == []
