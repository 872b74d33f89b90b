"""How an object's metadata looks in PostgreSQL: its columns, indexes and foreign keys, as values to be compared.

Which indexes every object has, and why:

- the primary key on ``id``: ids are UUIDv7, so it is also the order of creation, the default order of a list;
- ``(owner, id)`` among records not deleted: the policies "own", "team" and "subtree" are ``owner = ANY(…)``;
- GIN on ``_search`` among records not deleted.

None on ``changed_at``: every update would then touch every index of the row, as PostgreSQL could no longer update in
place (HOT); a company that lists by it marks a field of its own as indexed.
"""

from __future__ import annotations

from dataclasses import dataclass

from tongmai.kit import Invalid
from tongmai.model import BoundField, FieldDef, ObjectDef, bind_field
from tongmai.schema.names import Schema, constraint_name, unique_sets
from tongmai.store import quote_ident

PERSON = "person"
_LIVE = 'WHERE "deleted_at" IS NULL'

# PostgreSQL refuses an index entry of more than 2704 bytes; a character has at most four.
WIDEST_INDEX = 650
_DIGEST = 40

# The columns of every object's table, in order; the fields' columns follow, then `_search`.
SYSTEM_COLUMNS: tuple[tuple[str, str], ...] = (
    ("id", "uuid NOT NULL"),
    ("version", "integer NOT NULL DEFAULT 1"),
    ("owner", "uuid"),
    ("created_at", "timestamptz NOT NULL"),
    ("created_by", "uuid"),
    ("changed_at", "timestamptz NOT NULL"),
    ("changed_by", "uuid"),
    ("deleted_at", "timestamptz"),
)
SEARCH_COLUMN = ("_search", "text[] NOT NULL DEFAULT '{}'")
RESERVED_COLUMNS = frozenset({name for name, _ in SYSTEM_COLUMNS} | {SEARCH_COLUMN[0]})


@dataclass(frozen=True)
class Column:
    """A field's column. ``references`` is the object whose table a single relation points to.

    ``width`` is how many characters a text may have, 0 for what is never long.
    """

    field: str
    name: str
    type: str
    references: str | None = None
    width: int = 0


@dataclass(frozen=True)
class Index:
    """``definition`` is everything of CREATE INDEX after ``ON table``."""

    name: str
    table: str
    definition: str
    unique: bool
    columns: tuple[str, ...]
    fields: tuple[str, ...] = ()

    def on(self, schema: Schema) -> str:
        return f"ON {schema(self.table)} {self.definition}"


@dataclass(frozen=True)
class ForeignKey:
    name: str
    table: str
    column: str
    target: str

    def definition(self, schema: Schema) -> str:
        return f'FOREIGN KEY ({quote_ident(self.column)}) REFERENCES {schema(self.target)} ("id")'


def column_of(field: FieldDef) -> Column | None:
    """The field's column, or None for a field without one (a formula)."""
    bound = bind_field(field)
    found = bound.column_type
    if found is None:
        return None
    references = bound.target if not bound.is_many else None
    return Column(field.key, field.column_name, found, references, _width(bound) if found == "text" else 0)


def _width(bound: BoundField) -> int:
    """From the field type's own limits; a type that has none is one of short words."""
    longest = bound.type.json_schema(bound.options).get("maxLength")
    return longest if isinstance(longest, int) else _DIGEST


def is_too_wide(field: FieldDef) -> bool:
    """Whether the field's longest text fits no index. False for a field that is wrong in other ways."""
    try:
        column = column_of(field)
    except Invalid:
        return False
    return column is not None and column.width > WIDEST_INDEX


def columns_of(definition: ObjectDef) -> dict[str, Column]:
    """The columns of an object's fields by field key."""
    found = ((field.key, column_of(field)) for field in definition.fields)
    return {key: column for key, column in found if column is not None}


def reference_target(field: FieldDef) -> str | None:
    """The object that a person, team or relation field points to, single or many."""
    return bind_field(field).target


def indexes_of(definition: ObjectDef) -> dict[str, Index]:
    """The indexes of an object beside its primary key, by name."""
    table = definition.key
    columns = columns_of(definition)
    found = [_owner_index(table), _search_index(table)]
    found += [_unique_index(table, keys, columns) for keys in unique_sets(definition) if set(keys) <= columns.keys()]
    for field in definition.fields:
        column = columns.get(field.key)
        if column is not None:
            found += _field_index(table, field, column)
    return {index.name: index for index in found}


def foreign_keys_of(definition: ObjectDef) -> dict[str, ForeignKey]:
    """The foreign keys of an object by name: owner, and each single relation."""
    pairs = [("owner", PERSON)]
    pairs += [(column.name, column.references) for column in columns_of(definition).values() if column.references]
    found = [
        ForeignKey(constraint_name(definition.key, [column], "fk"), definition.key, column, target)
        for column, target in pairs
    ]
    return {each.name: each for each in found}


def _owner_index(table: str) -> Index:
    return Index(constraint_name(table, ["owner"], "ix"), table, f'("owner", "id") {_LIVE}', False, ("owner",))


def _search_index(table: str) -> Index:
    return Index(
        constraint_name(table, ["_search"], "gin"), table, f'USING gin ("_search") {_LIVE}', False, ("_search",)
    )


def _unique_index(table: str, keys: tuple[str, ...], columns: dict[str, Column]) -> Index:
    names = [columns[key].name for key in keys]
    is_wide = sum(columns[key].width for key in keys) > WIDEST_INDEX
    # A digest of what may be too long: it is as unique as the text, but serves no search for it.
    listed = ", ".join(
        f"md5({quote_ident(columns[key].name)})" if is_wide and columns[key].width > _DIGEST else quote_ident(name)
        for key, name in zip(keys, names, strict=True)
    )
    name = constraint_name(table, names, "ud" if is_wide else "uq")
    return Index(name, table, f"({listed}) {_LIVE}", True, tuple(names), keys)


def _field_index(table: str, field: FieldDef, column: Column) -> list[Index]:
    """The index that a field needs by itself.

    A single relation gets one over all rows, deleted ones too: a purge of the target looks through it. ``id`` behind
    the column gives pages in the field's order without a sort. Arrays and JSON get GIN, which has no order.
    """
    quoted = quote_ident(column.name)
    if column.references:
        name = constraint_name(table, [column.name], "ix")
        return [Index(name, table, f'({quoted}, "id")', False, (column.name,), (field.key,))]
    bound = bind_field(field)
    methods = bound.type.index_methods
    if not methods or not (field.indexed or bound.is_many) or column.width > WIDEST_INDEX:
        return []
    gin = "btree" not in methods or column.type.endswith("[]")
    name = constraint_name(table, [column.name], "gin" if gin else "ix")
    if gin:
        return [Index(name, table, f"USING gin ({quoted}) {_LIVE}", False, (column.name,), (field.key,))]
    return [Index(name, table, f'({quoted}, "id") {_LIVE}', False, (column.name,), (field.key,))]
