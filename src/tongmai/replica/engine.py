"""Which engine answers a question, and why; DuckDB's answers.

The replica is taken where there is much to look through and it is as fresh as was asked for: by default that means
that nothing at all was written since. Anything in doubt is PostgreSQL's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta

import duckdb

from tongmai.formula import Call, Kind, Tree, paths_of, walk
from tongmai.kit import Settings, Text
from tongmai.model import ComputedField, FieldDef
from tongmai.records import Aggregation, Declined, Question, Reply
from tongmai.replica.aggregating import aggregation_sql
from tongmai.replica.answering import json_rows
from tongmai.replica.manifest import Anchor, Damaged, Manifest
from tongmai.replica.reader import ReplicaReader
from tongmai.replica.replica import Replica
from tongmai.replica.source import newest_entry
from tongmai.store import Database, Workspace

ENGINE = "duckdb"
_COMPARED = frozenset({"<", "<=", ">", ">=", "BETWEEN"})


class ReplicaEngine:
    """The gateway's second engine. ``find`` gives the replica of a workspace, if this process keeps one."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        find: Callable[[Workspace], Replica | None],
        *,
        fewest_rows: int | None = None,
    ) -> None:
        self._database = database
        self._timeout = settings.statement_timeout_s
        self._find = find
        # Below, PostgreSQL answers in some milliseconds, and is never behind.
        self._fewest_rows = settings.replica_fewest_rows if fewest_rows is None else fewest_rows
        # Each has all threads and its share of memory.
        self._turn = asyncio.Semaphore(settings.replica_queries)

    async def answer(self, question: Question) -> Reply | Declined:
        replica = self._find(question.place.workspace)
        if replica is None:
            return Declined(Text("该工作区没有列式副本", "The workspace has no columnar replica"))
        try:
            # Reads new files through; what the lease then does takes no time.
            await asyncio.to_thread(replica.shelf.present)
            with replica.shelf.lease() as manifest:
                return await self._by_manifest(question, replica, manifest)
        except Damaged as damage:
            return Declined(Text(damage.sentence("zh"), damage.sentence("en")))

    async def _by_manifest(self, question: Question, replica: Replica, manifest: Manifest) -> Reply | Declined:
        files = manifest.objects.get(question.asked.object)
        rows = None if files is None else files.rows
        why_not = self._unfit(question, manifest, rows)
        if why_not is not None:
            return Declined(why_not, rows)
        newest = await self._newest(question, manifest)
        fresh = _freshness(question, manifest, newest)
        if fresh is None:
            return Declined(
                Text(
                    f"副本截至第 {manifest.epoch} 段，此后已有新的变更",
                    f"The replica is true at epoch {manifest.epoch}, and more was written since",
                ),
                rows,
            )
        assert rows is not None
        return await self._asked_of_duck(question, replica, manifest, fresh, rows)

    def _unfit(self, question: Question, manifest: Manifest, rows: int | None) -> Text | None:
        if manifest.catalogue_version != question.place.structure.catalogue.version or rows is None:
            return Text("副本尚未跟上模型的修改", "The replica has not followed the last change of the model yet")
        if rows < self._fewest_rows and not question.insisted:
            return Text(
                f"约 {rows} 条记录，少于 {self._fewest_rows} 条时 PostgreSQL 更快",
                f"About {rows} records: below {self._fewest_rows} PostgreSQL is quicker",
            )
        if any(isinstance(field, ComputedField) for field in _fields_read(question)):
            return Text("指标和分层存放在 PostgreSQL", "Metrics and segments are kept in PostgreSQL")
        if any(self._has_number_as_title(question, group.labelled) for group in question.asked.groups):
            return Text("标题是数字，只有 PostgreSQL 按原样写出", "A title is a number, written as it was given")
        if not manifest.ordered_by_bytes and orders_texts(question.asked):
            return Text("数据库的文字排序规则与副本不同", "The database orders texts by another rule than the replica")
        return None

    def _has_number_as_title(self, question: Question, labelled: str | None) -> bool:
        structure = question.place.structure
        key = None if labelled is None else structure.definition(labelled).title
        if labelled is None or key is None or key not in structure.fields(labelled):
            return False
        return structure.type_of(labelled, key).kind in {Kind.NUMBER, Kind.DURATION}

    async def _newest(self, question: Question, manifest: Manifest) -> Anchor | None:
        async with self._database.read() as tx:
            return await newest_entry(tx, question.place.workspace)

    async def _asked_of_duck(
        self, question: Question, replica: Replica, manifest: Manifest, fresh: Text, rows: int
    ) -> Reply | Declined:
        reader = ReplicaReader(question.place, question.now, manifest, replica.shelf)
        sql = aggregation_sql(reader, question.asked, question.limit)

        def work(session: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
            return session.execute(sql, reader.bindings.values).fetchall()

        try:
            async with self._turn:
                found = await asyncio.wait_for(replica.duck.run(work), self._timeout)
        except TimeoutError:
            return Declined(Text("DuckDB 用时过长", "DuckDB took too long"), rows)
        except duckdb.Error:
            # A sum beyond 38 digits, or a file that went: PostgreSQL answers, or says what is wrong in its words.
            return Declined(Text("DuckDB 无法计算该查询", "DuckDB could not work the query out"), rows)
        body = await asyncio.to_thread(json_rows, question.asked, found[: question.limit])
        why = Text(f"约 {rows} 条记录；{fresh.zh}", f"About {rows} records; {fresh.en}")
        return Reply(body, len(found) <= question.limit, ENGINE, manifest.epoch, why, rows)


def _freshness(question: Question, manifest: Manifest, newest: Anchor | None) -> Text | None:
    """Why the replica is fresh enough; None if it is not."""
    if newest == manifest.anchor:
        return Text("副本与数据库完全一致", "the replica has everything that was written")
    if question.at_least is not None and manifest.epoch >= question.at_least:
        return Text(
            f"副本截至第 {manifest.epoch} 段，已满足要求", f"the replica is true at epoch {manifest.epoch}, as asked"
        )
    if question.max_age_s is not None and question.now - manifest.at <= timedelta(seconds=question.max_age_s):
        return Text("副本在允许的时差之内", "the replica is as recent as was asked for")
    return None


def _fields_read(question: Question) -> Iterator[FieldDef]:
    """The fields at the ends of all paths that a question reads."""
    structure, asked = question.place.structure, question.asked
    trees = [asked.filter, *(tree for each in asked.measures for tree in (each.of, each.where) if tree is not None)]
    paths = [*(group.path for group in asked.groups), *(path for tree in trees for path in paths_of(tree))]
    for path in paths:
        owner = structure.target_at(asked.object, path[:-1])
        if owner is not None:
            yield structure.fields(owner)[path[-1]]


def orders_texts(asked: Aggregation) -> bool:
    """Whether the outcome depends on which of two texts is the greater."""
    if any(group.labelled or group.type.kind is Kind.TEXT for group in asked.groups):
        return True
    if any(each.function in {"min", "max"} and each.type.kind is Kind.TEXT for each in asked.measures):
        return True
    trees = [asked.filter, asked.having, *(tree for each in asked.measures for tree in (each.of, each.where))]
    return any(_compares_texts(tree) for tree in trees if tree is not None)


def _compares_texts(tree: Tree) -> bool:
    return any(
        isinstance(node, Call) and node.function in _COMPARED and node.args[0].type.kind is Kind.TEXT
        for node in walk(tree)
    )
