"""Options for a text field that is to become a choice: the words its records hold, the most frequent first."""

from __future__ import annotations

from tongmai.kit import Invalid, NotFound, Text
from tongmai.model import Catalogue, Choice, Refused, choices_from
from tongmai.schema.columns import column_of
from tongmai.schema.names import Schema
from tongmai.store import ReadTx, quote_ident

# More than any choice may have: `choices_from` then says that there are too many.
_MOST_WORDS = 1_000
_LONGEST_WORD = 100


async def suggest_choices(
    tx: ReadTx, schema: Schema, catalogue: Catalogue, object_key: str, field_key: str
) -> tuple[Choice, ...]:
    """Raises ``NotFound`` for a field that is not there or holds no text, ``Invalid`` for too many different words."""
    definition = catalogue.object_by_key.get(object_key)
    field = definition.by_key.get(field_key) if definition is not None else None
    column = column_of(field) if field is not None else None
    if column is None or column.type != "text":
        raise NotFound.of(
            "field.unknown",
            "没有这个文本字段",
            "there is no such text field",
            field=field_key,
            way_out=Text("请选择一个文本字段", "Choose a text field"),
        )
    name = quote_ident(column.name)
    rows = await tx.fetch(
        f"SELECT {name} AS word FROM {schema(object_key)} "  # noqa: S608
        f"WHERE deleted_at IS NULL AND {name} IS NOT NULL AND char_length({name}) <= $2 "
        f"GROUP BY {name} ORDER BY count(*) DESC, {name} LIMIT $1",
        _MOST_WORDS,
        _LONGEST_WORD,
    )
    try:
        return choices_from(row["word"] for row in rows)
    except Refused as refused:
        raise Invalid(refused.faults) from None
