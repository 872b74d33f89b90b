"""What the source itself calls a record: of several WeCom contacts of a company, or several codes of a customer, his
field bears one; the rows that became him bear them all."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tongmai.link.mapping.compiled import CompiledMapping
from tongmai.link.raw import RawRows
from tongmai.model import Catalogue, FieldMap, MappingDef
from tongmai.records import Place
from tongmai.records.transfer import Loader
from tongmai.store import ReadTx, Workspace, WriteTx

# What vendors' rows call a person and his company.
_NAMES = ("name", "corp_name", "company_name")


async def names_there(
    tx: ReadTx, workspace: Workspace, catalogue: Catalogue, raw: RawRows, source: str, target: str, texts: Sequence[str]
) -> dict[str, str]:
    """What the source calls those of its rows that are to be records of ``target``, by their keys among the texts: a
    person who is asked about a code cannot know it."""
    found: dict[str, str] = {}
    origins = (each for each in catalogue.mappings if (each.source, each.object) == (source, target))
    for stream in sorted({each.stream for each in origins}):
        for key, row in (await raw.bodies(tx, workspace, source, stream, texts)).items():
            names = [name for each in _NAMES if isinstance(name := row.body.get(each), str) and name.strip()]
            if names:
                found.setdefault(key, " · ".join(dict.fromkeys(names)))
    return found


async def records_called(
    tx: WriteTx,
    place: Place,
    loader: Loader,
    raw: RawRows,
    mapping: MappingDef,
    each: FieldMap,
    target: str,
    texts: Sequence[str],
) -> dict[str, UUID]:
    """The live records that rows of the mapping's source became, by the text that is both the row's key and what a
    field of ``each.by`` is filled from."""
    found: dict[str, UUID] = {}
    for origin in place.structure.catalogue.mappings:
        if (origin.source, origin.object) != (mapping.source, target):
            continue
        compiled = CompiledMapping(origin)
        filled = [origin.by_field[field] for field in each.by if field in origin.by_field]
        paths = [compiled.paths_of(one)[0] for one in filled if compiled.is_plain(one)]
        if not paths:
            continue
        rows = await tx.fetch(
            f"SELECT key, record_id FROM {place.schema}._lineage WHERE mapping = $1 AND key = ANY($2)",
            origin.key,
            [text for text in texts if text not in found],
        )
        bodies = await raw.bodies(tx, place.workspace, origin.source, origin.stream, [row["key"] for row in rows])
        for row in rows:
            stored = bodies.get(row["key"])
            if stored is not None and any(compiled.value_at(stored.body, path) == row["key"] for path in paths):
                found[row["key"]] = row["record_id"]
    alive = await loader.alive(tx, place, target, sorted(set(found.values()))) if found else set()
    return {text: record for text, record in found.items() if record in alive}
