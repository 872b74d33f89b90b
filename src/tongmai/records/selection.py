"""What is shown of a record: each field's JSON value as the actor may see it, relations with a label."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tongmai.formula import FALSE, Kind, Path, Type
from tongmai.kit import Fault, Invalid, Text
from tongmai.records.frame import Frame
from tongmai.records.past import Past
from tongmai.records.place import Place
from tongmai.store import quote_ident

MOST_FIELDS = 100
# Always shown: who asks for a record without its id and version can do nothing with it.
_ALWAYS = ("id", "version")
# Three labels a row for what is seldom looked at: shown with a single record, elsewhere to those who ask.
_ON_DEMAND = frozenset({"created_by", "changed_by", "deleted_at"})


@dataclass(frozen=True)
class Selection:
    """Field keys in the order of the answer."""

    keys: tuple[str, ...]

    def columns(self, frame: Frame, past: Past | None = None) -> list[str]:
        """``<sql> AS "key"`` for each field, over the frame's rows."""
        return [f"{_value(frame, key, past)} AS {quote_ident(key)}" for key in self.keys]


def choose(place: Place, object_key: str, wanted: Sequence[str] | None, *, whole: bool = False) -> Selection:
    """The fields to show: those asked for, else those that the actor may ever see. Who made a record, who changed it
    last and when it was deleted is among them only where it is to be shown as a ``whole``.

    Raises ``Invalid`` for too many fields and for unknown ones: those the actor may never see are among them.
    """
    policy = place.policy(object_key)
    if wanted is None:
        seen = [each for each in place.structure.fields(object_key) if policy.readable.get(each, FALSE) != FALSE]
        return Selection(tuple(each for each in seen if whole or each not in _ON_DEMAND))
    faults = [_unknown(name) for name in wanted if policy.readable.get(name, FALSE) == FALSE]
    if len(wanted) > MOST_FIELDS:
        faults.append(
            Fault(
                "fields.too_many",
                Text(f"一次最多 {MOST_FIELDS} 个字段", f"At most {MOST_FIELDS} fields at once"),
                field="fields",
            )
        )
    if faults:
        raise Invalid(tuple(faults))
    return Selection(tuple(dict.fromkeys((*_ALWAYS, *wanted))))


def hidden_fields(place: Place, object_key: str) -> frozenset[str]:
    """The fields that the actor can neither see nor give a value on any record: to him there are no such names."""
    policy = place.policy(object_key)
    return frozenset(
        key
        for key in place.structure.fields(object_key)
        if policy.readable.get(key, FALSE) == FALSE == policy.writable.get(key, FALSE) and key not in policy.settable
    )


def label(frame: Frame, path: Path) -> str:
    """The title of the record that a relation leads to, as text; NULL where the actor may not see it."""
    target = frame.target(path)
    return title(frame, target, path)


def title(frame: Frame, object_key: str, at: Path = ()) -> str:
    """The title of the record at ``at`` as the actor may see it."""
    key = frame.place.structure.definition(object_key).title
    if key is None or key not in frame.place.structure.fields(object_key):
        return "NULL::text"
    sql = frame.seen_column_sql((*at, key))
    return sql if frame.place.structure.type_of(object_key, key).kind in {Kind.TEXT, Kind.CHOICE} else f"({sql})::text"


def _value(frame: Frame, key: str, past: Past | None) -> str:
    type_ = frame.place.structure.type_of(frame.object_key, key)
    seen = frame.seen_column_sql((key,))
    if frame.place.structure.target(frame.object_key, key) and _is_stored(frame, key):
        return f"CASE WHEN {seen} IS NOT NULL THEN {_named(seen, label(frame, (key,)))} END"
    if type_.kind is Kind.LIST and type_.item is not None and type_.item.kind is Kind.REFERENCE:
        return _many(frame, type_.item, seen, past)
    return seen


def _many(frame: Frame, item: Type, ids: str, past: Past | None) -> str:
    """A many-to-many relation as a list in its own order."""
    target = item.target or ""
    if target not in frame.place.structure.catalogue.object_by_key:
        return ids
    inner = Frame(frame.place, target, f"{frame.alias}_m", frame.parameters, past=past)
    seen = inner.visible_here()
    name = quote_ident(inner.alias)
    text = "NULL::text" if seen is None else title(inner, target)
    if seen:
        text = f"CASE WHEN {seen} THEN {text} END"
    join = f"LEFT JOIN {frame.place.table(target)} AS {name} ON {name}.id = link.id"
    if past is not None:
        join = f"LEFT JOIN LATERAL {past.record(frame.place, target, 'link.id')} AS {name} ON TRUE"
    return (
        f"(SELECT json_agg({_named('link.id', text)} ORDER BY link.n)"
        f" FROM unnest({ids}) WITH ORDINALITY AS link(id, n) {join} {inner.joins})"
    )


def _named(id_sql: str, label_sql: str) -> str:
    """``{id, label}``. Of two arrays of text it is made in less than half the time ``json_build_object`` takes."""
    return f"json_object('{{id,label}}'::text[], ARRAY[({id_sql})::text, {label_sql}])"


def _is_stored(frame: Frame, key: str) -> bool:
    """A record's own id leads to itself and is shown bare; a formula's result has no join to take a label from."""
    return key != "id" and frame.place.structure.fields(frame.object_key)[key].type != "formula"


def _unknown(name: str) -> Fault:
    shown = name[:60]
    return Fault("field.unknown", Text(f"没有字段“{shown}”", f"There is no field “{shown}”"), field="fields")
