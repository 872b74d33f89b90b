"""Collecting what is wrong with a formula, so that a person sees all of it at once, each with its place."""

from __future__ import annotations

from tongmai.kit import Fault, Invalid, Text

_MOST = 20


class FaultList:
    """The faults found so far, at most twenty, in the order of their places."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], Fault] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(
        self, code: str, position: int, zh: str, en: str, way_out_zh: str | None = None, way_out_en: str | None = None
    ) -> None:
        """``position`` counts characters from 0; people count from 1, so the texts say one more."""
        text = Text(f"第 {position + 1} 个字符：{zh}", f"Character {position + 1}: {en}")
        way_out = Text(way_out_zh, way_out_en or way_out_zh) if way_out_zh is not None else None
        if len(self._found) < _MOST:
            self._found.setdefault((position, code), Fault(code, text, way_out, position=position))

    def error(self) -> Invalid:
        return Invalid(tuple(fault for _, fault in sorted(self._found.items(), key=lambda item: item[0])))

    def raise_if_any(self) -> None:
        if self._found:
            raise self.error()
