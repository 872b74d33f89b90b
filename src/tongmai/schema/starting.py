"""A new workspace: its system tables, and the first catalogue with the tables of people and teams."""

from __future__ import annotations

from tongmai.kit import Clock, Text
from tongmai.model import Catalogue, starting_catalogue
from tongmai.schema.catalogues import CatalogueStore
from tongmai.schema.names import Schema
from tongmai.schema.physical import Physical
from tongmai.schema.plan import Target, plan_change
from tongmai.schema.resolve import resolve
from tongmai.schema.steps import BuildIndex, Check, Ddl
from tongmai.store import Database, Workspace, WriteTx
from tongmai.store import create_workspace as create_system_tables


async def create_workspace(
    database: Database,
    catalogues: CatalogueStore,
    clock: Clock,
    key: str,
    label: Text,
    zone: str = "Asia/Shanghai",
    *,
    currency: str = "CNY",
) -> Workspace:
    """Makes a workspace that can be worked in at once, in one transaction.

    Raises ``Invalid`` for a key, zone or currency that cannot be, ``Conflict`` if the key is taken.
    """
    async with database.write() as tx:
        workspace = await create_system_tables(tx, key, label, zone, clock=clock, currency=currency)
        catalogue = await begin_catalogue(tx, workspace, clock)
    catalogues.put(workspace, catalogue)
    return workspace


async def begin_catalogue(tx: WriteTx, workspace: Workspace, clock: Clock) -> Catalogue:
    """Version 1 of the catalogue in the caller's transaction: nobody else knows the workspace yet, so nobody waits."""
    schema, nothing = Schema(workspace.schema), Catalogue()
    catalogue = resolve(nothing, starting_catalogue(), Physical())
    for step in plan_change(schema, nothing, Target(catalogue, zone=workspace.zone), Physical()):
        if isinstance(step, Ddl | Check):
            for statement in step.sql:
                await tx.execute(statement)
        elif isinstance(step, BuildIndex):
            raise AssertionError("a table made anew brings its indexes")
    await tx.execute(
        f"INSERT INTO {schema('_catalogue')} (version, model, at) VALUES ($1, $2, $3)",  # noqa: S608
        catalogue.version,
        catalogue.model_dump_json(by_alias=True),
        clock.now(),
    )
    await tx.execute(
        f"UPDATE {schema('_feed')} SET catalogue_version = $1",  # noqa: S608
        catalogue.version,
    )
    return catalogue
