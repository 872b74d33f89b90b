"""The replica through an actor's eyes: relations of DuckDB that hold what the actor may see and nothing else.

A relation's rows are the records the actor may read, deleted ones left out; a field that is masked on a row is blank
there. Whoever joins relations by their relation fields therefore sees through a path exactly what the gateway shows:
a hidden link leads nowhere, a hidden record is not there.
"""

# ruff: noqa: S608 - names come from quote_ident, paths are ours, values are bound

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlglot import exp

from tongmai.formula import FALSE, TRUE, Call, FieldRef, Kind, Path, Tree, render, to_sql
from tongmai.model import ComputedField
from tongmai.records import Place
from tongmai.replica.columns import HISTORY, listed
from tongmai.replica.environment import Bindings, ReplicaEnvironment, duck_type
from tongmai.replica.files import GONE, rows_of
from tongmai.replica.manifest import ColumnShape, Manifest
from tongmai.replica.shelf import Shelf
from tongmai.store import quote_ident

_FLAG = ColumnShape(stored="boolean", held="BOOLEAN")


class ReplicaReader:
    """For one statement: ``bindings`` collects its values. The manifest must be leased while the statement runs.

    The manifest must be of the place's catalogue version.
    """

    def __init__(self, place: Place, now: datetime, manifest: Manifest, shelf: Shelf) -> None:
        if manifest.catalogue_version != place.structure.catalogue.version:
            raise ValueError("the replica is of another catalogue version")
        self.place = place
        self.bindings = Bindings()
        self.given = place.given(now)
        self._manifest = manifest
        self._shelf = shelf

    def relation(self, object_key: str, fields: Collection[str] | None = None) -> str:
        """A SELECT with a column for each field (by key; ``id`` is always there), of those named or all but metrics
        and segments, which are not in the replica.

        Raises ``KeyError`` for a field that the object does not have.
        """
        policy = self.place.policy(object_key)
        every = [
            key
            for key, field in self.place.structure.fields(object_key).items()
            if not isinstance(field, ComputedField)
        ]
        wanted = every if fields is None else dict.fromkeys(("id", *sorted(fields)))
        frame = _RawFrame(self, object_key)
        shown = [f"{self._seen(frame, key)} AS {quote_ident(key)}" for key in wanted]
        conditions = ['"t"."deleted_at" IS NULL']
        rule = policy.rows["read"]
        if rule != TRUE:
            conditions.append(f"({frame.sql(rule)})")
        return (
            f"SELECT {', '.join(shown)} FROM ({self.stored(object_key)}) AS t {frame.joins}"
            f" WHERE {' AND '.join(conditions)}"
        )

    def stored(self, object_key: str) -> str:
        """All records as they are, before any policy: for policies themselves, which are written over stored values."""
        files = self._manifest.objects[object_key]
        names = listed(tuple(files.columns))
        clean = [file for file in files.base if file.path not in files.dirty]
        parts = [rows_of(self._shelf, clean, files.columns)]
        if files.delta is not None:
            delta = rows_of(self._shelf, [files.delta], {**files.columns, GONE: _FLAG})
            replaced = f"SELECT id FROM ({rows_of(self._shelf, [files.delta], {'id': files.columns['id']})})"
            dirty = [file for file in files.base if file.path in files.dirty]
            if dirty:
                older = rows_of(self._shelf, dirty, files.columns)
                parts.append(f"SELECT {names} FROM ({older}) WHERE id NOT IN ({replaced})")
            parts.append(f"SELECT {names} FROM ({delta}) WHERE NOT {GONE}")
        return " UNION ALL ".join(f"({part})" for part in parts)

    def history(self) -> str:
        """The whole change log up to the manifest's epoch, before any policy: ``before`` and ``after`` are JSON text.

        Raises ``PermissionError`` for anyone but the product itself: it has values of every field.
        """
        if self.place.actor.id is not None:
            raise PermissionError("the history's values are masked by the gateway, not here")
        return rows_of(self._shelf, self._manifest.history, HISTORY)

    def _seen(self, frame: _RawFrame, key: str) -> str:
        mask = self.place.policy(frame.object_key).readable.get(key, FALSE)
        type_ = self.place.structure.type_of(frame.object_key, key)
        if mask == FALSE and key != "id":
            return f"CAST(NULL AS {duck_type(type_)})"
        said = self.place.structure.said_by(frame.object_key, key, self.place.actor.language)
        value = ", ".join(render(frame.column((each,)), "duckdb") for each in said)
        if len(said) > 1:
            value = f"COALESCE({value})"
        if type_.kind in {Kind.JSON, Kind.POINT}:
            value = f"CAST({value} AS JSON)"
        return value if mask == TRUE or key == "id" else f"CASE WHEN {frame.sql(mask)} THEN {value} END"


class _RawFrame:
    """Stored values of an object's rows, under the alias ``t``, and of what their relations lead to."""

    def __init__(self, reader: ReplicaReader, object_key: str) -> None:
        self.object_key = object_key
        self._reader = reader
        self._structure = reader.place.structure
        self._environment = ReplicaEnvironment(
            self.column, reader.bindings, reader.given, reader.place.workspace.zone,
            self._structure.catalogue.calendar.working,
        )  # fmt: skip
        self._aliases: dict[Path, tuple[str, str]] = {(): (object_key, "t")}
        self._lines: list[str] = []

    @property
    def joins(self) -> str:
        """Ask when all expressions are made."""
        return " ".join(self._lines)

    def sql(self, tree: Tree) -> str:
        return render(to_sql(tree, self._environment, dialect="duckdb"), "duckdb")

    def column(self, path: Path) -> exp.Expression:
        *prefix, key = path
        owner, alias = self._joined(tuple(prefix))
        field = self._structure.fields(owner)[key]
        if field.type == "formula":
            tree = _below(tuple(prefix), self._structure.formula(owner, key))
            return exp.paren(to_sql(tree, self._environment, dialect="duckdb", as_value=True))
        return exp.column(
            exp.to_identifier(field.column_name, quoted=True), table=exp.to_identifier(alias, quoted=True)
        )

    def _joined(self, path: Path) -> tuple[str, str]:
        if path not in self._aliases:
            owner, above = self._joined(path[:-1])
            target = self._structure.target(owner, path[-1])
            if target is None:
                raise KeyError(path[-1])
            link = f"{quote_ident(above)}.{quote_ident(self._structure.fields(owner)[path[-1]].column_name)}"
            alias = f"t_{len(self._aliases)}"
            self._aliases[path] = (target, alias)
            self._lines.append(f"LEFT JOIN ({self._reader.stored(target)}) AS {alias} ON {alias}.id = {link}")
        return self._aliases[path]


def _below(prefix: Path, tree: Tree) -> Tree:
    """The same tree seen from an object that reaches its object through ``prefix``."""
    if isinstance(tree, FieldRef):
        return FieldRef(prefix + tree.path, tree.type)
    if isinstance(tree, Call):
        return Call(tree.function, tuple(_below(prefix, arg) for arg in tree.args), tree.type)
    return tree
