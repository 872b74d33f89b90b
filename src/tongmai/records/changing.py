"""The statement that changes records: it locks them, works out the new state, checks it, and writes rows and history.

One statement serves update, delete and restore; they differ in the rows they may touch and the checks they make.
"""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tongmai.formula import FALSE, TRUE
from tongmai.records.creating import SEARCH, claims, related_keys
from tongmai.records.entry import entry_sql, key_literal
from tongmai.records.frame import Frame
from tongmai.records.locked import lock_check
from tongmai.records.place import Place
from tongmai.records.selection import Selection
from tongmai.records.statement import Parameters, Statement
from tongmai.records.verdicts import (
    Check,
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

ChangeAction = Literal["update", "delete", "restore"]
_DELETED = "deleted_at"
_NUMBER = 'd."_n"'


@dataclass(frozen=True)
class ChangeShape:
    """``keys`` are the fields that any of the patches names; ``search`` whether they change what is found by search."""

    object: str
    action: ChangeAction
    keys: tuple[str, ...]
    selection: Selection
    search: bool = False


def compile_change(place: Place, shape: ChangeShape) -> Statement:
    """Parameters: ``patches`` (JSON: an array of ``{id, set, version, base}``), ``catalogue``, ``at``, ``actor``,
    ``via``, ``cause`` and those of the policy.

    ``set`` is by column name. ``version`` is the one the actor saw, ``base`` the one our own preparation read;
    either may be null. Answers a row for each patch, in order: ``id, codes, changed, version, hints, lookups,
    item``; a record that is not there, or not to be seen, has the code ``hidden``. If any has a code, nothing was
    written. An id must not come twice. Lock order: the epoch's lock first, then the rows; see the layout.
    """
    return _Compiler(place, shape).compile()


class _Compiler:
    def __init__(self, place: Place, shape: ChangeShape) -> None:
        self._place = place
        self._shape = shape
        self._parameters = Parameters()
        self._table = place.table(shape.object)
        self._columns = [place.structure.fields(shape.object)[key].column_name for key in shape.keys]

    def compile(self) -> Statement:
        place, shape, named = self._place, self._shape, self._parameters.named
        old = Frame(place, shape.object, "o", self._parameters)
        new = Frame(place, shape.object, "n", self._parameters)
        codes = codes_sql(self._checks_always(old))
        more = codes_sql(self._checks_if_changed(old, new))
        hints, lookups = hint_codes(new), lookups_sql(new, shape.keys)
        columns = ", ".join(shape.selection.columns(new))
        stamp = (
            f"jsonb_build_object('version', o.version + 1, 'changed_at', {named('at', 'timestamptz')},"
            f" 'changed_by', {named('actor', 'uuid')})"
        )
        patches, version = named("patches", "jsonb"), named("catalogue", "bigint")
        sql = (
            f"WITH e AS MATERIALIZED (SELECT {place.schema}._open_change({version}) AS epoch),"
            ' g AS MATERIALIZED (SELECT x.n AS "_n", (x.v ->> \'id\')::uuid AS "_id", x.v -> \'set\' AS "_patch",'
            " (x.v ->> 'version')::integer AS \"_seen\", (x.v ->> 'base')::integer AS \"_base\""
            f" FROM jsonb_array_elements({patches}) WITH ORDINALITY AS x(v, n)),"
            f' o AS MATERIALIZED (SELECT t.*, CAST(t.* AS {self._table}) AS "_row", g.* FROM e CROSS JOIN g'
            f' JOIN {self._table} AS t ON t.id = g."_id" FOR UPDATE OF t),'
            f' d AS MATERIALIZED (SELECT o."_n", CAST(n.* AS {self._table}) AS "_new", {self._changed()} AS changed'
            ' FROM o CROSS JOIN LATERAL jsonb_populate_record(o."_row", o."_patch") AS n),'
            f' c AS MATERIALIZED (SELECT d."_n", d.changed, CAST(n.* AS {self._table}) AS "_new",'
            f" {self._before()} AS before,"
            f" {self._after()} AS after,"
            f" {codes} || CASE WHEN cardinality(d.changed) > 0 THEN {more} ELSE '{{}}'::text[] END AS codes,"
            f" {hints} AS hints, {lookups} AS lookups,"
            f" (SELECT row_to_json(shown.*) FROM (SELECT {columns}) AS shown) AS item"
            ' FROM d JOIN o ON o."_n" = d."_n" CROSS JOIN LATERAL jsonb_populate_record(d."_new",'
            f" CASE WHEN cardinality(d.changed) > 0 THEN {stamp} ELSE '{{}}'::jsonb END) AS n {old.joins} {new.joins}),"
            " fine AS MATERIALIZED (SELECT (SELECT count(*) FROM g) = count(*)"
            " AND coalesce(bool_and(cardinality(c.codes) = 0), FALSE) AS yes FROM c),"
            ' w AS MATERIALIZED (SELECT c."_n", c.before AS "_before", c.after AS "_after",'
            ' (c."_new").* FROM c CROSS JOIN fine'
            " WHERE fine.yes AND cardinality(c.changed) > 0),"
            f" put AS (UPDATE {self._table} AS t SET {self._assignments()} FROM w WHERE t.id = w.id),"
            f" told AS ({entry_sql(place.schema, self._entries())}){claims(place, shape.object, 'w', shape.keys)}"
            f" SELECT g.\"_id\" AS id, coalesce(c.codes, ARRAY['hidden']) AS codes,"
            f" cardinality(c.changed) > 0 AS changed,"
            ' (c."_new").version AS version, c.hints, c.lookups, c.item'
            ' FROM g LEFT JOIN c ON c."_n" = g."_n" ORDER BY g."_n"'
        )
        return self._parameters.statement(sql)

    def _checks_always(self, old: Frame) -> list[Check]:
        """What the actor may not even try."""
        shape = self._shape
        policy = self._place.policy(shape.object)
        gone = "NOT NULL" if shape.action != "restore" else "NULL"
        action: Literal["update", "delete"] = "update" if shape.action == "update" else "delete"
        return [
            Check("hidden", f'o."{_DELETED}" IS {gone}'),
            *scope_check(old, policy.rows["read"], "hidden"),
            *scope_check(old, policy.rows[action], "scope"),
            Check("stale", 'o."_seen" IS NOT NULL AND o."_seen" <> o.version'),
            Check("moved", 'o."_base" IS NOT NULL AND o."_base" <> o.version'),
        ]

    def _checks_if_changed(self, old: Frame, new: Frame) -> list[Check]:
        shape = self._shape
        if shape.action == "delete":
            return [lock_check(self._place, "o.id", None, self._parameters)]
        if shape.action == "restore":
            return unique_checks(new, numbered=_NUMBER)
        related = set(shape.keys) & set(related_keys(self._place, shape.object))
        return [
            *self._write_checks(old),
            lock_check(self._place, "o.id", "d.changed", self._parameters),
            *scope_check(new, self._place.policy(shape.object).rows["update"], "pushed_out"),
            *rule_checks(new),
            *relation_checks(new, related, changed="d.changed"),
            *unique_checks(new, shape.keys, numbered=_NUMBER),
            *lookup_checks(new, shape.keys),
        ]

    def _write_checks(self, old: Frame) -> list[Check]:
        writable = self._place.policy(self._shape.object).writable
        found = []
        for key in self._shape.keys:
            mask = writable.get(key, FALSE)
            if mask != TRUE:
                allowed = "FALSE" if mask == FALSE else f"({old.raw_sql(mask)})"
                found.append(Check(f"write:{key}", f"{key_literal(key)} = ANY(d.changed) AND {allowed} IS NOT TRUE"))
        return found

    def _changed(self) -> str:
        """The keys of the fields whose values really change, as ``text[]``."""
        parts = [
            f"CASE WHEN o.{quote_ident(column)} IS DISTINCT FROM n.{quote_ident(column)} THEN {key_literal(key)} END"
            for key, column in zip(self._shape.keys, self._columns, strict=True)
        ]
        return f"array_remove(ARRAY[{', '.join(parts)}]::text[], NULL)"

    def _before(self) -> str:
        """The old values; with them what of the system's own columns an earlier state needs."""
        system = "jsonb_build_object('version', o.version, 'changed_at', o.changed_at, 'changed_by', o.changed_by)"
        return f"{self._values('o')} || {system}"

    def _after(self) -> str:
        return self._values("n")

    def _values(self, alias: str) -> str:
        pairs = ", ".join(
            f"({key_literal(key)}, to_jsonb({alias}.{quote_ident(column)}))"
            for key, column in zip(self._shape.keys, self._columns, strict=True)
        )
        return (
            "coalesce((SELECT jsonb_object_agg(x.k, x.v) FROM (VALUES "
            f"{pairs}) AS x(k, v) WHERE x.k = ANY(d.changed)), '{{}}'::jsonb)"
        )

    def _assignments(self) -> str:
        columns = ["version", "changed_at", "changed_by", *self._columns]
        if self._shape.search:
            columns.append(SEARCH)
        return ", ".join(f"{quote_ident(each)} = w.{quote_ident(each)}" for each in columns)

    def _entries(self) -> str:
        named = self._parameters.named
        return (
            f"SELECT e.epoch, {named('at', 'timestamptz')} AS at, {key_literal(self._shape.object)} AS object,"
            f" w.id AS record_id, w.version, {key_literal(self._shape.action)} AS action,"
            f" {named('actor', 'uuid')} AS actor, {named('via', 'text')} AS via, {named('cause', 'text')} AS cause,"
            ' w."_before" AS before, w."_after" AS after FROM w CROSS JOIN e ORDER BY w."_n"'
        )
