"""The statement that makes records: checks, rows, history and answer in one round trip, all of them or none."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from collections.abc import Sequence

from tongmai.model import FieldDef
from tongmai.records.entry import entry_sql, key_literal
from tongmai.records.frame import Frame
from tongmai.records.place import Place
from tongmai.records.selection import Selection
from tongmai.records.statement import Parameters, Statement
from tongmai.records.verdicts import (
    codes_sql,
    hint_codes,
    lookup_checks,
    lookups_sql,
    relation_checks,
    rule_checks,
    scope_check,
    unique_checks,
)
from tongmai.store import quote_ident

SYSTEM_COLUMNS = ("id", "version", "owner", "created_at", "created_by", "changed_at", "changed_by")
SEARCH = "_search"


def stored_fields(place: Place, object_key: str) -> list[FieldDef]:
    """The object's own fields that have a column."""
    fields = place.structure.definition(object_key).fields
    return [each for each in fields if place.structure.bound(object_key, each.key).column_type is not None]


def compile_create(place: Place, object_key: str, selection: Selection, *, many: bool = True) -> Statement:
    """For one record the statement does without numbering and ordering, a tenth of its cost.

    Parameters: ``rows`` (JSON: an array of objects by column name), ``catalogue``, ``at``, ``actor``, ``via``,
    ``cause`` and those of the policy.

    Answers a row for each record, in order: ``id, codes, hints, lookups, item``. If any has a code, nothing was
    written. Lock order: the epoch's lock first, then the rows; see the layout.
    """
    parameters = Parameters()
    frame = Frame(place, object_key, "n", parameters)
    checks = [
        *scope_check(frame, place.policy(object_key).rows["create"], "scope"),
        *rule_checks(frame),
        *relation_checks(frame, related_keys(place, object_key), owned=True),
        *unique_checks(frame),
        *lookup_checks(frame, [each.key for each in stored_fields(place, object_key)]),
    ]
    codes, hints = codes_sql(checks), hint_codes(frame)
    lookups = lookups_sql(frame, [each.key for each in stored_fields(place, object_key)])
    checked_joins = frame.joins
    shown = Frame(place, object_key, "n", parameters)
    columns = ", ".join(selection.columns(shown))
    names = ", ".join(quote_ident(each) for each in _columns(place, object_key))
    values = ", ".join(f"n.{quote_ident(each)}" for each in _columns(place, object_key))
    rows = parameters.named("rows", "json")
    version = parameters.named("catalogue", "bigint")
    number, in_order = ("row_number() OVER ()", ' ORDER BY n."_n"') if many else ("1", "")
    sql = (
        f'WITH n AS MATERIALIZED (SELECT r.*, {number} AS "_n"'
        f" FROM json_populate_recordset(NULL::{place.table(object_key)}, {rows}) AS r),"
        f' c AS MATERIALIZED (SELECT n."_n", {codes} AS codes, {hints} AS hints, {lookups} AS lookups'
        f" FROM n {checked_joins}),"
        f" e AS MATERIALIZED (SELECT {place.schema}._open_change({version}) AS epoch FROM (SELECT FROM c"
        " HAVING bool_and(cardinality(c.codes) = 0)) AS fine),"
        f" made AS (INSERT INTO {place.table(object_key)} ({names}) SELECT {values} FROM n CROSS"
        f" JOIN e{in_order}),"
        f" told AS ({entry_sql(place.schema, _entries(place, object_key, parameters, in_order))})"
        f"{claims(place, object_key, 'n')}"
        f" SELECT n.id, c.codes, c.hints, c.lookups, (SELECT row_to_json(shown.*) FROM (SELECT"
        f" {columns}) AS shown) AS item"
        f' FROM n JOIN c ON c."_n" = n."_n" {shown.joins}{in_order}'
    )
    return parameters.statement(sql)


def related_keys(place: Place, object_key: str) -> list[str]:
    """The fields that name other records or files, the owner among them."""
    own = [
        each.key
        for each in place.structure.definition(object_key).fields
        if each.type == "file" or place.structure.bound(object_key, each.key).target is not None
    ]
    return ["owner", *own]


def state_sql(place: Place, object_key: str, alias: str) -> str:
    """What history keeps of a new record: its owner and fields by key, blanks left out, as ``jsonb``."""
    fields = [each for each in stored_fields(place, object_key) if each.type != "json"]
    columns = {"owner": "owner", **{each.key: each.column_name for each in fields}}
    # In the order in which jsonb keeps keys: sorting them is a quarter of the cost of making it.
    listed = ", ".join(
        f"{alias}.{quote_ident(columns[key])} AS {quote_ident(key)}"
        for key in sorted(columns, key=lambda k: (len(k), k))
    )
    # A field may be called `state`; a name with an underscore in front is no field's.
    state = f'(SELECT jsonb_strip_nulls(to_jsonb("_state")) FROM (SELECT {listed}) AS "_state")'
    for each in stored_fields(place, object_key):
        if each.type == "json":
            # Nulls inside a JSON value are part of it.
            value = f"{alias}.{quote_ident(each.column_name)}"
            one = f"jsonb_build_object({key_literal(each.key)}, {value})"
            state += f" || CASE WHEN {value} IS NULL THEN '{{}}'::jsonb ELSE {one} END"
    return state


def claims(place: Place, object_key: str, alias: str, keys: Sequence[str] | None = None) -> str:
    """Further CTEs that mark files as belonging to the record whose field names them."""
    taken = [each for each in stored_fields(place, object_key) if each.type == "file"]
    parts = [
        f", {quote_ident('claim_' + each.key)} AS (UPDATE {place.schema}._file AS f SET object ="
        f" {key_literal(object_key)}, field = {key_literal(each.key)}, record_id = {alias}.id FROM {alias}"
        f" CROSS JOIN e WHERE f.id = ANY({alias}.{quote_ident(each.column_name)}) AND f.record_id IS NULL)"
        for each in taken
        if keys is None or each.key in keys
    ]
    return "".join(parts)


def _columns(place: Place, object_key: str) -> list[str]:
    return [*SYSTEM_COLUMNS, *(each.column_name for each in stored_fields(place, object_key)), SEARCH]


def _entries(place: Place, object_key: str, parameters: Parameters, in_order: str) -> str:
    return (
        f"SELECT e.epoch, {parameters.named('at', 'timestamptz')} AS at, {key_literal(object_key)} AS object,"
        f" n.id AS record_id, 1 AS version, 'create' AS action, {parameters.named('actor', 'uuid')} AS actor,"
        f" {parameters.named('via', 'text')} AS via, {parameters.named('cause', 'text')} AS cause,"
        f" NULL::jsonb AS before,"
        f" {state_sql(place, object_key, 'n')} AS after FROM n CROSS JOIN e{in_order}"
    )
