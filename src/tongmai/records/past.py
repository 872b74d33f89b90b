"""Rows as they were: the present ones with the `before` of every later change laid over them."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from dataclasses import dataclass

from tongmai.model import FieldDef, MetricField, SegmentField
from tongmai.records.entry import key_literal
from tongmai.records.place import Place
from tongmai.store import quote_ident

_ARRAYS = frozenset({"text[]", "uuid[]"})
_ANYTHING = frozenset({"text", "jsonb"})


@dataclass(frozen=True)
class Past:
    """A moment. ``moment`` is the SQL of a timestamptz: what changes after it did is taken back.

    A purged record is gone from the past too. Changes count by their `at`, which is the moment the writer took from
    the clock, so a change is seen as of then even if its commit took a while longer.
    """

    moment: str

    def rows(self, place: Place, object_key: str) -> str:
        """All rows of the object, deleted ones included, as a FROM item that wants an alias."""
        later = (
            f"SELECT h.record_id, {place.schema}._overlay(h.before ORDER BY h.version DESC) AS before,"
            f" bool_or(h.action = 'create') AS born FROM {place.schema}._history AS h"
            f" WHERE h.object = {key_literal(object_key)} AND h.at > {self.moment} GROUP BY h.record_id"
        )
        return (
            f"(SELECT earlier.* FROM {place.table(object_key)} AS present LEFT JOIN ({later}) AS later"
            f" ON later.record_id = present.id {_earlier(place, object_key)} WHERE later.born IS NOT TRUE)"
        )

    def record(self, place: Place, object_key: str, link: str, version: str | None = None) -> str:
        """The one row whose id is ``link`` (SQL), or none, as a lateral FROM item that wants an alias.

        With ``version`` (SQL) as that version was: two changes of one moment are then told apart.
        """
        is_later = f"h.at > {self.moment}" if version is None else f"h.version > {version}"
        later = (
            f"SELECT {place.schema}._overlay(h.before ORDER BY h.version DESC) AS before,"
            f" bool_or(h.action = 'create') AS born FROM {place.schema}._history AS h"
            f" WHERE h.record_id = present.id AND h.object = {key_literal(object_key)} AND {is_later}"
        )
        return (
            f"(SELECT earlier.* FROM {place.table(object_key)} AS present CROSS JOIN LATERAL ({later}) AS later"
            f" {_earlier(place, object_key)} WHERE present.id = {link} AND later.born IS NOT TRUE)"
        )

    def metric(self, place: Place, object_key: str, alias: str, field: MetricField) -> str:
        """A metric's value on the last whole day before the moment; NULL where no snapshot is as old."""
        day = f"({self.moment} AT TIME ZONE '{place.workspace.zone}')::date"
        kind = place.structure.column_type(object_key, field.key)
        return (
            f"SELECT d.value::{kind} FROM {place.schema}._metric_day AS d WHERE d.object = {key_literal(object_key)}"
            f" AND d.metric = {key_literal(field.key)} AND d.record_id = {quote_ident(alias)}.id AND d.day < {day}"
            " ORDER BY d.day DESC LIMIT 1"
        )

    def segment(self, place: Place, alias: str, field: SegmentField) -> str:
        """The class a record was in, or since when; NULL where it was in none."""
        value = "CASE WHEN m.to_class IS NOT NULL THEN m.at END" if field.is_since else "m.to_class"
        return (
            f"SELECT {value} FROM {place.schema}._segment_move AS m WHERE m.segment = {key_literal(field.segment)}"
            f" AND m.record_id = {quote_ident(alias)}.id AND m.at <= {self.moment} ORDER BY m.id DESC LIMIT 1"
        )


def _earlier(place: Place, object_key: str) -> str:
    moved = [each for each in place.structure.definition(object_key).fields if each.column and each.column != each.key]
    values = "overlay.v"
    if moved:
        # History knows fields by key, the table by column: after a change of type the two differ.
        keys = ", ".join(key_literal(each.key) for each in moved)
        values = f"(overlay.v - ARRAY[{keys}])" + "".join(
            f" || {_moved(place.structure.column_type(object_key, each.key), each)}" for each in moved
        )
    return (
        "CROSS JOIN LATERAL (SELECT coalesce(later.before, '{}'::jsonb) AS v) AS overlay"
        f" CROSS JOIN LATERAL jsonb_populate_record(present.*, {values}) AS earlier"
    )


def _moved(column_type: str, each: FieldDef) -> str:
    """An earlier value under the present column, blank where the present type cannot hold it."""
    value = f"overlay.v -> {key_literal(each.key)}"
    if column_type in _ARRAYS:
        value = f"CASE WHEN jsonb_typeof({value}) = 'array' THEN {value} END"
    elif column_type not in _ANYTHING:
        text = f"overlay.v ->> {key_literal(each.key)}"
        value = f"CASE WHEN pg_input_is_valid({text}, '{column_type}') THEN {value} END"
    return (
        f"CASE WHEN overlay.v ? {key_literal(each.key)}"
        f" THEN jsonb_build_object({key_literal(each.column_name)}, {value}) ELSE '{{}}'::jsonb END"
    )
