"""A value that was found on a paper."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, get_args

from tongmai.kit import Text
from tongmai.scan import Box

FoundField: TypeAlias = Literal[
    "customer", "supplier", "product", "amount", "currency", "date", "number", "phone", "tax_number", "transcript"
]
FIELDS: tuple[FoundField, ...] = get_args(FoundField)


@dataclass(frozen=True, slots=True)
class Found:
    """``value`` is canonical text (amounts ``128000.00``, days ``2026-11-02``), ``text`` what stands on the page.

    ``confidence`` is 0 … 1; ``page`` counts from 1, ``box`` is the place in shares of the page, ``cell`` a sheet's.
    ``record`` is the id of the workspace's record that is meant, ``label`` its title; ``reason`` why it was taken.
    """

    field: FoundField
    value: str
    text: str
    confidence: float
    page: int
    box: Box
    reason: Text
    cell: str | None = None
    object: str | None = None
    record: str | None = None
    label: str | None = None

    def document(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    @staticmethod
    def of(document: dict[str, Any]) -> Found:
        reason = Text(document["reason"]["zh"], document["reason"]["en"])
        return Found(**{**document, "box": Box(**document["box"]), "reason": reason})
