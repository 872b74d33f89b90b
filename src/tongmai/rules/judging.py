"""A rule's condition at each entry of a log: the record as it was at the entry's own moment (law 4).

So the same entries give the same findings whenever they are read. Metrics are worked out from the record's own rows as
they were at that moment (``metrics.EntryValues``), classes are those of then.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlglot import exp

from tongmai.metrics import FORMER_SINCE, AskedRows, Binder, EntryValues, Era, PastTables, Statement
from tongmai.model import Catalogue, Changed, ObjectScope, RuleDef
from tongmai.records import past_record
from tongmai.rules.episodes import Finding
from tongmai.rules.evaluating import RuleRows
from tongmai.rules.measures import metrics_of, trees_of
from tongmai.store import ReadTx, Record, Workspace, quote_ident

# So many entries are judged by one statement; fewer where for each of them rows of other objects are read.
_AT_ONCE, _AT_ONCE_WITH_METRICS = 2_000, 200
# The clocks of several machines differ by less.
_SKEW = timedelta(minutes=1)
_COLUMNS = {"entry": "bigint", "record_id": "uuid", "at": "timestamptz", "cause": "text"}


async def judged(
    tx: ReadTx,
    workspace: Workspace,
    catalogue: Catalogue,
    rule: RuleDef,
    entries: Statement,
    given: Mapping[str, object],
) -> list[Finding]:
    """Findings at each row of ``entries``, a SELECT that gives ``entry`` (bigint, their order), ``record_id``, ``at``,
    ``cause`` and, for a rule on changes, the record's ``version`` then."""
    heard = await tx.fetch(f"SELECT x.* FROM ({entries.sql}) AS x ORDER BY x.entry", *entries.arguments(given))
    if not heard:
        return []
    query, found = _Query(workspace, catalogue, rule), list[Finding]()
    for start in range(0, len(heard), query.at_once):
        found += await query.findings(tx, heard[start : start + query.at_once])
    return found


class _Query:
    """The statement that judges entries given as arrays."""

    def __init__(self, workspace: Workspace, catalogue: Catalogue, rule: RuleDef) -> None:
        self._workspace = workspace
        self._catalogue = catalogue
        self._binder = Binder()
        self._by_version = isinstance(rule.when, Changed)
        trees = trees_of(catalogue, rule, ObjectScope(catalogue, rule.object))
        metrics = metrics_of(catalogue, rule.object, trees)
        self.at_once = _AT_ONCE_WITH_METRICS if metrics else _AT_ONCE
        self._values = EntryValues(workspace, catalogue, metrics, self._binder)
        self._asked = self._made(rule)

    async def findings(self, tx: ReadTx, heard: Sequence[Record]) -> list[Finding]:
        given: dict[str, object] = {f"entry.{name}": [row[name] for row in heard] for name in self._columns}
        eras = [Era(row["at"], self._workspace.zone, self._catalogue.calendar.working) for row in heard]
        edges = [self._values.given(era) for era in eras]
        given |= {name: [each[name] for each in edges] for name in self._values.edges}
        earliest = min(row["at"] for row in heard)
        if FORMER_SINCE in self._asked.names:
            given[FORMER_SINCE] = await self._sealed_before(tx, earliest)
        return list(_read(await tx.fetch(self._asked.sql, *self._asked.arguments(given))))

    def _made(self, rule: RuleDef) -> Statement:
        version = "e.version" if self._by_version else None
        tables = _EntryTables(self._workspace, self._catalogue, "e.at", version=version)
        moment = exp.column("at", table="e")
        told: dict[str, exp.Expression] = {
            "now": moment,
            "today": exp.cast(exp.AtTimeZone(this=moment, zone=exp.Literal.string(self._workspace.zone)), "date"),
        }
        rows = AskedRows(
            self._workspace, self._catalogue, rule.object, tables, self._binder, self._values.item, told
        )  # fmt: skip
        found = RuleRows(rows, self._catalogue, rule, alive=not _asks_for_deletion(rule))
        selected = (
            f"SELECT e.entry, e.at, e.cause, {found.columns} FROM {rows.source} WHERE {found.begins} ORDER BY e.entry"
        )
        columns = self._columns | self._values.edges
        arrays = [self._binder(f"entry.{name}", f"{kind}[]") for name, kind in self._columns.items()]
        arrays += [self._binder(name, f"{kind}[]") for name, kind in self._values.edges.items()]
        names = ", ".join(quote_ident(name) for name in columns)
        former = self._values.former
        ctes = [f"_entry AS MATERIALIZED (SELECT * FROM unnest({', '.join(arrays)}) AS x({names}))", *former]
        return self._binder.statement(f"WITH {', '.join(ctes)} {selected}")

    @property
    def _columns(self) -> dict[str, str]:
        return _COLUMNS | {"version": "integer"} if self._by_version else _COLUMNS

    async def _sealed_before(self, tx: ReadTx, moment: datetime) -> int:
        """The last epoch that was sealed before: what happened since lies in later ones."""
        return int(
            await tx.fetch_value(
                f"SELECT coalesce(max(epoch), 0) FROM {self._workspace.quoted_schema}._block WHERE sealed_at < $1",
                moment - _SKEW,
            )
        )


@dataclass(frozen=True)
class _EntryTables(PastTables):
    """The record of each entry ``e`` at its moment; through relations, others at the same moment."""

    version: str | None = None

    def rows(self, object_key: str) -> str:
        found = past_record(self.workspace, self.catalogue, object_key, self.moment, "e.record_id", self.version)
        return f"_entry AS e CROSS JOIN LATERAL {found}"


def _read(rows: Iterable[Record]) -> Iterator[Finding]:
    for row in rows:
        yield Finding(
            row["id"], row["at"], True, row["owner"], orjson.loads(row["seen"]), orjson.loads(row["told"]),
            row["entry"], row["cause"],
        )  # fmt: skip


def _asks_for_deletion(rule: RuleDef) -> bool:
    return isinstance(rule.when, Changed) and "delete" in rule.when.actions
