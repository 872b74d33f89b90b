"""From what an actor gave to the rows of a write statement: rules, rights, defaults and search tokens."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import Action, SystemActor
from tongmai.formula import FALSE, Moment
from tongmai.kit import Fault, Invalid
from tongmai.model import Reading, RecordRules, english_of
from tongmai.records.place import Place
from tongmai.records.refusals import denied_fields
from tongmai.records.selection import hidden_fields

Values = Mapping[str, JsonValue]
OWNER = "owner"


def rules_for(place: Place, object_key: str) -> RecordRules:
    """Compiled rules; callers keep them by catalogue version."""
    place.structure.definition(object_key)
    return RecordRules.for_object(place.structure.catalogue, object_key, Reading(place.zone))


def moment_of(place: Place, now: datetime) -> Moment:
    return Moment(now, place.workspace.zone, place.structure.catalogue.calendar.working, place.given(now))


def read_new(
    place: Place, object_key: str, rules: RecordRules, given: Sequence[Values], moment: Moment, *, numbered: bool
) -> list[dict[str, object]]:
    """The rows of new records by field key, with defaults. ``numbered``: several, so that faults tell the row.

    What a person makes is his own unless he says otherwise, and he may always say that it is.

    Raises ``Invalid`` with every fault of every row, ``Denied`` for fields the actor may see and not set.
    """
    settable = place.policy(object_key).settable
    me = None if isinstance(place.actor, SystemActor) else str(place.actor.id)
    unset = {
        key
        for values in given
        for key, value in values.items()
        if key not in settable and not (key == OWNER and str(value).lower() == me)
    }
    hidden = _refuse_known(place, object_key, "create", rules, unset)
    faults: list[Fault] = []
    rows: list[dict[str, object]] = []
    for number, values in enumerate(given, 1):
        read = rules.parse_input(values, for_create=True, hidden=hidden)
        found = list(read.faults)
        if OWNER not in read.row and not isinstance(place.actor, SystemActor):
            read.row[OWNER] = place.actor.id
        if not found:
            found = rules.apply_defaults(read.row, moment)
        faults.extend(fault.at_row(number) if numbered else fault for fault in found)
        rows.append(read.row)
    if faults:
        raise Invalid(tuple(faults))
    return rows


def read_patches(
    place: Place, object_key: str, rules: RecordRules, given: Sequence[Values], *, numbered: bool
) -> list[dict[str, object]]:
    """The patches by field key. Raises ``Invalid`` with every fault, ``Denied`` for fields the actor can see and never
    write."""
    writable = place.policy(object_key).writable
    unset = {key for values in given for key in values if writable.get(key, FALSE) == FALSE}
    hidden = _refuse_known(place, object_key, "update", rules, unset)
    faults: list[Fault] = []
    rows: list[dict[str, object]] = []
    for number, values in enumerate(given, 1):
        read = rules.parse_input(values, for_create=False, hidden=hidden)
        faults.extend(fault.at_row(number) if numbered else fault for fault in read.faults)
        rows.append(read.row | _unsaid(place, object_key, read.row))
    if faults:
        raise Invalid(tuple(faults))
    return rows


def _unsaid(place: Place, object_key: str, row: Mapping[str, object]) -> dict[str, object]:
    """What is written anew in one language is not said otherwise in the other any more."""
    definition = place.structure.definition(object_key)
    writable = place.policy(object_key).writable
    others = (english_of(definition, key) for key in row)
    return {key: None for key in others if key is not None and key not in row and writable.get(key, FALSE) != FALSE}


def _refuse_known(
    place: Place, object_key: str, action: Action, rules: RecordRules, unset: Collection[str]
) -> frozenset[str]:
    """Raises ``Denied`` for those of the names given that are fields the actor knows of. The fields that he must not
    know of otherwise: they are answered as any name that is not there."""
    if not unset:
        return frozenset()
    hidden = hidden_fields(place, object_key)
    known = sorted(key for key in unset if key in rules.fields and key not in hidden)
    if known:
        raise denied_fields(place, object_key, action, known)
    return hidden


def by_column(place: Place, object_key: str, row: Mapping[str, object]) -> dict[str, object]:
    fields = place.structure.fields(object_key)
    return {fields[key].column_name: value for key, value in row.items()}


def tokens_of(place: Place, object_key: str, row: Mapping[str, object]) -> list[str]:
    """What a record is found by: the tokens of its searchable fields, in a fixed order."""
    found: set[str] = set()
    for bound in place.structure.searchable(object_key):
        value = row.get(bound.key)
        if value is not None:
            found |= bound.search_tokens(value)
    return sorted(found)


def to_json(rows: object) -> str:
    """Rows as PostgreSQL reads them: decimals as text, so that no digit is lost."""
    return orjson.dumps(rows, default=_plain).decode()


def _plain(value: object) -> object:
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
