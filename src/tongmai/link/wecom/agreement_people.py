"""Whom the vendor's names in a talk mean: the records that contacts and members became by their mappings."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from tongmai.model import Catalogue
from tongmai.store import ReadTx, Workspace

KIND, CUSTOMERS = "wecom", "customers"


def customer_object(catalogue: Catalogue) -> str | None:
    """The object whose records the contacts of archives are, None where no mapping makes any."""
    return next(iter(customer_objects(catalogue)), None)


def customer_objects(catalogue: Catalogue) -> list[str]:
    sources = sources_of(catalogue)
    return list(dict.fromkeys(e.object for e in catalogue.mappings if e.source in sources and e.stream == CUSTOMERS))


def sources_of(catalogue: Catalogue, *, archived: bool = False) -> list[str]:
    return [
        each.key
        for each in catalogue.sources
        if each.kind == KIND and (not archived or each.options.get("archive", "none") != "none")
    ]


async def contacts_of(tx: ReadTx, workspace: Workspace, catalogue: Catalogue, record: UUID) -> list[str]:
    """The vendor's names of a record: of one that others were merged into, theirs too."""
    rows = await tx.fetch(
        f"SELECT DISTINCT key FROM {workspace.quoted_schema}._lineage WHERE record_id = $1 AND mapping = ANY($2)",
        record,
        list(_mappings(catalogue, CUSTOMERS)),
    )
    return [row["key"] for row in rows]


async def records_of(
    tx: ReadTx, workspace: Workspace, catalogue: Catalogue, stream: str, keys: Collection[str]
) -> dict[tuple[str, str], tuple[str, UUID]]:
    """The records that rows became, by their source and key."""
    sources = _mappings(catalogue, stream)
    rows = await tx.fetch(
        f"SELECT mapping, key, object, record_id FROM {workspace.quoted_schema}._lineage"
        " WHERE mapping = ANY($1) AND key = ANY($2) ORDER BY mapping DESC",
        list(sources), list(keys),
    )  # fmt: skip
    return {(sources[row["mapping"]], row["key"]): (row["object"], row["record_id"]) for row in rows}


def _mappings(catalogue: Catalogue, stream: str) -> dict[str, str]:
    """The mappings of a stream of these sources, with the source of each."""
    sources = sources_of(catalogue)
    return {e.key: e.source for e in catalogue.mappings if e.source in sources and e.stream == stream}
