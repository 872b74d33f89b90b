"""Which record already has the values that must be unique: told to who may see it, so that it can be opened at once."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from tongmai.formula import TRUE
from tongmai.records.frame import Frame
from tongmai.records.listing import row_conditions
from tongmai.records.place import Place
from tongmai.records.runtime import Runtime
from tongmai.records.selection import title
from tongmai.records.statement import Parameters, Statement
from tongmai.store import Record, quote_ident

_UNIQUE = "unique:"


async def find_others(
    runtime: Runtime,
    place: Place,
    object_key: str,
    now: datetime,
    values: Sequence[Mapping[str, object]],
    answers: Sequence[Record],
) -> list[dict[str, object]]:
    """For each unique value that was refused: ``{row, fields, id, label}`` of the record that has it.

    ``values`` are by field key, beside the statement's ``answers``. Records the actor may not see are left out, and
    those that cannot be found by what was given alone (a patch of one of several fields).
    """
    found: list[dict[str, object]] = []
    for number, (given, answer) in enumerate(zip(values, answers, strict=True), 1):
        for code in answer["codes"]:
            fields = tuple(code.removeprefix(_UNIQUE).split(",")) if code.startswith(_UNIQUE) else ()
            if not fields or any(given.get(key) is None for key in fields) or not place.policy(object_key).may("read"):
                continue
            shape = ("other", place.key, object_key, fields)
            statement = runtime.kept.get(shape, partial(_compile, place, object_key, fields))
            wanted = {f"key.{key}": given[key] for key in fields}
            async with runtime.database.read() as tx:
                row = await tx.fetch_row(statement.sql, *statement.arguments(place.given(now) | wanted))
            if row is not None:
                found.append({"row": number, "fields": list(fields), "id": str(row["id"]), "label": row["label"]})
    return found


def _compile(place: Place, object_key: str, fields: Sequence[str]) -> Statement:
    parameters = Parameters()
    frame = Frame(place, object_key, "t", parameters)
    label = title(frame, object_key)
    conditions = row_conditions(frame, TRUE)
    for key in fields:
        column = quote_ident(place.structure.fields(object_key)[key].column_name)
        value = parameters.named(f"key.{key}", place.structure.column_type(object_key, key))
        conditions.append(f"t.{column} = {value}")
    return parameters.statement(
        f"SELECT t.id, {label} AS label FROM {place.table(object_key)} AS t {frame.joins}"
        f" WHERE {' AND '.join(conditions)} LIMIT 1"
    )
