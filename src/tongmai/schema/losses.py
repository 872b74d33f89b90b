"""Counts what a change does to values that are there: what cannot be converted, is removed, blank or doubled.

Small tables are counted whole. A large one is judged from a sample of its pages, so that a preview takes a moment; its
counts are then estimates and say so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from tongmai.model import Catalogue, FieldDef, ObjectDef
from tongmai.schema.columns import Index, column_of, columns_of, indexes_of
from tongmai.schema.conversion import conversion, within_sql
from tongmai.schema.names import Schema
from tongmai.schema.physical import Physical, Reader
from tongmai.schema.plan import Target
from tongmai.schema.preview import Loss, LossKind, Sample
from tongmai.schema.retype import retyped
from tongmai.schema.steps import Retired
from tongmai.store import ReadTx, quote_ident

SAMPLES = 20
_COUNTED_WHOLE = 1_000_000
_LIVE = 't."deleted_at" IS NULL'
_LONGEST_SHOWN = 200


@dataclass(frozen=True)
class _Question:
    """``value`` and ``is_hit`` are SQL over a record ``t``."""

    kind: LossKind
    object: ObjectDef
    fields: tuple[str, ...]
    value: str
    is_hit: str


async def count_losses(
    tx: ReadTx, schema: Schema, before: Catalogue, target: Target, physical: Physical
) -> tuple[Loss, ...]:
    """Every loss of which there is at least one."""
    losses = [loss async for loss in _ask_all(tx, schema, before, target, physical)]
    losses += await count_duplicates(tx, schema, before, target, physical)
    return tuple(loss for loss in losses if loss.count)


async def _ask_all(
    tx: ReadTx, schema: Schema, before: Catalogue, target: Target, physical: Physical
) -> AsyncIterator[Loss]:
    for question in _questions(before, target):
        yield await _ask(tx, schema, question, physical.rows(question.object.key))


def _questions(before: Catalogue, target: Target) -> Iterator[_Question]:
    after = target.catalogue
    for old in before.objects:
        new = after.object_by_key.get(old.key)
        if new is None:
            yield _Question("removed", old, (), "NULL::text", "TRUE")
            continue
        for key, column in columns_of(old).items():
            name = f"t.{quote_ident(column.name)}"
            if key not in new.by_key or column_of(new.by_key[key]) is None:
                yield _Question("removed", old, (key,), name, f"{name} IS NOT NULL")
        for change in retyped(old, new, target.zone, target.restore):
            name = f"t.{quote_ident(change.old.name)}"
            yield _Question("unconverted", old, (change.after.key,), name, change.lost())
        yield from _rule_questions(old, new)


def _rule_questions(old: ObjectDef, new: ObjectDef) -> Iterator[_Question]:
    """Present records against limits and demands that are new. They stay as they are until they are saved again."""
    for field in new.fields:
        before = old.by_key.get(field.key)
        column = column_of(field)
        if before is None or column is None or before.column_name != field.column_name:
            continue
        name = f"t.{quote_ident(column.name)}"
        if field.required and not before.required:
            yield _Question("blank_required", new, (field.key,), "NULL::text", f"{name} IS NULL")
        if field.options != before.options:
            outside = f"{name} IS NOT NULL AND ({within_sql(field, name)}) IS NOT TRUE"
            yield _Question("outside_limits", new, (field.key,), name, outside)


async def _ask(tx: ReadTx, schema: Schema, question: _Question, rows: int) -> Loss:
    """One pass over the table, or over a sample of its pages."""
    exact = rows <= _COUNTED_WHOLE
    percent = 100.0 if exact else max(0.01, 100.0 * _COUNTED_WHOLE / rows / 4)
    sample = "" if exact else f" TABLESAMPLE SYSTEM ({percent:.4f}) REPEATABLE (1)"
    table = f"{schema(question.object.key)} t{sample}"
    where = f"WHERE {_LIVE} AND ({question.is_hit})"
    count = await tx.fetch_value(f"SELECT count(*) FROM {table} {where}")  # noqa: S608
    if not count:
        return Loss(question.kind, question.object.key, question.fields, 0, exact)
    found = await tx.fetch(
        f"""
        SELECT t."id", {_title(question.object)} AS title, left(to_jsonb({question.value}) #>> '{{}}', $1) AS value
        FROM {table} {where} LIMIT $2
        """,  # noqa: S608
        _LONGEST_SHOWN,
        SAMPLES,
    )
    samples = tuple(Sample(row["id"], row["title"], row["value"]) for row in found)
    return Loss(question.kind, question.object.key, question.fields, round(count * 100 / percent), exact, samples)


async def count_duplicates(
    tx: Reader, schema: Schema, before: Catalogue, target: Target, physical: Physical
) -> list[Loss]:
    """Records that share what a new unique set demands to be single. Counted whole: one more would fail the build."""
    losses = []
    for new in target.catalogue.objects:
        old = before.object_by_key.get(new.key)
        if old is None or old == new or new.key not in physical.tables:
            continue
        known = indexes_of(old)
        demanded = [index for index in indexes_of(new).values() if index.unique and index.name not in known]
        losses += [await _duplicates(tx, schema, old, new, index, target) for index in demanded]
    return [loss for loss in losses if loss.count]


async def _duplicates(tx: Reader, schema: Schema, old: ObjectDef, new: ObjectDef, index: Index, target: Target) -> Loss:
    values = [_value_before(new.key, old.by_key.get(key), new.by_key[key], target) for key in index.fields]
    named = [f"v{place}" for place in range(len(values))]
    made = ", ".join(f"{value} AS {name}" for value, name in zip(values, named, strict=True))
    shared = f"SELECT {', '.join(named)} FROM made GROUP BY {', '.join(named)} HAVING count(*) > 1"  # noqa: S608
    rows = await tx.fetch(
        f"""
        WITH made AS (SELECT t."id", {_title(new)} AS title, {made} FROM {schema(new.key)} t WHERE {_LIVE}),
        present AS (SELECT * FROM made WHERE {" AND ".join(f"{name} IS NOT NULL" for name in named)})
        SELECT p."id", p.title, left(concat_ws(' · ', {", ".join(f"{name}::text" for name in named)}), $1) AS value,
               count(*) OVER () AS total
        FROM present p JOIN ({shared}) s USING ({", ".join(named)})
        ORDER BY value, p."id" LIMIT $2
        """,  # noqa: S608
        _LONGEST_SHOWN,
        SAMPLES,
    )
    samples = tuple(Sample(row["id"], row["title"], row["value"]) for row in rows)
    return Loss("duplicate", new.key, index.fields, int(rows[0]["total"]) if rows else 0, True, samples)


def _value_before(table: str, old: FieldDef | None, new: FieldDef, target: Target) -> str:
    """SQL over the table as it is for the value that the field will have."""
    kept = Retired(table=table, column=new.column_name) in target.restore
    column = column_of(old) if old is not None else None
    if old is None or column is None:
        return f"t.{quote_ident(new.column_name)}" if kept else "NULL::text"
    name = f"t.{quote_ident(column.name)}"
    if old.column_name == new.column_name:
        return name
    found = conversion(old, new, target.zone)
    return "NULL::text" if found is None else found.sql(name)


def _title(definition: ObjectDef) -> str:
    field = definition.by_key.get(definition.title) if definition.title else None
    column = column_of(field) if field is not None else None
    return "NULL::text" if column is None else f"left(to_jsonb(t.{quote_ident(column.name)}) #>> '{{}}', 200)"
