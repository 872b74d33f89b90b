"""Checks that need the database, as SQL over the new state of a record, and the faults they stand for.

A check is a condition under which something is wrong and a short code. The write statements collect the codes of all
checks that failed for each record and write nothing if there is one; ``faults`` says them in words.
"""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from tongmai.formula import BOOLEAN, FALSE, TRUE, Tree, parse
from tongmai.kit import Fault, Text
from tongmai.model import FieldDef, Lookup, ObjectDef
from tongmai.records.entry import code_literal, key_literal
from tongmai.records.frame import Frame
from tongmai.records.place import Place
from tongmai.records.structure import unique_sets
from tongmai.store import quote_ident

_FILE = "file"


@dataclass(frozen=True, slots=True)
class Check:
    """``failed`` is SQL that is true where something is wrong; ``code`` is how the statement tells."""

    code: str
    failed: str


def codes_sql(checks: Iterable[Check]) -> str:
    """The codes of the checks that failed, as ``text[]``."""
    parts = [f"CASE WHEN {check.failed} THEN {code_literal(check.code)} END" for check in checks]
    return f"array_remove(ARRAY[{', '.join(parts)}]::text[], NULL)" if parts else "'{}'::text[]"


def rule_checks(frame: Frame) -> list[Check]:
    """The validation formulas over the record as it will be stored, and what is required while it is visible."""
    definition = frame.place.structure.definition(frame.object_key)
    scope = frame.place.structure.scope(frame.object_key)
    found = []
    for rule in definition.validations:
        tree = parse(rule.formula, scope, expect=BOOLEAN).tree
        found.append(Check(f"rule:{rule.key}", f"({frame.raw_sql(tree)}) IS NOT TRUE"))
    for field in definition.fields:
        if field.required and field.visible_when is not None:
            tree = parse(field.visible_when, scope, expect=BOOLEAN).tree
            failed = f"{_own(frame, field)} IS NULL AND ({frame.raw_sql(tree)}) IS TRUE"
            found.append(Check(f"required:{field.key}", failed))
    return found


def hint_codes(frame: Frame) -> str:
    """The fields whose hints apply (S2-24), as ``text[]``: their condition holds or, without one, they are blank."""
    place = frame.place
    scope = place.structure.scope(frame.object_key)
    parts = []
    for field in place.structure.definition(frame.object_key).fields:
        if field.hint is None:
            continue
        if field.hint.when is None:
            applies = f"{_own(frame, field)} IS NULL"
        else:
            applies = f"({frame.raw_sql(parse(field.hint.when, scope, expect=BOOLEAN).tree)}) IS TRUE"
        parts.append(f"CASE WHEN {applies} THEN {key_literal(field.key)} END")
    return f"array_remove(ARRAY[{', '.join(parts)}]::text[], NULL)" if parts else "'{}'::text[]"


def relation_checks(
    frame: Frame, keys: Collection[str], *, changed: str | None = None, owned: bool = False
) -> list[Check]:
    """Each record that a relation among ``keys`` names must be there and visible to the actor.

    ``changed`` (SQL of a ``text[]``) narrows to the fields that really change. ``owned``: the actor's own person may
    be the owner also where he may not look at people.
    """
    found = []
    place = frame.place
    for key in sorted(keys):
        field = place.structure.fields(frame.object_key)[key]
        bound = place.structure.bound(frame.object_key, key)
        if field.type == _FILE:
            missing = _missing_files(frame, field)
        elif bound.target is None or bound.target not in place.structure.catalogue.object_by_key:
            continue
        else:
            missing = _missing(frame, field, bound.target, many=bound.is_many)
        when = "" if changed is None else f"{key_literal(key)} = ANY({changed}) AND "
        if owned and key == "owner":
            when += f"{_own(frame, field)} IS DISTINCT FROM {frame.parameters.named('me', 'uuid')} AND "
        found.append(Check(f"relation:{key}", f"{when}{missing}"))
    return found


def unique_checks(frame: Frame, keys: Collection[str] | None = None, *, numbered: str | None = None) -> list[Check]:
    """No other record, deleted ones aside, has the same values in the fields that are unique together.

    With ``numbered`` (SQL of a row's place among those written at once) neither has one of the rows before it.
    """
    definition = frame.place.structure.definition(frame.object_key)
    found = []
    for fields in unique_sets(definition):
        if keys is not None and not set(fields) & set(keys):
            continue
        columns = [quote_ident(definition.by_key[key].column_name) for key in fields]
        name = quote_ident(frame.alias)
        same = " AND ".join(f"other.{column} = {name}.{column}" for column in columns)
        table = frame.place.table(frame.object_key)
        exists = (
            f"EXISTS (SELECT FROM {table} AS other WHERE {same} AND other.deleted_at IS NULL AND other.id <> {name}.id)"
        )
        if numbered is not None:
            # A window instead of a look at each of the others: of a thousand rows that is a million.
            given = ", ".join(f"{name}.{column}" for column in columns)
            blank = " OR ".join(f"{name}.{column} IS NULL" for column in columns)
            twins = f"row_number() OVER (PARTITION BY {given} ORDER BY {numbered}) > 1 AND NOT ({blank})"
            exists = f"({exists} OR ({twins}))"
        found.append(Check(f"unique:{','.join(fields)}", exists))
    return found


def lookup_checks(frame: Frame, keys: Collection[str]) -> list[Check]:
    """Lookups that block: the value must be found (S2-25)."""
    found = []
    for field in _with_lookup(frame, keys):
        assert field.lookup is not None
        if field.lookup.blocks:
            missing = f"({_own(frame, field)} IS NOT NULL AND NOT EXISTS (SELECT {lookup_source(frame, field)}))"
            found.append(Check(f"lookup:{field.key}", missing))
    return found


def lookups_sql(frame: Frame, keys: Collection[str]) -> str:
    """What the lookups of ``keys`` found: a JSON object by field key, null where nothing was found."""
    parts = []
    for field in _with_lookup(frame, keys):
        assert field.lookup is not None
        shown = lookup_shown(frame, field.lookup, f"{frame.alias}_l")
        source = lookup_source(frame, field, shown)
        row = f"(SELECT json_build_object('id', l.id, 'show', l.show) FROM (SELECT {source}) AS l)"
        parts.append(
            f"CASE WHEN {_own(frame, field)} IS NOT NULL THEN json_build_object({key_literal(field.key)}, {row}) END"
        )
    return f"ARRAY[{', '.join(parts)}]::json[]" if parts else "NULL::json[]"


def scope_check(frame: Frame, rule: Tree, code: str) -> list[Check]:
    """The record must lie within a policy's rows."""
    if rule == TRUE:
        return []
    if rule == FALSE:
        return [Check(code, "TRUE")]
    return [Check(code, f"({frame.raw_sql(rule)}) IS NOT TRUE")]


def lookup_source(frame: Frame, field: FieldDef, columns: str = "") -> str:
    """``[columns] FROM … WHERE …`` of the first record a field's lookup finds among those the actor may see."""
    lookup = field.lookup
    assert lookup is not None
    place = frame.place
    alias = f"{frame.alias}_l"
    inner = Frame(place, lookup.object, alias, frame.parameters)
    match = place.structure.fields(lookup.object)[lookup.match]
    seen = inner.visible_here() or "FALSE"
    conditions = [f"{quote_ident(alias)}.{quote_ident(match.column_name)} = {_own(frame, field)}", seen]
    if lookup.where is not None:
        tree = parse(lookup.where, place.structure.scope(lookup.object), expect=BOOLEAN).tree
        conditions.append(f"({inner.raw_sql(tree)})")
    return (
        f"{columns} FROM {place.table(lookup.object)} AS {quote_ident(alias)} {inner.joins}"
        f" WHERE {' AND '.join(conditions)} LIMIT 1"
    )


def lookup_shown(frame: Frame, lookup: Lookup, alias: str) -> str:
    inner = Frame(frame.place, lookup.object, alias, frame.parameters)
    return f"{quote_ident(alias)}.id, {inner.seen_column_sql((lookup.show,))} AS show"


def fault(place: Place, object_key: str, code: str) -> Fault:
    """What a code means, in words, with the rule that refused and the way out."""
    definition = place.structure.definition(object_key)
    kind, _, rest = code.partition(":")
    if kind == "rule":
        return _rule_fault(definition, rest)
    if kind == "unique":
        return unique_fault(definition, tuple(rest.split(",")))
    if kind == "locked":
        text = Text("记录或其中的字段已被规则锁定", "a rule has locked the record or a field of it")
        way_out = Text("请等待条件解除，或由主管解除锁定", "wait until it ends, or ask a supervisor to release it")
        return Fault("record.locked", text, way_out)
    label = (
        place.structure.fields(object_key)[rest].label
        if rest in place.structure.fields(object_key)
        else definition.label
    )
    if kind == "relation":
        return Fault(
            "relation.not_found",
            Text(
                f"“{label.zh}”所指的记录不存在，或您不能查看",
                f"The record “{label.en}” names is not there, or not for you to see",
            ),
            Text("请重新选择", "Choose another one"),
            field=rest,
        )
    if kind == "required":
        text = Text(f"“{label.zh}”必填", f"“{label.en}” is required")
        return Fault("field.required", text, Text("请填写该字段", "fill it in"), field=rest)
    if kind == "lookup":
        field = definition.by_key[rest]
        message = field.lookup.message if field.lookup else label
        return Fault("lookup.not_found", message, Text("请核对后重填", "Check it and enter it again"), field=rest)
    raise KeyError(code)


def unique_fault(definition: ObjectDef, fields: Sequence[str]) -> Fault:
    named = next((each for each in definition.uniques if each.fields == tuple(fields)), None)
    labels = [definition.by_key[key].label for key in fields]
    text = Text(
        f"已有“{'、'.join(label.zh for label in labels)}”相同的记录",
        f"There is a record with the same {', '.join(label.en for label in labels)} already",
    )
    if named is not None and named.message is not None:
        text = named.message
    way_out = Text("请改用其他值，或修改已有的记录", "Use another value, or change the record that is there")
    return Fault("unique", text, way_out, field=fields[0], rule=named.key if named else ",".join(fields))


def _rule_fault(definition: ObjectDef, key: str) -> Fault:
    rule = next(each for each in definition.validations if each.key == key)
    return Fault("validation", rule.message, field=rule.field, rule=key)


def _missing(frame: Frame, field: FieldDef, target: str, *, many: bool) -> str:
    place = frame.place
    alias = quote_ident(f"{frame.alias}_r")
    inner = Frame(place, target, f"{frame.alias}_r", frame.parameters)
    seen = inner.visible_here() or "FALSE"
    rows = f"FROM {place.table(target)} AS {alias} {inner.joins}"
    own = _own(frame, field)
    if not many:
        return f"({own} IS NOT NULL AND NOT EXISTS (SELECT {rows} WHERE {alias}.id = {own} AND {seen}))"
    return (
        f"EXISTS (SELECT FROM unnest({own}) AS link(id) WHERE NOT EXISTS"
        f" (SELECT {rows} WHERE {alias}.id = link.id AND {seen}))"
    )


def _missing_files(frame: Frame, field: FieldDef) -> str:
    """A file may be taken by who uploaded it, or for him, or it already is this record's."""
    name = quote_ident(frame.alias)
    mine, his = frame.parameters.named("me", "uuid"), frame.parameters.named("actor", "uuid")
    return (
        f"EXISTS (SELECT FROM unnest({_own(frame, field)}) AS link(id) WHERE NOT EXISTS (SELECT"
        f" FROM {frame.place.schema}._file"
        f" AS f WHERE f.id = link.id AND (f.record_id = {name}.id"
        f" OR (f.record_id IS NULL AND f.object IS NULL AND"
        f" (f.created_by IS NOT DISTINCT FROM {mine} OR f.created_by = {his})))))"
    )


def _with_lookup(frame: Frame, keys: Collection[str]) -> list[FieldDef]:
    fields = frame.place.structure.definition(frame.object_key).fields
    return [each for each in fields if each.lookup is not None and each.key in keys]


def _own(frame: Frame, field: FieldDef) -> str:
    return f"{quote_ident(frame.alias)}.{quote_ident(field.column_name)}"
