"""What a panel's filters take from the record it is shown on, read as the reader may see it, as formula constants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import Actor
from tongmai.model import AskingWidget, Widget, fields_in_places, fill_places
from tongmai.records import Gateway
from tongmai.store import Workspace

_BLANK = "BLANK"


class RecordValues:
    """A record's id and the values that filters ask for. A value hidden from the reader is blank, as everywhere."""

    def __init__(self, record_id: UUID, values: Mapping[str, JsonValue]) -> None:
        self._id = record_id
        self._values = values

    @classmethod
    async def read(
        cls, gateway: Gateway, actor: Actor, workspace: Workspace, object_key: str, record_id: UUID,
        widgets: Sequence[Widget],
    ) -> RecordValues:  # fmt: skip
        """What ``widgets`` ask for. Raises ``NotFound`` for a record that is not for the actor to see."""
        asked = {field for each in widgets for field in fields_in_places(_filter(each) or "")}
        row = await gateway.get(actor, workspace, object_key, record_id, fields=tuple(sorted(asked)))
        return cls(record_id, orjson.loads(row))

    def bound(self, widget: Widget) -> Widget:
        """The widget asking about this record."""
        if isinstance(widget, AskingWidget) and widget.filter is not None:
            return widget.replace(filter=fill_places(widget.filter, self._constant))
        return widget

    def _constant(self, field: str | None) -> str:
        return _text(str(self._id)) if field is None else _constant_of(self._values.get(field))


def _filter(widget: Widget) -> str | None:
    return widget.filter if isinstance(widget, AskingWidget) else None


def _constant_of(value: JsonValue) -> str:
    """The formula text of a value as JSON gives it; a relation is its id."""
    match value:
        case None:
            return _BLANK
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return format(Decimal(str(value)), "f")
        case str():
            return _text(value) if value else _BLANK
        case {"id": str(target)}:
            return _text(target)
        case _:
            # The catalogue's check lets no field of such a kind into a place.
            return _BLANK


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
