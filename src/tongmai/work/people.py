"""Whom a rule or a task means: from ``Who`` and a record to active people, with those who stand in for the absent.

``superior`` is who leads the owner's team; for a leader, or where nobody leads it, who leads the team above, and so on
up. ``role:<key>`` are those with the role nearest above the record: in the owner's team, else in the team above, and so
on up; where there is none on that way, all who have the role.
"""

# ruff: noqa: S608 - names come from quote_ident, values are bound

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from tongmai.kit import Invalid
from tongmai.model import PERSON, Catalogue, ObjectScope, Who
from tongmai.store import ReadTx, Workspace, quote_ident
from tongmai.work.absences import stand_ins
from tongmai.work.runtime import Runtime

_Found = Mapping[UUID, Sequence[UUID]]
# So high is no tree of teams; a ring that was made by hand ends here.
_HIGHEST = 50

_UP = """
WITH RECURSIVE asked AS (
    SELECT o.id AS record, o.owner, p.team FROM {table} AS o LEFT JOIN {schema}.person AS p ON p.id = o.owner
    WHERE o.id = ANY($1)
), up AS (
    SELECT record, owner, team, 0 AS height FROM asked WHERE team IS NOT NULL
    UNION ALL
    SELECT up.record, up.owner, t.parent, up.height + 1 FROM up JOIN {schema}.team AS t ON t.id = up.team
    WHERE t.parent IS NOT NULL AND up.height < {highest}
)
"""
_ABOVE = """
WITH RECURSIVE up AS (
    SELECT team, 0 AS height FROM {schema}.person WHERE id = $1 AND deleted_at IS NULL AND team IS NOT NULL
    UNION ALL
    SELECT t.parent, up.height + 1 FROM up JOIN {schema}.team AS t ON t.id = up.team
    WHERE t.parent IS NOT NULL AND up.height < {highest}
)
SELECT EXISTS (SELECT FROM up JOIN {schema}.team AS t ON t.id = up.team AND t.deleted_at IS NULL AND t.lead = $2)
"""
_ACTIVE = "p.active IS NOT FALSE AND p.deleted_at IS NULL"


class People:
    """Answers are in the order of ``who``, nobody twice."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def resolve(
        self, workspace: Workspace, who: Sequence[Who], object_key: str, record_id: UUID, *, tx: ReadTx | None = None
    ) -> tuple[UUID, ...]:
        """The people meant as seen from one record; see ``resolve_many``."""
        return (await self.resolve_many(workspace, who, object_key, [record_id], tx=tx))[record_id]

    async def resolve_many(
        self,
        workspace: Workspace,
        who: Sequence[Who],
        object_key: str,
        record_ids: Iterable[UUID],
        *,
        tx: ReadTx | None = None,
    ) -> dict[UUID, tuple[UUID, ...]]:
        """For each record the people meant, in one statement a kind of ``Who``.

        Those who left are passed over; where nobody is left the superiors stand for them, so that nothing gets lost
        with a leaver. Raises ``Invalid`` for a path that leads to no person.
        """
        ids = list(dict.fromkeys(record_ids))
        if tx is None:
            async with self._runtime.database.read() as own:
                return await self._resolve(own, workspace, who, object_key, ids)
        return await self._resolve(tx, workspace, who, object_key, ids)

    async def is_led_by(self, workspace: Workspace, person: UUID, leader: UUID) -> bool:
        """Whether the leader leads the person's team or one above it; nobody leads himself."""
        if person == leader:
            return False
        async with self._runtime.database.read() as tx:
            return bool(
                await tx.fetch_value(_ABOVE.format(schema=workspace.quoted_schema, highest=_HIGHEST), person, leader)
            )

    async def _resolve(
        self, tx: ReadTx, workspace: Workspace, who: Sequence[Who], object_key: str, ids: list[UUID]
    ) -> dict[UUID, tuple[UUID, ...]]:
        catalogue = await self._runtime.catalogues.get(workspace)
        finder = _Finder(tx, workspace, catalogue, object_key, ids)
        found: defaultdict[UUID, dict[UUID, None]] = defaultdict(dict)
        for each in dict.fromkeys(who):
            for record, people in (await finder.find(each)).items():
                found[record] |= dict.fromkeys(people)
        left = [each for each in ids if not found[each]]
        if left and who:
            for record, people in (await finder.superiors()).items():
                if record in left:
                    found[record] |= dict.fromkeys(people)
        everybody = {person for people in found.values() for person in people}
        instead = await stand_ins(tx, workspace, everybody, self._runtime.now())
        return {each: tuple(dict.fromkeys(instead.get(person, person) for person in found[each])) for each in ids}


class _Finder:
    """The statements for some records of one object."""

    def __init__(
        self, tx: ReadTx, workspace: Workspace, catalogue: Catalogue, object_key: str, ids: list[UUID]
    ) -> None:
        if object_key not in catalogue.object_by_key:
            raise Invalid.of("who.object", f"没有对象“{object_key}”", f"There is no object “{object_key}”")
        self._tx = tx
        self._schema = workspace.quoted_schema
        self._catalogue = catalogue
        self._object = object_key
        self._ids = ids

    async def find(self, who: Who) -> _Found:
        word, _, rest = who.partition(":")
        if word == "role":
            return await self._with_role(rest)
        if word == "superior":
            return await self.superiors()
        return await self._at_path(tuple(rest.split(".")) if rest else ("owner",))

    async def superiors(self) -> _Found:
        return await self._fetch(
            f"{self._up()} SELECT DISTINCT ON (up.record) up.record, t.lead AS person FROM up"
            f" JOIN {self._schema}.team AS t ON t.id = up.team AND t.deleted_at IS NULL"
            f" JOIN {self._schema}.person AS p ON p.id = t.lead AND {_ACTIVE}"
            " WHERE t.lead IS DISTINCT FROM up.owner ORDER BY up.record, up.height"
        )

    async def _with_role(self, role: str) -> _Found:
        near = await self._fetch(
            f"{self._up()}, near AS (SELECT up.record, p.id AS person, up.height, min(up.height) OVER"
            f" (PARTITION BY up.record) AS least FROM up JOIN {self._schema}.person AS p ON p.team = up.team"
            f" AND $2 = ANY(p.roles) AND {_ACTIVE}) SELECT record, person FROM near WHERE height = least"
            " ORDER BY record, person",
            role,
        )
        if len(near) == len(self._ids):
            return near
        rows = await self._tx.fetch(
            f"SELECT p.id FROM {self._schema}.person AS p WHERE $1 = ANY(p.roles) AND {_ACTIVE} ORDER BY p.id", role
        )
        everybody = [row["id"] for row in rows]
        return {each: near.get(each, everybody) for each in self._ids}

    async def _at_path(self, path: tuple[str, ...]) -> _Found:
        """The people that a path of relations leads to, the last of them possibly to several."""
        scope = ObjectScope(self._catalogue, self._object, metrics=False)
        joins, alias = [], "o"
        for number, hop in enumerate(path[:-1], 1):
            further = scope.through(hop)
            if further is None or scope.bound(hop).is_many:
                raise _no_person(path)
            column = quote_ident(scope.bound(hop).definition.column_name)
            table = f"{self._schema}.{quote_ident(further.object_key)}"
            joins.append(f" JOIN {table} AS o{number} ON o{number}.id = {alias}.{column}")
            scope, alias = further, f"o{number}"
        try:
            last = scope.bound(path[-1])
        except KeyError:
            raise _no_person(path) from None
        if last.target != PERSON:
            raise _no_person(path)
        column = f"{alias}.{quote_ident(last.definition.column_name)}"
        reached = f"p.id = ANY({column})" if last.is_many else f"p.id = {column}"
        return await self._fetch(
            f"SELECT o.id AS record, p.id AS person FROM {self._table} AS o{''.join(joins)}"
            f" JOIN {self._schema}.person AS p ON {reached} AND {_ACTIVE} WHERE o.id = ANY($1) ORDER BY o.id, p.id"
        )

    @property
    def _table(self) -> str:
        return f"{self._schema}.{quote_ident(self._object)}"

    def _up(self) -> str:
        return _UP.format(table=self._table, schema=self._schema, highest=_HIGHEST)

    async def _fetch(self, sql: str, *more: object) -> _Found:
        found: defaultdict[UUID, list[UUID]] = defaultdict(list)
        for row in await self._tx.fetch(sql, self._ids, *more):
            found[row["record"]].append(row["person"])
        return dict(found)


def _no_person(path: tuple[str, ...]) -> Invalid:
    named = ".".join(path)
    return Invalid.of("who.path", f"“{named}”不通向人员", f"“{named}” leads to no person")
