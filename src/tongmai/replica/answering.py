"""DuckDB's rows as the JSON that PostgreSQL would have made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import orjson

from tongmai.records import Aggregation, GroupColumn


def json_rows(asked: Aggregation, rows: Sequence[Sequence[object]]) -> bytes:
    """A JSON list of objects. ``rows`` are those of ``aggregation_sql``, without the one too many."""
    names = [each.name for each in asked.columns]
    labelled = [each.name for each in asked.columns if isinstance(each, GroupColumn) and each.labelled]
    documents = []
    for row in rows:
        shown = {name: _value(value) for name, value in zip(names, row, strict=False)}
        for name, label in zip(labelled, row[len(names) :], strict=True):
            if shown[name] is not None:
                shown[name] = {"id": shown[name], "label": label}
        documents.append(shown)
    return orjson.dumps(documents)


def _value(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(_plain(value).encode())
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value


def _plain(value: Decimal) -> str:
    """Without an exponent and without zeros at the end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: datetime) -> str:
    """As PostgreSQL writes it: no zeros at the end of the seconds' fraction."""
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "+00:00"
