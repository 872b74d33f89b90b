"""An aggregation as one statement of DuckDB, over relations that hold only what the actor may see."""

# ruff: noqa: S608 - names come from quote_ident, values are bound

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tongmai.formula import TRUE, Kind, Path, Tree, paths_of, render, to_sql
from tongmai.records import Aggregation, GroupColumn, MeasureColumn
from tongmai.replica.environment import ReplicaEnvironment
from tongmai.replica.reader import ReplicaReader
from tongmai.store import quote_ident

# 10^10: numbers have ten places.
_UNIT = "10000000000"


def aggregation_sql(reader: ReplicaReader, asked: Aggregation, limit: int) -> str:
    """One row more than ``limit``, so that it is seen whether there are more.

    Columns: those of the aggregation in its order, then the labels of its labelled groups.
    """
    return _Compiler(reader, asked).compile(limit)


class _Compiler:
    def __init__(self, reader: ReplicaReader, asked: Aggregation) -> None:
        self._reader = reader
        self._asked = asked
        self._structure = reader.place.structure
        self._environment = ReplicaEnvironment(
            self._column, reader.bindings, reader.given, reader.place.workspace.zone,
            self._structure.catalogue.calendar.working,
        )  # fmt: skip
        self._aliases = {(): "t"} | {path: f"t_{n}" for n, path in enumerate(self._prefixes(), 1)}

    def compile(self, limit: int) -> str:
        asked = self._asked
        grouped = f" GROUP BY {', '.join(str(n + 1) for n in range(len(asked.groups)))}" if asked.groups else ""
        labels = [each for each in asked.groups if each.labelled]
        inner = [
            *(f"{self._group(each)} AS {quote_ident(each.name)}" for each in asked.groups),
            *(part for each in asked.measures for part in self._measure(each)),
            *(f"min({self._label(each)}) AS {_beside('label', each.name)}" for each in labels),
        ]
        outer = [
            *(quote_ident(each.name) for each in asked.groups),
            *(f"{_finished(each)} AS {quote_ident(each.name)}" for each in asked.measures),
            *(_beside("label", each.name) for each in labels),
        ]
        where = "TRUE" if asked.filter == TRUE else self._sql(asked.filter)
        having = "" if asked.having is None else f" WHERE {self._result_sql(asked.having)}"
        order = ", ".join(self._ordered(name, descending) for name, descending in asked.order)
        bound = self._reader.bindings.add(limit + 1, "BIGINT")
        return (
            f"WITH g AS (SELECT {', '.join(inner)} FROM {self._sources()} WHERE {where}{grouped}),"
            f" h AS (SELECT {', '.join(outer)} FROM g)"
            f" SELECT * FROM h{having}{f' ORDER BY {order}' if order else ''} LIMIT {bound}"
        )

    def _sources(self) -> str:
        fields: dict[Path, set[str]] = {path: set() for path in self._aliases}
        for path in self._paths():
            for length in range(len(path)):
                fields[path[:length]].add(path[length])
        lines = []
        for path, alias in self._aliases.items():
            target = self._structure.target_at(self._asked.object, path)
            assert target is not None
            relation = f"({self._reader.relation(target, fields[path])}) AS {alias}"
            link = f"{self._aliases[path[:-1]]}.{quote_ident(path[-1])}" if path else ""
            lines.append(f"LEFT JOIN {relation} ON {alias}.id = {link}" if path else relation)
        return " ".join(lines)

    def _paths(self) -> Iterator[Path]:
        """Of all fields that the statement reads."""
        for group in self._asked.groups:
            yield group.path
            if group.labelled is not None and (title := self._title(group)) is not None:
                yield title
        trees = [tree for each in self._asked.measures for tree in (each.of, each.where) if tree is not None]
        for tree in (self._asked.filter, *trees):
            yield from paths_of(tree)

    def _prefixes(self) -> list[Path]:
        """The relations on the way, the nearer first."""
        found = {path[:length] for path in self._paths() for length in range(1, len(path))}
        return sorted(found, key=lambda path: (len(path), path))

    def _title(self, group: GroupColumn) -> Path | None:
        assert group.labelled is not None
        key = self._structure.definition(group.labelled).title
        return None if key is None or key not in self._structure.fields(group.labelled) else (*group.path, key)

    def _column(self, path: Path) -> exp.Expression:
        return exp.column(exp.to_identifier(path[-1], quoted=True), table=exp.to_identifier(self._aliases[path[:-1]]))

    def _sql(self, tree: Tree) -> str:
        return render(to_sql(tree, self._environment, dialect="duckdb"), "duckdb")

    def _result_sql(self, tree: Tree) -> str:
        environment = ReplicaEnvironment(
            lambda path: exp.column(exp.to_identifier(path[0], quoted=True)),
            self._reader.bindings, self._reader.given, self._reader.place.workspace.zone,
            self._structure.catalogue.calendar.working,
        )  # fmt: skip
        return render(to_sql(tree, environment, dialect="duckdb"), "duckdb")

    def _group(self, group: GroupColumn) -> str:
        sql = render(self._column(group.path), "duckdb")
        if group.bucket is None:
            return sql
        if group.of.kind is Kind.DATETIME:
            zone = self._reader.bindings.named("zone", self._reader.place.workspace.zone, "VARCHAR")
            sql = f"({sql} AT TIME ZONE {zone})"
        return f"CAST(date_trunc('{group.bucket}', CAST({sql} AS TIMESTAMP)) AS DATE)"

    def _label(self, group: GroupColumn) -> str:
        title = self._title(group)
        return "CAST(NULL AS VARCHAR)" if title is None else f"CAST({render(self._column(title), 'duckdb')} AS VARCHAR)"

    def _measure(self, measure: MeasureColumn) -> list[str]:
        """What is worked out for each group; ``_finished`` makes the measure of it."""
        name = quote_ident(measure.name)
        where = None if measure.where is None else self._sql(measure.where)
        only = "" if where is None else f" FILTER (WHERE {where})"
        if measure.of is None:
            return [f"count(*){only} AS {name}"]
        value = self._sql(measure.of)
        match measure.function:
            case "count":
                return [f"count({value}){only} AS {name}"]
            case "count_distinct":
                return [f"count(DISTINCT {value}){only} AS {name}"]
            case "avg":
                total, count = _beside("sum", measure.name), _beside("count", measure.name)
                wide = f"CAST(sum({value}){only} AS DECIMAL(38, 10))"
                return [f"{wide} AS {total}", f"CAST(count({value}){only} AS HUGEINT) AS {count}"]
            case "median":
                valued = f"{value} IS NOT NULL" + ("" if where is None else f" AND ({where})")
                return [f"list_sort(list({value}) FILTER (WHERE {valued})) AS {name}"]
        return [f"{measure.function}({value}){only} AS {name}"]

    def _ordered(self, name: str, descending: bool) -> str:
        column = self._asked.column(name)
        sql = quote_ident(name)
        if isinstance(column, GroupColumn) and column.labelled is not None:
            # Two may have one label, or none to be seen.
            return f"{_beside('label', name)} {'DESC' if descending else 'ASC'} NULLS LAST, {sql} NULLS LAST"
        if column.type.kind is Kind.CHOICE and column.type.options:
            options = [option[0] for option in column.type.options]
            sql = f"nullif(list_position({self._reader.bindings.add(options, 'VARCHAR[]')}, {sql}), 0)"
        return f"{sql} {'DESC' if descending else 'ASC'} NULLS LAST"


def _finished(measure: MeasureColumn) -> str:
    if measure.function == "avg" and measure.of is not None:
        return _average(_beside("sum", measure.name), _beside("count", measure.name))
    if measure.function == "median":
        return _median(quote_ident(measure.name))
    return quote_ident(measure.name)


def _average(total: str, count: str) -> str:
    """The quotient, rounded half away from zero to ten places, in whole numbers: DuckDB's own goes through floating
    point. What is left of the division of the whole part, with the fraction, is divided once more."""
    whole = f"CAST(trunc({total}) AS HUGEINT)"
    left = f"(({whole} % {count}) * {_UNIT} + CAST(({total} - trunc({total})) * {_UNIT} AS HUGEINT))"
    up = f"CASE WHEN 2 * abs({left} % {count}) >= {count} THEN sign({left}) ELSE 0 END"
    places = f"CAST({left} // {count} + {up} AS DECIMAL(20, 0)) * CAST(0.0000000001 AS DECIMAL(11, 10))"
    return f"CASE WHEN {count} > 0 THEN CAST({whole} // {count} AS DECIMAL(38, 10)) + {places} END"


def _median(values: str) -> str:
    """Half way between the two in the middle, exactly."""
    lower, upper = (f"{values}[(len({values}) + {n}) // 2]" for n in (1, 2))
    return f"({lower} + {upper}) * CAST(0.5 AS DECIMAL(2, 1))"


def _beside(what: str, name: str) -> str:
    """A column that belongs to the one of that name, and that no query can name."""
    return quote_ident(f"_{what}_{name}")
