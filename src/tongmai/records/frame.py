"""The tables that one level of a statement reads: an object's rows and, joined on demand, what their relations name.

Two ways lead to a column. ``raw`` is what is stored: policies and rules are written over it. ``seen`` is what the
actor may see: NULL where a mask or an invisible record on the way hides it. Whatever an actor wrote or will be shown
(filter, sort, group, search, output) takes ``seen``.
"""

from __future__ import annotations

from sqlglot import exp

from tongmai.formula import FALSE, TRUE, Call, FieldRef, Path, Tree, Type, render, to_sql
from tongmai.model import MetricField, SegmentField, companion_table
from tongmai.records.entry import key_literal
from tongmai.records.environment import RawEnvironment, SeenEnvironment, sql_type
from tongmai.records.past import Past
from tongmai.records.place import Place
from tongmai.records.statement import Parameters
from tongmai.store import quote_ident


class Frame:
    """The rows under ``alias``, which the caller puts into FROM, and the joins that expressions over them need.

    With ``past`` the joined records are those of that moment too.
    """

    def __init__(
        self, place: Place, object_key: str, alias: str, parameters: Parameters, *, past: Past | None = None
    ) -> None:
        self.place = place
        self.object_key = object_key
        self.alias = alias
        self.parameters = parameters
        self._past = past
        self._joins: dict[Path, tuple[str, str]] = {}
        self._lines: list[str] = []
        self._companions: set[str] = set()
        self._own: dict[str, None] = {"id": None}
        self._raw = RawEnvironment(self)
        self._seen = SeenEnvironment(self)

    @property
    def joins(self) -> str:
        """The LEFT JOINs, in the order they depend on one another. Ask when all expressions are made."""
        return "\n".join(self._lines)

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The columns of the frame's own rows that its expressions and joins read. Ask when all are made."""
        return tuple(self._own)

    def raw_sql(self, tree: Tree, *, at: Path = (), as_value: bool = False) -> str:
        """A tree over stored values; ``at`` is the relation path to the record it is about."""
        return render(self.raw_expression(tree, at=at, as_value=as_value), "postgres")

    def raw_expression(self, tree: Tree, *, at: Path = (), as_value: bool = False) -> exp.Expression:
        return to_sql(_below(at, tree) if at else tree, self._raw, as_value=as_value)

    def seen_sql(self, tree: Tree, *, as_value: bool = False) -> str:
        """A tree that an actor wrote: over what that actor may see."""
        return render(self.seen_expression(tree, as_value=as_value), "postgres")

    def seen_expression(self, tree: Tree, *, as_value: bool = False) -> exp.Expression:
        return to_sql(tree, self._seen, as_value=as_value)

    def column(self, path: Path) -> exp.Expression:
        """The stored value of a field; a formula field is worked out."""
        *prefix, key = path
        owner_key, alias = self._joined(tuple(prefix))
        field = self.place.structure.fields(owner_key)[key]
        if field.type == "formula":
            tree = self.place.structure.formula(owner_key, key)
            return exp.paren(self.raw_expression(tree, at=tuple(prefix), as_value=True))
        if isinstance(field, MetricField):
            return self._metric(owner_key, alias, field)
        if isinstance(field, SegmentField):
            return self._segment(alias, field)
        return self._stored(alias, field.column_name)

    def _metric(self, owner_key: str, alias: str, field: MetricField) -> exp.Expression:
        """A metric's value: from the companion table, for the past from the daily snapshots."""
        if self._past is not None:
            return exp.paren(
                exp.maybe_parse(self._past.metric(self.place, owner_key, alias, field), dialect="postgres")
            )
        return self._beside(alias, "metric", companion_table(owner_key), field.column_name)

    def _segment(self, alias: str, field: SegmentField) -> exp.Expression:
        """The class of a record, or since when; for the past from the log of moves."""
        if self._past is not None:
            return exp.paren(exp.maybe_parse(self._past.segment(self.place, alias, field), dialect="postgres"))
        condition = f"segment = {key_literal(field.segment)}"
        return self._beside(alias, f"in_{field.segment}", "_segment_member", field.column_name, condition)

    def _beside(self, alias: str, kind: str, table: str, column: str, condition: str = "") -> exp.Expression:
        """A column of the one row that ``table`` has of the record under ``alias``."""
        companion = f"{alias}_{kind}"
        name = quote_ident(companion)
        if companion not in self._companions:
            self._companions.add(companion)
            only = f" AND {name}.{condition}" if condition else ""
            joined = f"{name}.record_id = {quote_ident(alias)}.id{only}"
            self._lines.append(f"LEFT JOIN {self.place.table(table)} AS {name} ON {joined}")
        return exp.column(exp.to_identifier(column, quoted=True), table=exp.to_identifier(companion, quoted=True))

    def seen_column(self, path: Path) -> exp.Expression:
        """The value as the actor may see it."""
        conditions = self._conditions(path)
        if conditions is None:
            return exp.cast(exp.Null(), sql_type(self._type(path)), dialect="postgres")
        said = self._said(path)
        return exp.Case().when(exp.and_(*conditions), said) if conditions else said

    def seen_column_sql(self, path: Path) -> str:
        return render(self.seen_column(path), "postgres")

    def target(self, path: Path) -> str:
        """The object that a relation path leads to."""
        return self._joined(path)[0]

    def leads_on(self, path: Path) -> bool:
        """Whether the path ends in a stored relation to one record."""
        owner_key, _ = self._joined(path[:-1])
        return self.place.structure.target(owner_key, path[-1]) is not None

    def visible_here(self) -> str | None:
        """The condition under which the actor may see the frame's own row, deleted ones aside; None if never."""
        conditions = self.visible(())
        return None if conditions is None else exp.and_(*conditions).sql("postgres")

    def visible(self, path: Path) -> list[exp.Expression] | None:
        """Conditions under which the actor may see the record that a relation leads to; None if never."""
        target, alias = self._joined(path)
        rule = self.place.policy(target).rows["read"]
        if rule == FALSE:
            return None
        there, deleted = self._stored(alias, "id"), self._stored(alias, "deleted_at")
        found: list[exp.Expression] = [exp.not_(there.is_(exp.null())), deleted.is_(exp.null())]
        if rule != TRUE:
            found.append(exp.paren(self.raw_expression(rule, at=path)))
        return found

    def _said(self, path: Path) -> exp.Expression:
        """The stored value; of what was written in two languages, in the actor's."""
        *prefix, key = path
        owner_key, _ = self._joined(tuple(prefix))
        said = self.place.structure.said_by(owner_key, key, self.place.actor.language)
        values = [self.column((*prefix, each)) for each in said]
        return values[0] if len(values) == 1 else exp.Coalesce(this=values[0], expressions=values[1:])

    def _conditions(self, path: Path) -> list[exp.Expression] | None:
        """What must hold for a path to be seen: each field on it readable, each record on it visible."""
        found: list[exp.Expression] = []
        owner_key = self.object_key
        for length, key in enumerate(path):
            prefix = path[:length]
            if prefix:
                seen = self.visible(prefix)
                if seen is None:
                    return None
                found.extend(seen)
            mask = self.place.policy(owner_key).readable.get(key, FALSE)
            if mask == FALSE:
                return None
            if mask != TRUE:
                found.append(exp.paren(self.raw_expression(mask, at=prefix)))
            owner_key = self.place.structure.target(owner_key, key) or owner_key
        return found

    def _joined(self, path: Path) -> tuple[str, str]:
        """The object and the alias of the record that ``path`` leads to."""
        if not path:
            return self.object_key, self.alias
        if path not in self._joins:
            owner_key, owner_alias = self._joined(path[:-1])
            target = self.place.structure.target(owner_key, path[-1])
            if target is None:
                raise KeyError(path[-1])
            field = self.place.structure.fields(owner_key)[path[-1]]
            alias = f"{self.alias}_{len(self._joins) + 1}"
            link = render(self._stored(owner_alias, field.column_name), "postgres")
            self._joins[path] = (target, alias)
            self._lines.append(self._join(target, alias, link))
        return self._joins[path]

    def _stored(self, alias: str, column: str) -> exp.Expression:
        if alias == self.alias:
            self._own[column] = None
        return exp.column(exp.to_identifier(column, quoted=True), table=exp.to_identifier(alias, quoted=True))

    def _join(self, target: str, alias: str, link: str) -> str:
        name = quote_ident(alias)
        if self._past is None:
            return f"LEFT JOIN {self.place.table(target)} AS {name} ON {name}.id = {link}"
        return f"LEFT JOIN LATERAL {self._past.record(self.place, target, link)} AS {name} ON TRUE"

    def _type(self, path: Path) -> Type:
        owner_key = self.object_key
        for key in path[:-1]:
            owner_key = self.place.structure.target(owner_key, key) or owner_key
        return self.place.structure.type_of(owner_key, path[-1])


def _below(prefix: Path, tree: Tree) -> Tree:
    """The same tree seen from an object that reaches its object through ``prefix``."""
    if isinstance(tree, FieldRef):
        return FieldRef(prefix + tree.path, tree.type)
    if isinstance(tree, Call):
        return Call(tree.function, tuple(_below(prefix, arg) for arg in tree.args), tree.type)
    return tree
