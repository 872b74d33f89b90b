"""A small object with one field of each kind, rows for it, and the engines that evaluate formulas over it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import duckdb
import psycopg
from sqlglot import exp

from tongmai.formula import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    NUMBER,
    POINT,
    TEXT,
    Dialect,
    InlineLiterals,
    Kind,
    Moment,
    Symbol,
    Tree,
    Type,
    choice,
    compile_python,
    list_of,
    reference,
    render,
    to_sql,
)
from tongmai.formula.sql.rendering import render_in_pieces
from tongmai.kit import WorkingCalendar

LEVEL = choice([("red", "红标", "Red"), ("gold", "金标", "Gold"), ("green", "绿标", "Green")])
TAGS = list_of(choice([("key", "重点", "Key"), ("east", "华东", "East"), ("new", "新客", "New")]))
ME, OTHER = UUID(int=1), UUID(int=2)
TEAM, SUBTEAM = UUID(int=11), UUID(int=12)

FIELDS: dict[str, tuple[str, Type, str]] = {
    "amount": ("金额", NUMBER, "numeric"),
    "gap": ("最近沟通间隔", NUMBER, "integer"),
    "kinds": ("品类数", NUMBER, "bigint"),
    "name": ("名称", TEXT, "text"),
    "note": ("备注", TEXT, "text"),
    "signed": ("签约日期", DATE, "date"),
    "due": ("到期日", DATE, "date"),
    "created": ("创建时间", DATETIME, "timestamptz"),
    "seen": ("最近联系", DATETIME, "timestamptz"),
    "span": ("用时", DURATION, "numeric"),
    "active": ("启用", BOOLEAN, "boolean"),
    "level": ("等级", LEVEL, "text"),
    "owner": ("负责人", reference("person"), "uuid"),
    "helper": ("协助人", reference("person"), "uuid"),
    "tags": ("标签", TAGS, "text[]"),
    "place": ("位置", POINT, "jsonb"),
}
_DUCKDB_TYPES = {"numeric": "DECIMAL(30, 10)", "text[]": "VARCHAR[]", "jsonb": "JSON"}


@dataclass(frozen=True)
class DeskScope:
    """The fields above; ``customer`` leads to the same object again."""

    object_key: str = "deal"
    formulas: Mapping[str, Tree] = field(default_factory=dict)

    def find(self, name: str) -> Symbol | None:
        if name in {"customer", "客户"}:
            return Symbol("customer", reference("deal"))
        if name in self.formulas:
            return Symbol(name, self.formulas[name].type, self.formulas[name])
        for key, (label, type_, _) in FIELDS.items():
            if name in (key, label):
                return Symbol(key, type_)
        return None

    def names(self) -> Sequence[str]:
        return [name for key, (label, _, _) in FIELDS.items() for name in (key, label)] + ["customer", "客户"]

    def through(self, key: str) -> DeskScope | None:
        return self if key == "customer" else None


SCOPE = DeskScope()
MOMENT = Moment(
    datetime(2026, 3, 4, 2, 30, tzinfo=UTC),
    "Asia/Shanghai",
    WorkingCalendar(),
    {"me": ME, "my_team": TEAM, "my_teams": [TEAM, SUBTEAM], "my_people": [ME, OTHER], "my_subtree": [ME, OTHER]},
)
FIRST, LAST = date(2015, 1, 1), date(2035, 12, 31)
WORKING_DAYS = MOMENT.calendar.days(FIRST, LAST)


class DeskEnvironment(InlineLiterals):
    """Columns of the table ``deal``; parameters and calendar as constants."""

    zone = MOMENT.zone

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def column(self, path: tuple[str, ...], type: Type) -> exp.Expression:
        return exp.column(path[-1], quoted=True)

    def parameter(self, name: str, type: Type) -> exp.Expression:
        value = MOMENT.param(name)
        if isinstance(value, list):
            items = [self.literal(item, type.item or TEXT) for item in value]
            return exp.Array(expressions=items)
        return self.literal(value, type)  # type: ignore[arg-type]

    def working_days(self) -> exp.Expression:
        return exp.column("days", table="calendar")


class ColumnarDesk(DeskEnvironment):
    """With the counts by which DuckDB finds a day's place at once."""

    def first_day(self) -> date:
        return FIRST

    def working_day_counts(self) -> exp.Expression:
        return exp.column("counts", table="calendar")


def environment(dialect: Dialect, columnar: bool = False) -> DeskEnvironment:
    return ColumnarDesk(dialect) if columnar else DeskEnvironment(dialect)


def sql_of(tree: Tree, dialect: Dialect, *, columnar: bool = False, tall: int | None = None) -> str:
    """The value's SQL; ``tall`` makes it be rendered in small pieces, as only very deep formulas are otherwise."""
    expression = to_sql(tree, environment(dialect, columnar), dialect=dialect, as_value=True)
    return render(expression, dialect) if tall is None else render_in_pieces(expression, dialect, tall)


def in_python(trees: Sequence[Tree], rows: Sequence[Mapping[str, object]]) -> list[list[object]]:
    evaluators = [compile_python(tree) for tree in trees]
    return [[evaluate(row, MOMENT) for evaluate in evaluators] for row in rows]


class PostgresDesk:
    """The table in PostgreSQL, in a session whose zone is UTC."""

    def __init__(self, dsn: str) -> None:
        self.connection = psycopg.connect(dsn, autocommit=True)
        self.run("SET timezone TO 'UTC'")
        columns = ", ".join(f'"{key}" {kind}' for key, (_, _, kind) in FIELDS.items())
        self.run(f"CREATE TEMP TABLE deal (number integer, {columns})")
        self.run("CREATE TEMP TABLE calendar AS SELECT %s::date[] AS days", [WORKING_DAYS])

    def run(self, statement: str, values: Sequence[object] | None = None) -> psycopg.Cursor[Any]:
        return self.connection.execute(statement, values)  # type: ignore[arg-type]

    def fill(self, rows: Sequence[Mapping[str, object]]) -> None:
        self.run("TRUNCATE deal")
        places = ", ".join(["%s"] * (len(FIELDS) + 1))
        with self.connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO deal VALUES ({places})", [[n, *_stored(row)] for n, row in enumerate(rows)]
            )

    def evaluate(self, trees: Sequence[Tree], tall: int | None = None) -> list[list[object]]:
        listed = ", ".join(sql_of(tree, "postgres", tall=tall) for tree in trees)
        return [list(row) for row in self.run(f"SELECT {listed} FROM deal, calendar ORDER BY number")]

    def where(self, tree: Tree) -> list[int]:
        """The rows that a condition keeps in WHERE."""
        condition = render(to_sql(tree, environment("postgres")), "postgres")
        return [row[0] for row in self.run(f"SELECT number FROM deal, calendar WHERE {condition} ORDER BY number")]

    def close(self) -> None:
        self.connection.close()


class DuckdbDesk:
    """The table in DuckDB."""

    def __init__(self, columnar: bool = False) -> None:
        self.columnar = columnar
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        columns = ", ".join(f'"{key}" {_DUCKDB_TYPES.get(kind, kind)}' for key, (_, _, kind) in FIELDS.items())
        self.connection.execute(f"CREATE TABLE deal (number integer, {columns})")
        counts, found = [], 0
        working = set(WORKING_DAYS)
        for ordinal in range(FIRST.toordinal(), LAST.toordinal() + 1):
            found += date.fromordinal(ordinal) in working
            counts.append(found)
        self.connection.execute(
            "CREATE TABLE calendar AS SELECT ?::DATE[] AS days, ?::INTEGER[] AS counts", [WORKING_DAYS, counts]
        )

    def fill(self, rows: Sequence[Mapping[str, object]]) -> None:
        self.connection.execute("DELETE FROM deal")
        places = ", ".join(["?"] * (len(FIELDS) + 1))
        for n, row in enumerate(rows):
            self.connection.execute(f"INSERT INTO deal VALUES ({places})", [n, *_stored(row)])

    def evaluate(self, trees: Sequence[Tree]) -> list[list[object]]:
        listed = ", ".join(sql_of(tree, "duckdb", columnar=self.columnar) for tree in trees)
        return [
            list(row)
            for row in self.connection.execute(f"SELECT {listed} FROM deal, calendar ORDER BY number").fetchall()
        ]

    def close(self) -> None:
        self.connection.close()


def _stored(row: Mapping[str, object]) -> list[object]:
    return [json.dumps(row[key]) if key == "place" and row.get(key) else row.get(key) for key in FIELDS]


def same(one: object, other: object, type_: Type) -> bool:
    """Whether two engines gave the same value."""
    if one is None or other is None:
        return one is other
    if type_.kind in {Kind.NUMBER, Kind.DURATION}:
        return Decimal(str(one)) == Decimal(str(other))
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one.astimezone(UTC) == other.astimezone(UTC)
    if type_.kind is Kind.REFERENCE:
        return str(one) == str(other)
    return one == other
