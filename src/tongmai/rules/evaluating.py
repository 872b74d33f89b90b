"""A rule's condition as set queries: live, for a moment of the past, and at each entry of a log (laws 3 and 4).

Each answers rows that ``read_findings`` reads: who it holds for, the values it read, and in the same query every text,
value and person that the actions need, so that what is done later is what was seen then.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import orjson

from tongmai.formula import BOOLEAN, Call, Tree, to_text
from tongmai.metrics import Asked, AskedRows, Binder, Tables
from tongmai.model import Becomes, Catalogue, RuleDef, wants_of
from tongmai.rules.episodes import Finding
from tongmai.store import Record, Workspace

TablesMaker = Callable[[Binder], Tables]
"""Makes the tables of another engine for statements that bind their parameters by the binder."""


def standing_query(
    workspace: Workspace,
    catalogue: Catalogue,
    rule: RuleDef,
    tables: TablesMaker | None = None,
) -> Asked:
    """All records for which the condition held at ``$as_of``, from the rows of that moment; with ``leave_when`` also
    those of ``$open`` that did not leave yet."""
    return _standing(AskedRows.past(workspace, catalogue, rule.object, tables), catalogue, rule)


def present_query(workspace: Workspace, catalogue: Catalogue, rule: RuleDef) -> Asked:
    """The same of the rows as they are now."""
    return _standing(AskedRows.present(workspace, catalogue, rule.object), catalogue, rule)


def turning_query(workspace: Workspace, catalogue: Catalogue, rule: RuleDef, *, chosen: bool) -> Asked:
    """Of the rows as they are now only those that turn: records for which the condition holds and that are in no open
    episode, and (``begins`` NULL) those whose episode ends. With ``chosen`` only of the records ``$subjects``."""
    rows = AskedRows.present(workspace, catalogue, rule.object)
    found = RuleRows(rows, catalogue, rule)
    episodes = (
        f"SELECT p.record_id FROM {workspace.quoted_schema}._episode AS p"
        f" WHERE p.rule = {rows.binder('rule', 'text')} AND p.ended_at IS NULL"
    )
    some = f" = ANY({rows.binder('subjects', 'uuid[]')})" if chosen else None
    open_ = episodes if some is None else f"{episodes} AND p.record_id{some}"
    among = "" if some is None else f" AND o.id{some}"
    return rows.asked(
        f"SELECT {found.columns} FROM {rows.source} WHERE {found.begins}{among}"
        f" AND NOT EXISTS ({episodes} AND p.record_id = o.id)"
        f" UNION ALL SELECT e.record_id, NULL, NULL, '{{}}', '{{}}' FROM ({open_}) AS e WHERE NOT EXISTS"
        f" (SELECT FROM {rows.source} WHERE o.id = e.record_id AND {found.lasts})"
    )


def one_query(workspace: Workspace, catalogue: Catalogue, rule: RuleDef) -> Asked:
    """The record ``$id`` as it is now, whether or not the condition holds: ``id, owner, seen, parts`` where ``parts``
    tells of each part of the condition, as text, whether it holds."""
    rows = AskedRows.present(workspace, catalogue, rule.object)
    parts: dict[str, str] = {}
    for name, tree in condition_parts(rows, rule):
        rows.show(tree)
        parts[name] = rows.sql(tree)
    listed = ", ".join(f"({value}) IS TRUE" for value in parts.values()) or "NULL::boolean"
    columns = f"o.id, o.owner, o.deleted_at IS NOT NULL AS deleted, {rows.seen} AS seen, ARRAY[{listed}] AS parts"
    return rows.asked(f"SELECT {columns} FROM {rows.source} WHERE o.id = {rows.binder('id', 'uuid')}")


def condition_parts(rows: AskedRows, rule: RuleDef) -> list[tuple[str, Tree]]:
    """The condition's parts that are joined by AND, each with its text; then ``leave_when``."""
    found: list[tuple[str, Tree]] = []
    if rule.if_ is not None:
        tree = rows.tree(rule.if_, BOOLEAN)
        parts = tree.args if isinstance(tree, Call) and tree.function == "and" else (tree,)
        found += [(to_text(part, rows.scope), part) for part in parts]
    if isinstance(rule.when, Becomes) and rule.when.leave_when is not None:
        found.append((rule.when.leave_when, rows.tree(rule.when.leave_when, BOOLEAN)))
    return found


def read_findings(rows: Iterable[Record], at: datetime) -> Iterator[Finding]:
    """Rows of the queries above (but ``one_query``) as findings at ``at``; rows that end an episode are no finding."""
    for row in rows:
        if row["begins"] is not None:
            yield Finding(
                row["id"], at, row["begins"], row["owner"], orjson.loads(row["seen"]), orjson.loads(row["told"])
            )


def _standing(rows: AskedRows, catalogue: Catalogue, rule: RuleDef) -> Asked:
    found = RuleRows(rows, catalogue, rule)
    where = found.begins
    if found.has_leave:
        where = f"{found.lasts} AND ({found.begins} OR o.id = ANY({rows.binder('open', 'uuid[]')}))"
    return rows.asked(f"SELECT {found.columns} FROM {rows.source} WHERE {where}")


class RuleRows:
    """The conditions and columns of a rule over asked rows; deleted records fulfil none unless ``alive`` says so."""

    def __init__(self, rows: AskedRows, catalogue: Catalogue, rule: RuleDef, *, alive: bool = True) -> None:
        there = "o.deleted_at IS NULL" if alive else "TRUE"
        holds = there if rule.if_ is None else f"{there} AND ({rows.condition(rule.if_, filters=True)})"
        leave = rule.when.leave_when if isinstance(rule.when, Becomes) else None
        self.has_leave = leave is not None
        if leave is None:
            self.begins = self.lasts = holds
        else:
            stays = f"NOT ({rows.condition(leave)})"
            self.begins, self.lasts = f"{holds} AND {stays}", f"{there} AND {stays}"
        told = {name: (rows.sql(tree), tree.type) for name, tree in wants_of(catalogue, rule, rows.scope)}
        self.columns = (
            f"o.id AS id, o.owner AS owner, ({self.begins}) IS TRUE AS begins, {rows.seen} AS seen,"
            f" {rows.document(told)} AS told"
        )
