"""Brings workspaces made by an earlier program what is built in since: objects, and fields of built-in objects."""

from __future__ import annotations

import structlog

from tongmai.kit import TongmaiError
from tongmai.model import Action, AddField, AddObject, Catalogue, Changeset, starting_catalogue
from tongmai.schema.catalogues import CatalogueStore
from tongmai.schema.editor import SchemaEditor
from tongmai.store import Database, Workspace, list_workspaces

_log = structlog.get_logger(__name__)


async def add_missing_builtins(database: Database, catalogues: CatalogueStore, editor: SchemaEditor) -> int:
    """A changeset by the system for each workspace that lacks something; how many were changed.

    Safe to run in several processes at once: who comes second finds nothing missing. A workspace that cannot be
    changed just now is logged and left for the next start; the others go on.
    """
    async with database.read() as tx:
        workspaces = await list_workspaces(tx)
    changed = 0
    for workspace in workspaces:
        try:
            changed += await _complete(workspace, catalogues, editor)
        except TongmaiError as error:
            _log.warning("builtins.waits", workspace=workspace.key, reason=str(error))
    return changed


async def _complete(workspace: Workspace, catalogues: CatalogueStore, editor: SchemaEditor) -> bool:
    missing = missing_builtins(await catalogues.newest(workspace))
    if not missing.actions:
        return False
    try:
        await editor.apply(workspace, missing, None)
    except TongmaiError:
        # Another process may have been quicker.
        if missing_builtins(await catalogues.newest(workspace)).actions:
            raise
        return False
    return True


def missing_builtins(catalogue: Catalogue) -> Changeset:
    """What adds the built-in objects and fields that are not there.

    A company's own object that bears the key of one stays as it is, and so does a field: what would use the built-in
    one says so where it is used.
    """
    actions: list[Action] = []
    for wanted in starting_catalogue().objects:
        present = catalogue.object_by_key.get(wanted.key)
        if present is None:
            actions.append(AddObject(object=wanted))
        elif present.builtin:
            actions += [
                AddField(object=wanted.key, field=each) for each in wanted.fields if each.key not in present.by_key
            ]
        else:
            _log.warning("builtins.key_taken", object=wanted.key)
    return Changeset(actions=tuple(actions))
