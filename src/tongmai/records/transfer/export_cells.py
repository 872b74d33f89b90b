"""A field's value as a person reads it in a cell, made by PostgreSQL; an import reads it back as the same value."""

# ruff: noqa: S608 - names come from quote_ident, values are bound

from __future__ import annotations

from dataclasses import dataclass

from tongmai.formula import Kind
from tongmai.kit import Language
from tongmai.model import ChoiceOptions
from tongmai.records.frame import Frame
from tongmai.records.selection import label, title
from tongmai.tabular import guard_sql

# Whose text cannot begin a formula: digits, dates and words of ours.
_HARMLESS = frozenset({Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.BOOLEAN, Kind.DURATION})
_YES_NO: dict[Language, tuple[str, str]] = {"zh": ("是", "否"), "en": ("yes", "no")}
_MOBILE = r"'^\+861[3-9][0-9]{9}$'"


@dataclass(frozen=True, slots=True)
class Cells:
    """Writes the cells of one export. ``guarded``: texts are kept from being run as formulas."""

    frame: Frame
    language: Language
    guarded: bool

    def text(self, key: str) -> str:
        """SQL of the field's text; NULL where it is blank or not to be seen."""
        frame = self.frame
        kind = frame.place.structure.type_of(frame.object_key, key).kind
        written = self._written(key, kind)
        return guard_sql(written) if self.guarded and kind not in _HARMLESS else written

    def _written(self, key: str, kind: Kind) -> str:
        frame, structure = self.frame, self.frame.place.structure
        seen = frame.seen_column_sql((key,))
        field = structure.fields(frame.object_key)[key]
        bound = structure.bound(frame.object_key, key)
        if key != "id" and structure.target(frame.object_key, key):
            return f"CASE WHEN {seen} IS NOT NULL THEN coalesce(({label(frame, (key,))})::text, ({seen})::text) END"
        if bound.is_many and bound.target in structure.catalogue.object_by_key:
            return self._labels(seen, str(bound.target))
        if isinstance(bound.options, ChoiceOptions):
            return self._choices(seen, bound.options, many=kind is Kind.LIST)
        if field.type == "percent":
            return f"trim_scale(({seen}) * 100)::text || '%'"
        if field.type == "phone":
            return f"CASE WHEN {seen} ~ {_MOBILE} THEN substr({seen}, 4) ELSE {seen} END"
        if field.type == "point":
            return f"({seen}) ->> 'lat' || ',' || (({seen}) ->> 'lng')"
        return self._by_kind(seen, kind)

    def _by_kind(self, seen: str, kind: Kind) -> str:
        if kind is Kind.BOOLEAN:
            yes, no = _YES_NO[self.language]
            return f"CASE WHEN {seen} THEN '{yes}' WHEN NOT ({seen}) THEN '{no}' END"
        if kind is Kind.DATETIME:
            zone = self.frame.parameters.constant(self.frame.place.workspace.zone, "text")
            return f"(({seen}) AT TIME ZONE {zone})::text"
        if kind is Kind.DURATION:
            return f"trim_scale({seen})::text || '{'秒' if self.language == 'zh' else 's'}'"
        if kind is Kind.LIST:
            return f"array_to_string({seen}, ';')"
        return f"({seen})::text"

    def _choices(self, seen: str, options: ChoiceOptions, *, many: bool) -> str:
        keys = self.frame.parameters.constant([each.key for each in options.choices], "text[]")
        words = self.frame.parameters.constant([each.label.say(self.language) for each in options.choices], "text[]")
        if not many:
            return f"coalesce(({words})[array_position({keys}, {seen})], {seen})"
        one = f"coalesce(({words})[array_position({keys}, x.key)], x.key)"
        return f"(SELECT string_agg({one}, ';' ORDER BY x.place) FROM unnest({seen}) WITH ORDINALITY AS x(key, place))"

    def _labels(self, seen: str, target: str) -> str:
        """The titles of several related records, as far as the actor sees them."""
        alias = f"{self.frame.alias}_m"
        inner = Frame(self.frame.place, target, alias, self.frame.parameters)
        shown = f"coalesce(({title(inner, target)})::text, x.id::text)"
        visible = inner.visible_here() or "FALSE"
        return (
            f"(SELECT string_agg({shown}, ';' ORDER BY x.place) FROM unnest({seen}) WITH ORDINALITY AS x(id, place)"
            f' JOIN {self.frame.place.table(target)} AS "{alias}" ON "{alias}".id = x.id {inner.joins} WHERE {visible})'
        )
