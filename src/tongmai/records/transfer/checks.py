"""What may not be: required fields, rules, policies and masks over the candidates of a chunk, in one look at each row.

The checks are the gateway's own (``records.verdicts``), so a row is refused with the words a person would read on the
screen. A row that is found and not changed is not checked: nothing is written.
"""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import cast

from tongmai.access import OWNER, Action, SystemActor
from tongmai.formula import TRUE
from tongmai.kit import Fault, Text
from tongmai.records.entry import key_literal
from tongmai.records.frame import Frame
from tongmai.records.locked import lock_check
from tongmai.records.place import Place
from tongmai.records.refusals import refusal
from tongmai.records.statement import Parameters, Statement
from tongmai.records.transfer.denials import denied
from tongmai.records.transfer.tables import ChunkTables
from tongmai.records.verdicts import (
    Check,
    codes_sql,
    lookup_checks,
    relation_checks,
    rule_checks,
    scope_check,
    unique_checks,
)
from tongmai.store import quote_ident


def insert_checks(
    place: Place, object_key: str, tables: ChunkTables, *, imports: bool, related: Collection[str] = ()
) -> Statement:
    """Faults of the rows that would make a record.

    ``imports``: the right to import is asked too. ``related`` are relations whose records were not looked up by key.
    """
    parameters = Parameters()
    frame = Frame(place, object_key, "s", parameters)
    policy = place.policy(object_key)
    definition = place.structure.definition(object_key)
    checks = [*_required(place, object_key, [each.key for each in definition.fields]), *rule_checks(frame)]
    checks += relation_checks(frame, related)
    checks += lookup_checks(frame, [each.key for each in definition.fields])
    if OWNER not in policy.settable and not isinstance(place.actor, SystemActor):
        me = parameters.named("me", "uuid")
        checks.append(Check(f"set:{OWNER}", f"s.{OWNER} IS DISTINCT FROM {me}"))
    checks += scope_check(frame, policy.rows["create"], "scope:create")
    if imports and policy.rows["import"] != policy.rows["create"]:
        checks += scope_check(frame, policy.rows["import"], "scope:import")
    return _collect(tables, frame, checks, "NOT s._found")


def update_checks(place: Place, object_key: str, tables: ChunkTables, keys: Collection[str]) -> Statement:
    """Faults of the rows that would change a record in any of ``keys``."""
    parameters = Parameters()
    frame = Frame(place, object_key, "s", parameters)
    old = Frame(place, object_key, "o", parameters)
    policy = place.policy(object_key)
    fields = place.structure.fields(object_key)
    checks = _required(place, object_key, keys)
    checks += scope_check(old, policy.rows["update"], "scope:update")
    checks += scope_check(frame, policy.rows["update"], "pushed_out")
    checks += scope_check(frame, policy.rows["import"], "scope:import")
    for key in keys:
        mask = policy.writable[key]
        if mask != TRUE:
            column = quote_ident(fields[key].column_name)
            differs = f"s.{column} IS DISTINCT FROM o.{column}"
            checks.append(Check(f"write:{key}", f"({differs} AND ({old.raw_sql(mask)}) IS NOT TRUE)"))
    checks.append(lock_check(place, "o.id", _changed_keys(place, object_key, keys)))
    checks += rule_checks(frame)
    checks += lookup_checks(frame, keys)
    checks += unique_checks(frame, keys)
    changed = changed_sql(place, object_key, keys, "s", "o")
    there = f"JOIN {place.table(object_key)} AS o ON o.id = s.id"
    return _collect(tables, frame, checks, f"s._found AND {changed}", there=there, after=old.joins)


def duplicate_checks(place: Place, object_key: str, tables: ChunkTables) -> Statement:
    """Faults of the rows that an insert left out, because another record has their unique values."""
    parameters = Parameters()
    frame = Frame(place, object_key, "s", parameters)
    left_out = f"NOT s._found AND NOT EXISTS (SELECT FROM {place.table(object_key)} AS made WHERE made.id = s.id)"
    return _collect(tables, frame, unique_checks(frame), left_out)


def changed_sql(place: Place, object_key: str, keys: Collection[str], new: str, old: str) -> str:
    """Whether any of the fields differs between two rows of the object."""
    fields = place.structure.fields(object_key)
    columns = [quote_ident(fields[key].column_name) for key in keys]
    if not columns:
        return "FALSE"
    left, right = (", ".join(f"{alias}.{column}" for column in columns) for alias in (new, old))
    return f"(ROW({left}) IS DISTINCT FROM ROW({right}))"


def _changed_keys(place: Place, object_key: str, keys: Collection[str]) -> str:
    """The keys of the fields that differ, as ``text[]``."""
    fields = place.structure.fields(object_key)
    parts = [
        f"CASE WHEN s.{column} IS DISTINCT FROM o.{column} THEN {key_literal(key)} END"
        for key in keys
        for column in [quote_ident(fields[key].column_name)]
    ]
    return f"array_remove(ARRAY[{', '.join(parts)}]::text[], NULL)"


def _collect(
    tables: ChunkTables, frame: Frame, checks: Sequence[Check], where: str, *, there: str = "", after: str = ""
) -> Statement:
    if not checks:
        return Statement("SELECT 0", ())
    # Rows are looked at once; codes are only collected where something is wrong.
    wrong = " OR ".join(check.failed for check in checks)
    codes = codes_sql(checks)
    sql = (
        f"INSERT INTO {tables.fault} (_row, codes) SELECT s._row, {codes} FROM {tables.new} AS s {there} {frame.joins}"
        f" {after} WHERE {where} AND ({wrong})"
    )
    return frame.parameters.statement(sql)


def _required(place: Place, object_key: str, keys: Collection[str]) -> list[Check]:
    """Fields that may never be blank. Those required only while visible are among the rules; numbers come last."""
    fields = place.structure.fields(object_key)
    wanted = [fields[key] for key in keys if fields[key].required and fields[key].visible_when is None]
    return [
        Check(f"required:{each.key}", f"s.{quote_ident(each.column_name)} IS NULL")
        for each in wanted
        if each.type not in {"formula", "auto_number"}
    ]


def fault_of(place: Place, object_key: str, code: str) -> Fault:
    """What a code of this room or of the gateway says, in the gateway's words."""
    kind, _, rest = code.partition(":")
    if kind == "none":
        return _not_there()
    if kind in _KEY_FAULTS:
        return _key_fault(kind, rest, place.structure.fields(object_key)[rest].label)
    if kind == "set":
        return denied(place, object_key, "create", rest).faults[0]
    if kind == "scope":
        return denied(place, object_key, cast("Action", rest), record=True).faults[0]
    return refusal(place, object_key, "update", [(None, code)]).faults[0]


_KEY_FAULTS = {
    "ambiguous": (
        "relation.ambiguous",
        Text("“{0}”同时对应多条记录", "“{0}” names more than one record"),
        Text("请改用编号或 id", "Use a code or the id"),
    ),
    "several": (
        "import.several",
        Text("按“{0}”找到多条记录", "“{0}” finds more than one record"),
        Text("请改用唯一的字段匹配", "Match by a unique field"),
    ),
    "blank": (
        "import.blank_key",
        Text("匹配字段“{0}”是空的", "The key field “{0}” is blank"),
        Text("请补充后再导入", "Fill it in and import again"),
    ),
}


def _key_fault(kind: str, field: str, label: Text) -> Fault:
    code, text, way_out = _KEY_FAULTS[kind]
    said = Text(text.zh.replace("{0}", label.zh), text.en.replace("{0}", label.en))
    return Fault(code, said, way_out, field=field)


def _not_there() -> Fault:
    return Fault(
        "import.not_there",
        Text("没有这条记录，或您不能查看", "There is no such record, or it is not for you to see"),
        Text("请核对，或改用“合并”方式新建", "Check it, or choose merge to make it"),
    )
