"""A spreadsheet as a new object: keys, labels and types for its columns, told from their cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

from tongmai.kit import Text
from tongmai.model import SYSTEM_KEYS, FieldDef, Reading, bind_field
from tongmai.tabular import Cell, cell_text

_MOST_OPTIONS = 12
_ROWS_FOR_OPTIONS = 30
_LONG = 200
_MONEY = re.compile(r"金额|价|费|款|额|￥|¥|amount|price|cost|fee", re.IGNORECASE)
_CODE = re.compile(r"编号|编码|代码|单号|号码|身份证|code|no\.?$|number|\bid\b|sku", re.IGNORECASE)
# From the most particular to the least: the first that all cells fit is taken.
_IN_ORDER = ("email", "url", "phone", "date", "datetime", "percent", "number")


def guess_fields(columns: Sequence[str], sample: Sequence[Sequence[object]], zone: str) -> tuple[FieldDef, ...]:
    """A field for each column. ``sample`` are rows of cells; a few hundred tell enough."""
    taken: set[str] = set(SYSTEM_KEYS)
    found = []
    for index, column in enumerate(columns):
        cells: list[Any] = [row[index] for row in sample if row[index] is not None]
        key = _free_key(column, taken)
        taken.add(key)
        kind, options = _guess_type(column, cells, Reading(ZoneInfo(zone)))
        found.append(FieldDef(key=key, type=kind, label=Text.same(column[:100]), options=options))
    return tuple(found)


def _free_key(column: str, taken: set[str]) -> str:
    from pypinyin import lazy_pinyin  # its dictionary costs a third of a second and 30 MB, and is seldom wanted

    spelled = "_".join(lazy_pinyin(normalize("NFKC", column)))
    plain = re.sub(r"[^a-z0-9]+", "_", spelled.lower()).strip("_")[:36].strip("_")
    key = plain if plain and plain[0].isalpha() else f"f_{plain}".rstrip("_")
    number, free = 2, key
    while free in taken:
        free, number = f"{key}_{number}", number + 1
    return free


def _guess_type(column: str, cells: list[Cell], reading: Reading) -> tuple[str, dict[str, Any]]:
    texts = [cell_text(cell).strip() for cell in cells]
    if not texts:
        return "text", {}
    if _are_yes_or_no(cells, texts):
        return "boolean", {}
    is_code = _CODE.search(column) is not None or any(_keeps_zeros(text) for text in texts)
    for kind in _IN_ORDER:
        if is_code and kind in {"number", "date"}:
            continue
        if _looks_like(kind, texts) and _all_read(kind, cells, reading):
            return ("money" if kind == "number" and _MONEY.search(column) else kind), {}
    distinct = dict.fromkeys(texts)
    if not is_code and len(texts) >= _ROWS_FOR_OPTIONS and len(distinct) <= _MOST_OPTIONS:
        return "choice", {"choices": _options(list(distinct))}
    if max(map(len, texts)) > _LONG or any("\n" in text for text in texts):
        return "long_text", {}
    return "text", {}


def _are_yes_or_no(cells: list[Cell], texts: list[str]) -> bool:
    return all(isinstance(cell, bool) for cell in cells) or {text.lower() for text in texts} <= {
        "是", "否", "yes", "no", "true", "false",
    }  # fmt: skip


def _keeps_zeros(text: str) -> bool:
    """00123 is a code: as a number it would lose its zeros."""
    return len(text) > 1 and text.isdecimal() and text.startswith("0")


def _looks_like(kind: str, texts: list[str]) -> bool:
    """What a reader of a known column would accept, but nobody would take an unknown one for."""
    if kind in {"date", "datetime"}:
        return all(re.search(r"[-/年.]", text) for text in texts)
    if kind == "percent":
        return all(text.endswith(("%", "％")) for text in texts)
    if kind == "phone":
        return all(len(re.sub(r"\D", "", text)) >= 8 for text in texts)
    if kind == "number":
        return all(re.search(r"\d", text) for text in texts)
    return True


def _all_read(kind: str, cells: list[Any], reading: Reading) -> bool:
    bound = bind_field(FieldDef(key="guess", type=kind, label=Text.same("?")))
    return not bound.parse_column(cells, reading)[1]


def _options(words: list[str]) -> list[dict[str, Any]]:
    taken: set[str] = set()
    found = []
    for word in words:
        key = _free_key(word, taken)
        taken.add(key)
        found.append({"key": key, "label": word})
    return found
