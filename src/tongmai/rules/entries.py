"""A rule's condition at each entry of a log: the record as it was at the entry's own moment (law 4).

So the same entries give the same findings whenever they are read. Metrics are those of the last whole day before the
entry, as in all as-of reads: what they were at any minute of the past is not kept.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson
from sqlglot import exp

from tongmai.metrics import Asked, AskedRows, Binder, PastTables
from tongmai.model import Catalogue, Changed, Enters, Happens, RuleDef, companion_columns, metric_column
from tongmai.records import past_record
from tongmai.rules.episodes import Finding
from tongmai.rules.evaluating import RuleRows
from tongmai.rules.words import literal
from tongmai.store import Record, Workspace, quote_ident


@dataclass(frozen=True)
class _EntryTables(PastTables):
    """The record of each entry ``e`` at its moment; through relations, others at the same moment."""

    entries: str = ""
    version: str | None = None

    def rows(self, object_key: str) -> str:
        found = past_record(self.workspace, self.catalogue, object_key, self.moment, "e.record_id", self.version)
        return f"({self.entries}) AS e CROSS JOIN LATERAL {found}"


def entries_query(
    workspace: Workspace,
    catalogue: Catalogue,
    rule: RuleDef,
    entries: str,
    binder: Binder,
    *,
    by_version: bool = False,
) -> Asked:
    """Findings at each row of ``entries``, a SELECT that gives ``entry`` (bigint, their order), ``record_id``, ``at``,
    ``cause`` and, with ``by_version``, the record's ``version`` then. Its parameters are in ``binder``."""
    version = "e.version" if by_version else None
    tables = _EntryTables(workspace, catalogue, "e.at", entries=entries, version=version)
    moment = exp.column("at", table="e")
    told: dict[str, exp.Expression] = {
        "now": moment,
        "today": exp.cast(exp.AtTimeZone(this=moment, zone=exp.Literal.string(workspace.zone)), "date"),
    }

    def values(object_key: str, link: str) -> str:
        return _daily_values(workspace, catalogue, object_key, link)

    rows = AskedRows(workspace, catalogue, rule.object, tables, binder, values, told)
    found = RuleRows(rows, catalogue, rule, alive=not _asks_for_deletion(rule))
    return rows.asked(
        f"SELECT e.entry, e.at, e.cause, {found.columns} FROM {rows.source} WHERE {found.begins} ORDER BY e.entry"
    )


def read_entries(rows: Iterable[Record]) -> Iterator[Finding]:
    for row in rows:
        yield Finding(
            row["id"], row["at"], True, row["owner"], orjson.loads(row["seen"]), orjson.loads(row["told"]),
            row["entry"], row["cause"],
        )  # fmt: skip


def changes_of(workspace: Workspace, rule: RuleDef, binder: Binder) -> str:
    """The sealed entries of the change log that a rule on changes hears of, behind ``($after, $after_seq)`` up to
    ``($upto, $upto_seq)`` (epoch, seq), no earlier than ``$since``."""
    after, upto = binder("after", "bigint"), binder("upto", "bigint")
    return _changes(
        workspace,
        rule,
        f"(h.epoch, h.seq) > ({after}, {binder('after_seq', 'bigint')}) AND h.epoch >= {after}"
        f" AND (h.epoch, h.seq) <= ({upto}, {binder('upto_seq', 'bigint')}) AND h.epoch <= {upto}"
        f" AND h.at >= {binder('since', 'timestamptz')}",
    )


def changes_between(workspace: Workspace, rule: RuleDef, binder: Binder) -> str:
    """The same by their moments: after ``$from``, up to ``$to``. What a replay hears of."""
    return _changes(
        workspace, rule, f"h.at > {binder('from', 'timestamptz')} AND h.at <= {binder('to', 'timestamptz')}"
    )


def _changes(workspace: Workspace, rule: RuleDef, within: str) -> str:
    assert isinstance(rule.when, Changed)
    actions = ", ".join(literal(each) for each in sorted(rule.when.actions))
    fields = ""
    if rule.when.fields:
        keys = ", ".join(literal(key) for key in rule.when.fields)
        # A deletion or its undoing gives no field a value, and is asked for by its name.
        fields = f" AND (h.action NOT IN ('create', 'update') OR h.after ?| ARRAY[{keys}])"
    return (
        "SELECT h.seq AS entry, h.record_id, h.at, h.cause, h.version"
        f" FROM {workspace.quoted_schema}._history AS h WHERE {within}"
        f" AND h.object = {literal(rule.object)} AND h.action IN ({actions}){fields}"
    )


def moves_of(workspace: Workspace, rule: RuleDef, within: str) -> str:
    """Entries into the classes that a rule hears of; ``within`` (SQL over ``m``) tells which."""
    assert isinstance(rule.when, Enters)
    classes = ", ".join(literal(key) for key in rule.when.classes)
    which = f"m.to_class IN ({classes})" if classes else "m.to_class IS NOT NULL"
    return (
        f"SELECT m.id AS entry, m.record_id, m.at, ({move_cause(workspace)}) AS cause"
        f" FROM {workspace.quoted_schema}._segment_move AS m"
        f" WHERE m.segment = {literal(rule.when.segment)} AND {which} AND {within}"
    )


def move_cause(workspace: Workspace) -> str:
    """The cause of a move ``m``: of the change a moment before it, so that a chain of rules is seen through classes."""
    return (
        f"SELECT h.cause FROM {workspace.quoted_schema}._history AS h WHERE h.record_id = m.record_id"
        " AND h.at <= m.at AND h.at > m.at - interval '1 minute' ORDER BY h.version DESC LIMIT 1"
    )


def events_of(workspace: Workspace, rule: RuleDef, within: str) -> str:
    """Named events that a rule hears of; ``within`` (SQL over ``v``) tells which."""
    assert isinstance(rule.when, Happens)
    return (
        f"SELECT v.id AS entry, v.record_id, v.at, v.cause FROM {workspace.quoted_schema}._event AS v"
        f" WHERE v.event = {literal(rule.when.event)} AND v.object = {literal(rule.object)} AND {within}"
    )


def _asks_for_deletion(rule: RuleDef) -> bool:
    return isinstance(rule.when, Changed) and "delete" in rule.when.actions


def _daily_values(workspace: Workspace, catalogue: Catalogue, object_key: str, link: str) -> str:
    """The companion's columns of the record ``link`` as they were kept for the last whole day before the entry."""
    kept = (
        f"SELECT DISTINCT ON (d.metric) d.metric, d.value FROM {workspace.quoted_schema}._metric_day AS d"
        f" WHERE d.object = {literal(object_key)} AND d.record_id = {link}"
        f" AND d.day < (e.at AT TIME ZONE {literal(workspace.zone)})::date ORDER BY d.metric, d.day DESC"
    )
    columns = [
        f"(max(k.value) FILTER (WHERE k.metric = {literal(field)}))::{kind} AS {quote_ident(name)}"
        for metric in catalogue.metrics
        if metric.object == object_key
        for name, kind in companion_columns(metric).items()
        for field in [metric.key if name == metric_column(metric) else name]
    ]
    listed = "".join(f", {each}" for each in columns)
    return f"LATERAL (SELECT {link} AS record_id{listed} FROM ({kept}) AS k)"
