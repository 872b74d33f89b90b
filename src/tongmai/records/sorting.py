"""The order of a list, and the condition under which a record comes after a given one in it.

Blanks come last in either direction. To let a plain index serve that, the list is read in two branches, the records
that have a value in the first key and then those that have none; within a branch each key has a plain order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tongmai.formula import FALSE, TRUE, Call, FieldRef, Kind, Literal, Path, Tree, Type
from tongmai.kit import Fault, Invalid, Text
from tongmai.records.entry import key_literal
from tongmai.records.environment import sql_type
from tongmai.records.frame import Frame
from tongmai.records.place import Place
from tongmai.records.seen_scope import SeenScope
from tongmai.records.selection import title
from tongmai.records.statement import Parameters

MOST_KEYS = 5
# Made anew: ids sort by the moment of their making.
NEWEST_FIRST = "-id"
_LONGEST = 1000
_NEVER_BLANK = frozenset({"id", "version", "created_at", "changed_at"})
_ORDERING = frozenset({"<", "<=", ">", ">="})
_SORTABLE = frozenset(
    {Kind.NUMBER, Kind.TEXT, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME, Kind.DURATION, Kind.CHOICE, Kind.REFERENCE}
)


@dataclass(frozen=True, slots=True)
class SortKey:
    """One field to sort by, by its path."""

    path: Path
    type: Type
    descending: bool

    @property
    def direction(self) -> str:
        return "DESC" if self.descending else "ASC"


@dataclass(frozen=True)
class Order:
    """The keys; the id breaks ties, in the direction of the last key so that one index can serve both."""

    keys: tuple[SortKey, ...]

    @property
    def text(self) -> str:
        """The order written in one way only: what a cursor is made for."""
        return ",".join(("-" if key.descending else "") + ".".join(key.path) for key in self.keys)


def read_order(place: Place, object_key: str, text: str | None) -> Order:
    """``-amount,name``: field keys or labels, or paths through relations; ``-`` is descending.

    Raises ``Invalid`` with every fault: unknown or unsortable fields, more than five keys.
    """
    words = [word.strip() for word in (text or NEWEST_FIRST).replace("，", ",").split(",") if word.strip()]
    if len(text or "") > _LONGEST or not 1 <= len(words) <= MOST_KEYS:
        raise Invalid(
            (
                Fault(
                    "sort.too_many",
                    Text(f"排序须有 1 到 {MOST_KEYS} 个字段", f"Sort by 1 to {MOST_KEYS} fields"),
                    field="sort",
                ),
            )
        )
    faults: list[Fault] = []
    keys: list[SortKey] = []
    for word in words:
        key = _read_key(place, object_key, word, faults)
        if key is not None and all(key.path != other.path for other in keys):
            keys.append(key)
    if faults:
        raise Invalid(tuple(faults))
    return Order(tuple(keys))


@dataclass(frozen=True)
class KeyColumn:
    """A sort key as SQL over the actor's sight. ``nullable`` tells whether it can be blank."""

    sql: str
    type: str
    descending: bool
    nullable: bool


def key_columns(frame: Frame, order: Order) -> list[KeyColumn]:
    """The keys over a frame, the id last."""
    found = [_key_column(frame, key) for key in order.keys]
    if order.keys[-1].path != ("id",):
        descending = order.keys[-1].descending
        found.append(KeyColumn(frame.seen_column_sql(("id",)), "uuid", descending, False))
    return found


def after(columns: Sequence[KeyColumn], values: Sequence[tuple[str, bool]]) -> str:
    """The condition "comes after these values" within one branch (see ``branches``).

    ``values`` are SQL parameters, each with whether its value is blank. The first key's bound is repeated alone in
    front, because an index can use it there.
    """
    first, value = columns[0], values[0]
    condition = _after(columns, values)
    if value[1] or len(columns) == 1:
        return condition
    bound = f"{first.sql} {'<=' if first.descending else '>='} {value[0]}"
    return f"{bound} AND ({condition})"


def order_by(columns: Sequence[KeyColumn], *, first_is_blank: bool = False) -> str:
    """ORDER BY within a branch. Only the first key is known to have no blanks there."""
    parts = []
    for number, each in enumerate(columns):
        if number == 0 and first_is_blank:
            continue
        direction = "DESC" if each.descending else "ASC"
        nulls = " NULLS LAST" if each.descending and each.nullable and number > 0 else ""
        parts.append(f"{each.sql} {direction}{nulls}")
    return ", ".join(parts)


def never_blank(condition: Tree, path: Path) -> bool:
    """Whether the condition can hold only where the field has a value: then there is no second branch to plan for."""
    if not isinstance(condition, Call):
        return False
    if condition.function == "and":
        return any(never_blank(each, path) for each in condition.args)
    first = condition.args[0] if condition.args else None
    if not isinstance(first, FieldRef) or first.path != path:
        return False
    if condition.function in _ORDERING:
        return True
    other = condition.args[1] if len(condition.args) > 1 else None
    return condition.function == "=" and isinstance(other, Literal) and other.value is not None


def _after(columns: Sequence[KeyColumn], values: Sequence[tuple[str, bool]]) -> str:
    (column, *more_columns), ((value, blank), *more_values) = columns, values
    sign = "<" if column.descending else ">"
    if blank:
        # Blanks are last: nothing but other blanks can follow, and those by the keys after.
        beyond, same = "FALSE", f"{column.sql} IS NULL"
    else:
        beyond, same = f"{column.sql} {sign} {value}", f"{column.sql} = {value}"
        if column.nullable:
            beyond = f"({beyond} OR {column.sql} IS NULL)"
    if not more_columns:
        return beyond
    return f"({beyond} OR ({same} AND {_after(more_columns, more_values)}))"


def _key_column(frame: Frame, key: SortKey) -> KeyColumn:
    policy = frame.place.policy(frame.object_key)
    unmasked = len(key.path) == 1 and policy.readable.get(key.path[0], FALSE) == TRUE
    nullable = not (unmasked and key.path[0] in _NEVER_BLANK)
    if key.path[-1] != "id" and frame.leads_on(key.path):
        return KeyColumn(title(frame, frame.target(key.path), key.path), "text", key.descending, True)
    sql = frame.seen_column_sql(key.path)
    if key.type.kind is Kind.CHOICE and key.type.options:
        # By the order of the options, as people see them: stages are not sorted by spelling.
        places = ", ".join(key_literal(option[0]) for option in key.type.options)
        return KeyColumn(f"array_position(ARRAY[{places}], {sql})::numeric", "numeric", key.descending, nullable)
    return KeyColumn(sql, sql_type(key.type), key.descending, nullable)


def _read_key(place: Place, object_key: str, word: str, faults: list[Fault]) -> SortKey | None:
    descending = word.startswith("-")
    names = [name.strip().removeprefix("[").removesuffix("]") for name in word.lstrip("-+").split(".")]
    scope = SeenScope(place, object_key)
    path: list[str] = []
    type_: Type | None = None
    for number, name in enumerate(names):
        symbol = scope.find(name) if len(names) <= 5 else None
        if symbol is None:
            faults.append(_unknown(word))
            return None
        path.append(symbol.key)
        type_ = symbol.type
        if number < len(names) - 1:
            further = scope.through(symbol.key)
            if further is None:
                faults.append(_unknown(word))
                return None
            scope = further
    if type_ is None or type_.kind not in _SORTABLE:
        faults.append(_unsortable(word))
        return None
    return SortKey(tuple(path), type_, descending)


def _unknown(word: str) -> Fault:
    shown = word[:60]
    return Fault(
        "sort.unknown", Text(f"排序中没有字段“{shown}”", f"There is no field “{shown}” to sort by"), field="sort"
    )


def _unsortable(word: str) -> Fault:
    shown = word[:60]
    return Fault(
        "sort.unsortable", Text(f"字段“{shown}”不能排序", f"The field “{shown}” cannot be sorted by"), field="sort"
    )


def key_types(place: Place, object_key: str, order: Order) -> tuple[str, ...]:
    """The PostgreSQL types of the keys, the id's last: what a cursor's values are read as."""
    return tuple(each.type for each in key_columns(Frame(place, object_key, "t", Parameters()), order))
