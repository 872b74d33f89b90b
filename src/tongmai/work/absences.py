"""Out of office: who is away from when to when, and who stands in."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tongmai.kit import Invalid, NotFound, Text, new_id
from tongmai.store import ReadTx, Workspace, WriteTx
from tongmai.work.runtime import Runtime

MOST_ABSENCES = 200
MOST_SHOWN = 2_000
# Stand-ins may be away as well; nobody is passed on farther than this.
_LONGEST_CHAIN = 5
_FARTHEST = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class Absence:
    """Away in ``[from_at, to_at)``. Without a stand-in what comes waits for the person."""

    id: UUID
    person: UUID
    from_at: datetime
    to_at: datetime
    stand_in: UUID | None
    reason: str | None


async def stand_ins(tx: ReadTx, workspace: Workspace, people: Collection[UUID], now: datetime) -> dict[UUID, UUID]:
    """Who is to be turned to instead, for those of ``people`` who are away and have an active stand-in.

    Follows stand-ins who are away themselves; a ring of them leads nowhere, and the person himself stays.
    """
    found: dict[UUID, UUID] = {}
    asked, wanted = dict[UUID, UUID](), set(people)
    for _ in range(_LONGEST_CHAIN):
        if not wanted:
            break
        step = await _away(tx, workspace, wanted, now)
        asked |= step
        wanted = set(step.values()) - asked.keys()
    for person in people:
        last, seen = person, {person}
        while (following := asked.get(last)) is not None:
            if following in seen:
                last = person
                break
            seen.add(following)
            last = following
        if last != person:
            found[person] = last
    return found


async def _away(tx: ReadTx, workspace: Workspace, people: Collection[UUID], now: datetime) -> Mapping[UUID, UUID]:
    schema = workspace.quoted_schema
    rows = await tx.fetch(
        f"SELECT DISTINCT ON (a.person) a.person, a.stand_in FROM {schema}._absence AS a"
        f" JOIN {schema}.person AS p ON p.id = a.stand_in AND p.active IS NOT FALSE AND p.deleted_at IS NULL"
        " WHERE a.person = ANY($1) AND a.from_at <= $2 AND a.to_at > $2 ORDER BY a.person, a.from_at DESC",
        list(people),
        now,
    )
    return {row["person"]: row["stand_in"] for row in rows}


class Absences:
    """A person's own absences; who leads him or manages people may keep them too (callers see to it)."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def of(self, workspace: Workspace, person: UUID) -> list[Absence]:
        """Those under way and to come, the next first."""
        async with self._runtime.database.read() as tx:
            rows = await tx.fetch(
                f"SELECT id, person, from_at, to_at, stand_in, reason FROM {workspace.quoted_schema}._absence"
                " WHERE person = $1 AND to_at > $2 ORDER BY from_at, id",
                person,
                self._runtime.now(),
            )
        return [Absence(**dict(row)) for row in rows]

    async def all(self, workspace: Workspace) -> list[Absence]:
        """Everybody's, under way and to come, the next first; the first ``MOST_SHOWN``."""
        async with self._runtime.database.read() as tx:
            rows = await tx.fetch(
                f"SELECT id, person, from_at, to_at, stand_in, reason FROM {workspace.quoted_schema}._absence"
                " WHERE to_at > $1 ORDER BY from_at, id LIMIT $2",
                self._runtime.now(),
                MOST_SHOWN,
            )
        return [Absence(**dict(row)) for row in rows]

    async def add(
        self,
        workspace: Workspace,
        person: UUID,
        from_at: datetime,
        to_at: datetime,
        stand_in: UUID | None = None,
        reason: str | None = None,
    ) -> Absence:
        """Raises ``Invalid`` for a span that ends before it begins or is over, for oneself or nobody as stand-in,
        ``NotFound`` for a person who is not there."""
        _check_span(from_at, to_at, self._runtime.now())
        if stand_in == person:
            raise Invalid.of(
                "absence.oneself",
                "不能由本人代理",
                "One cannot stand in for oneself",
                field="stand_in",
                way_out=Text("请选择另一位同事", "Choose a colleague"),
            )
        added = Absence(new_id(self._runtime.clock), person, from_at, to_at, stand_in, reason)
        async with self._runtime.database.write() as tx:
            await self._check_person(tx, workspace, person)
            await self._check_stand_in(tx, workspace, stand_in)
            await self._check_count(tx, workspace, person)
            await tx.execute(
                f"INSERT INTO {workspace.quoted_schema}._absence (id, person, from_at, to_at, stand_in, reason)"
                " VALUES ($1, $2, $3, $4, $5, $6)",
                added.id, person, from_at, to_at, stand_in, reason,
            )  # fmt: skip
        return added

    async def end(self, workspace: Workspace, person: UUID, absence: UUID) -> None:
        """Takes an absence back, or ends one under way. Raises ``NotFound``."""
        async with self._runtime.database.write() as tx:
            removed = await tx.execute(
                f"DELETE FROM {workspace.quoted_schema}._absence WHERE id = $1 AND person = $2", absence, person
            )
        if not removed:
            raise NotFound.of("absence.unknown", "没有这次外出", "There is no such absence")

    async def _check_person(self, tx: WriteTx, workspace: Workspace, person: UUID) -> None:
        there = await tx.fetch_value(
            f"SELECT TRUE FROM {workspace.quoted_schema}.person WHERE id = $1 AND deleted_at IS NULL", person
        )
        if not there:
            raise NotFound.of(
                "absence.person",
                "没有这个人",
                "There is no such person",
                way_out=Text("请从人员中选择", "Choose one of the people"),
            )

    async def _check_stand_in(self, tx: WriteTx, workspace: Workspace, stand_in: UUID | None) -> None:
        if stand_in is None:
            return
        active = await tx.fetch_value(
            f"SELECT active IS NOT FALSE AND deleted_at IS NULL FROM {workspace.quoted_schema}.person WHERE id = $1",
            stand_in,
        )
        if not active:
            raise Invalid.of(
                "absence.stand_in",
                "代理人不存在或已停用",
                "The stand-in is not there or not active",
                way_out=Text("请选择在职人员", "Choose an active person"),
                field="stand_in",
            )

    async def _check_count(self, tx: WriteTx, workspace: Workspace, person: UUID) -> None:
        there = await tx.fetch_value(
            f"SELECT count(*) FROM {workspace.quoted_schema}._absence WHERE person = $1 AND to_at > $2",
            person,
            self._runtime.now(),
        )
        if there >= MOST_ABSENCES:
            raise Invalid.of(
                "absence.too_many",
                f"最多 {MOST_ABSENCES} 次外出",
                f"At most {MOST_ABSENCES} absences are kept",
                way_out=Text("请先删除过去的外出", "Remove past ones first"),
            )


def _check_span(from_at: datetime, to_at: datetime, now: datetime) -> None:
    if to_at <= from_at:
        raise Invalid.of(
            "absence.span",
            "结束时间须晚于开始时间",
            "It must end after it begins",
            field="to_at",
            way_out=Text("请把结束时间改到开始之后", "Let it end after it begins"),
        )
    if from_at < now - _FARTHEST or to_at > now + _FARTHEST:
        raise Invalid.of(
            "absence.far",
            "须在前后两年之内",
            "It must be within two years from now",
            field="from_at",
            way_out=Text("请改短，届时再登记", "Make it shorter, and tell of the rest later"),
        )
    if to_at <= now:
        raise Invalid.of(
            "absence.past",
            "结束时间已过",
            "It is over already",
            field="to_at",
            way_out=Text("请把结束时间改到将来", "Let it end in the future"),
        )
