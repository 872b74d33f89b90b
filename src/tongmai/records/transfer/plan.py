"""An import compiled: what the parser needs, and the statements that take a staged chunk into the object's table.

A plan holds for one catalogue version and one actor. Where nothing is to be looked up, found or worked out by formula,
rows are copied straight into the table of candidates (``is_plain``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tongmai.formula import Moment, Tree, compile_python, parse, paths_of
from tongmai.model import PERSON, AutoNumberOptions, BoundField, Reading
from tongmai.records.frame import Frame
from tongmai.records.place import Place
from tongmai.records.statement import Parameters, Statement
from tongmai.records.structure import unique_sets
from tongmai.records.transfer.candidates import Candidates, StagedField, candidate_sql, lock_sql, order_sql, target_sql
from tongmai.records.transfer.checks import duplicate_checks, insert_checks, update_checks
from tongmai.records.transfer.lookups import LookupPlan, plan_lookup, resolved_sql
from tongmai.records.transfer.mapping import ID, MappedColumn
from tongmai.records.transfer.request import ImportRequest
from tongmai.records.transfer.tables import ChunkTables, create_sql, defaults_sql
from tongmai.records.transfer.writing import insert_sql, note_sql, update_sql
from tongmai.store import quote_ident
from tongmai.tabular import BETWEEN, ColumnSpec, encoder_for


@dataclass(frozen=True, slots=True)
class FindingPlan:
    """The statements of an import that finds records by key: their waves, the search, the lock, the change."""

    order: str
    blank_keys: tuple[str, ...]
    find: Statement
    lock: str
    checks: Statement
    update: Statement
    writes_search: bool


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Everything compiled. ``specs`` go to the parser; ``copy_columns`` are where its text is copied to."""

    place: Place
    request: ImportRequest
    tables: ChunkTables
    cause: str
    specs: tuple[ColumnSpec, ...]
    is_plain: bool
    create: str
    copy_columns: tuple[str, ...]
    lookups: tuple[LookupPlan, ...]
    candidates: Statement | None
    defaults: tuple[Statement, ...]
    auto_numbers: tuple[BoundField, ...]
    # Fields whose search tokens the parser could not make, because SQL works their values out.
    retoken: tuple[BoundField, ...]
    finding: FindingPlan | None
    checks: Statement
    insert: str
    insert_free: str | None
    note: Statement
    note_made: Statement
    duplicates: Statement

    @property
    def object_key(self) -> str:
        return self.request.object

    @property
    def may_overlap(self) -> bool:
        """Whether two chunks may be written at once: nothing is found, made or numbered that the other one might."""
        makes = any(lookup.column.create_missing for lookup in self.lookups)
        return self.finding is None and not makes and not self.auto_numbers and self.object_key != PERSON

    def given(self, now: datetime, epoch: int | None = None) -> dict[str, object]:
        """Values for the statements' named parameters."""
        actor = self.place.actor
        own = {"me": actor.id, "actor": actor.id, "via": actor.via, "cause": self.cause}
        return {**self.place.given(now), **own, "epoch": epoch, "wave": 1, "only": None}

    def session_defaults(self, now: datetime) -> str:
        return defaults_sql(self.tables, now, self.place.actor.id)


def compile_plan(
    place: Place,
    request: ImportRequest,
    columns: tuple[MappedColumn, ...],
    cause: str,
    now: datetime,
    *,
    tables: ChunkTables = ChunkTables(),
    imports: bool = True,
) -> ImportPlan:
    """Compiles a checked mapping. ``now`` is the moment constant defaults are worked out for; ``imports`` tells whether
    new records need the right to import as well as the right to create."""
    return _Planner(place, request, columns, tables, now).plan(cause, imports=imports)


class _Planner:
    def __init__(
        self,
        place: Place,
        request: ImportRequest,
        columns: tuple[MappedColumn, ...],
        tables: ChunkTables,
        now: datetime,
    ) -> None:
        self._place = place
        self._request = request
        self._object = request.object
        self._columns = columns
        self._tables = tables
        self._definition = place.structure.definition(request.object)
        relations = [column for column in columns if column.is_relation]
        self._lookups = tuple(plan_lookup(place, tables, n, column) for n, column in enumerate(relations))
        self._lookup_of = {lookup.column.key: lookup for lookup in self._lookups}
        self._finds = request.mode != "insert"
        self._constants, self._formulas = self._sort_defaults(now)
        self._is_plain = not (self._finds or self._lookups or self._formulas)

    def plan(self, cause: str, *, imports: bool) -> ImportPlan:
        place, tables = self._place, self._tables
        given = self._candidates()
        retoken = self._retoken()
        specs = self._specs(with_tokens=not retoken)
        table = place.table(self._object)
        has_unique = bool(unique_sets(self._definition))
        staged = [(spec.stage, spec.column_type) for spec in specs if spec.source is not None]
        lookup_types = [lookup.key_type for lookup in self._lookups]
        return ImportPlan(
            place=place,
            request=self._request,
            tables=tables,
            cause=cause,
            specs=specs,
            is_plain=self._is_plain,
            create=create_sql(tables, table, [] if self._is_plain else staged, lookup_types),
            copy_columns=self._copy_columns(specs),
            lookups=self._lookups,
            candidates=None if self._is_plain else candidate_sql(given),
            defaults=tuple(self._default_sql(key, tree) for key, tree in self._formulas.items()),
            auto_numbers=self._auto_numbers(),
            retoken=retoken,
            finding=self._finding(given) if self._finds else None,
            checks=insert_checks(place, self._object, tables, imports=imports, related=self._related_defaults()),
            insert=insert_sql(place, self._object, tables, leave_out=False),
            insert_free=insert_sql(place, self._object, tables, leave_out=True) if has_unique else None,
            note=note_sql(place, self._object, tables, self._filled(), all_made=True),
            note_made=note_sql(place, self._object, tables, self._filled(), all_made=False),
            duplicates=duplicate_checks(place, self._object, tables),
        )

    def _sort_defaults(self, now: datetime) -> tuple[dict[str, object], dict[str, Tree]]:
        """Default formulas that are the same for every row (worked out here) and those that depend on the row, each
        behind those it uses."""
        place, structure = self._place, self._place.structure
        moment = Moment(now, place.workspace.zone, structure.catalogue.calendar.working, place.given(now))
        constants: dict[str, object] = {}
        formulas: dict[str, Tree] = {}
        for field in self._definition.fields:
            if field.default is None:
                continue
            bound = structure.bound(self._object, field.key)
            expected = bound.type.value_type(bound.options)
            tree = parse(field.default, structure.scope(self._object), expect=expected).tree
            if paths_of(tree):
                formulas[field.key] = tree
                continue
            value = bound.type.from_formula(compile_python(tree)({}, moment), bound.options, Reading(place.zone))
            if value is not None:
                constants[field.key] = value
        return constants, _in_order(formulas)

    def _specs(self, *, with_tokens: bool) -> tuple[ColumnSpec, ...]:
        found = [self._spec(column, with_tokens) for column in self._columns]
        if self._is_plain:
            mapped = {column.key for column in self._columns}
            rest = [key for key in self._constants if key not in mapped]
            found += [self._constant_spec(key, with_tokens) for key in rest]
        return tuple(found)

    def _spec(self, column: MappedColumn, with_tokens: bool) -> ColumnSpec:
        lookup = self._lookup_of.get(column.key)
        if lookup is not None:
            return self._lookup_spec(column, lookup)
        bound = column.field
        column_type = bound.column_type
        assert column_type is not None
        name = "_key_id" if column.key == ID else bound.definition.column_name
        blank, tokens = self._blank(bound) if self._is_plain else (None, "")
        return ColumnSpec(
            source=column.source,
            stage=quote_ident(name),
            bound=bound,
            column_type=column_type,
            searchable=with_tokens and bound.definition.searchable,
            when_blank=blank,
            tokens_when_blank=tokens,
        )

    def _lookup_spec(self, column: MappedColumn, lookup: LookupPlan) -> ColumnSpec:
        """Keys are read as the matched field reads them; for several ways of matching as plain text."""
        single = column.matches[0] if lookup.key_type != "text" or len(column.matches) == 1 else None
        known = self._place.structure.fields(lookup.target)
        match = self._place.structure.bound(lookup.target, single) if single in known and single != ID else None
        return ColumnSpec(
            source=column.source,
            stage=lookup.stage,
            bound=match,
            column_type=lookup.stage_type,
            field=column.key,
            splits=lookup.many,
        )

    def _constant_spec(self, key: str, with_tokens: bool) -> ColumnSpec:
        bound = self._place.structure.bound(self._object, key)
        blank, tokens = self._blank(bound)
        assert bound.column_type is not None
        return ColumnSpec(
            source=None,
            stage=quote_ident(bound.definition.column_name),
            bound=bound,
            column_type=bound.column_type,
            searchable=with_tokens and bound.definition.searchable,
            when_blank=blank,
            tokens_when_blank=tokens,
        )

    def _blank(self, bound: BoundField) -> tuple[str | None, str]:
        value = self._constants.get(bound.key)
        if value is None or bound.column_type is None:
            return None, ""
        return encoder_for(bound.column_type)([value])[0], bound.joined_tokens([value], BETWEEN)[0]

    def _copy_columns(self, specs: tuple[ColumnSpec, ...]) -> tuple[str, ...]:
        names = ["_row", "id", *(spec.stage.strip('"') for spec in specs)]
        return (*names, "_search") if any(spec.searchable for spec in specs) else tuple(names)

    def _staged(self) -> tuple[StagedField, ...]:
        found = []
        for column in self._columns:
            if column.key == ID:
                continue
            lookup = self._lookup_of.get(column.key)
            name = column.field.definition.column_name
            value = resolved_sql(self._tables, lookup, "i") if lookup else f"i.{quote_ident(name)}"
            found.append(StagedField(column.key, name, value))
        return tuple(found)

    def _candidates(self) -> Candidates:
        return Candidates(
            self._place,
            self._object,
            self._tables,
            self._staged(),
            self._lookups,
            {} if self._is_plain else self._constants,
            self._request.blanks == "keep",
            self._finds,
        )

    def _finding(self, given: Candidates) -> FindingPlan:
        key = [self._key_field(given, each) for each in self._request.key]
        staged = [spec.stage for spec in self._specs(with_tokens=False)]
        key_columns = [self._key_stage(each) for each in self._request.key]
        written = [each.key for each in given.staged if each.key not in self._request.key]
        # What a key looks like may change though it means the same (a decimal's places): keys are not rewritten.
        searchable = any(self._place.structure.fields(self._object)[each].searchable for each in written)
        return FindingPlan(
            order=order_sql(self._tables, key_columns, staged),
            blank_keys=tuple(key_columns),
            find=target_sql(given, key),
            lock=lock_sql(given),
            checks=update_checks(self._place, self._object, self._tables, written),
            update=update_sql(self._place, self._object, self._tables, written, search=searchable),
            writes_search=searchable,
        )

    def _key_field(self, given: Candidates, key: str) -> StagedField:
        if key == ID:
            return StagedField(ID, ID, "i._key_id")
        return next(each for each in given.staged if each.key == key)

    def _key_stage(self, key: str) -> str:
        if key == ID:
            return quote_ident("_key_id")
        if key in self._lookup_of:
            return self._lookup_of[key].stage
        return quote_ident(self._place.structure.fields(self._object)[key].column_name)

    def _default_sql(self, key: str, tree: Tree) -> Statement:
        parameters = Parameters()
        frame = Frame(self._place, self._object, "s", parameters)
        column = quote_ident(self._place.structure.fields(self._object)[key].column_name)
        kind = self._place.structure.column_type(self._object, key)
        value = f"({frame.raw_sql(tree, as_value=True)})::{kind}"
        places = getattr(self._place.structure.bound(self._object, key).options, "places", None)
        if kind == "numeric" and isinstance(places, int):
            value = f"round({value}, {places})"
        new = self._tables.new
        sql = (
            f"UPDATE {new} AS s0 SET {column} = x.value FROM (SELECT s._row, {value} AS value FROM {new} AS s"  # noqa: S608
            f" {frame.joins} WHERE NOT s._found AND s.{column} IS NULL) AS x WHERE x._row = s0._row"
        )
        return parameters.statement(sql)

    def _related_defaults(self) -> list[str]:
        """Relations that a default may fill: what it names must be there too."""
        keys = [*self._constants, *self._formulas]
        return [key for key in keys if self._place.structure.bound(self._object, key).target is not None]

    def _filled(self) -> set[str]:
        """The fields that a new record may have a value in, and ``owner``."""
        numbered = (each.key for each in self._auto_numbers())
        owner = ["owner"] if self._place.actor.id is not None else []
        return {*(column.key for column in self._columns), *self._constants, *self._formulas, *numbered, *owner}

    def _auto_numbers(self) -> tuple[BoundField, ...]:
        bound = (self._place.structure.bound(self._object, each.key) for each in self._definition.fields)
        return tuple(each for each in bound if isinstance(each.options, AutoNumberOptions))

    def _retoken(self) -> tuple[BoundField, ...]:
        """All searchable fields if one of them gets its value from SQL, else none."""
        fields = [each for each in self._definition.fields if each.searchable]
        worked_out = {*self._formulas, *(each.key for each in self._auto_numbers())}
        if not self._is_plain:
            worked_out |= set(self._constants)
        if not fields or not (self._finds or any(each.key in worked_out for each in fields)):
            return ()
        return tuple(self._place.structure.bound(self._object, each.key) for each in fields)


def _in_order(formulas: dict[str, Tree]) -> dict[str, Tree]:
    """Each behind those whose fields it reads. A circle, which no catalogue has, would be left as it stands."""
    waiting = dict(formulas)
    placed: dict[str, Tree] = {}
    while waiting:
        ready = [
            key for key, tree in waiting.items() if not {path[0] for path in paths_of(tree)} & (waiting.keys() - {key})
        ]
        for key in ready or list(waiting):
            placed[key] = waiting.pop(key)
    return placed
