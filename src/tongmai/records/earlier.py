"""Rows as they were, for rooms that compute over whole objects for everybody: metrics, segments, back-tests.

They make statements of their own over FROM items that are made here; what people may see of the results is decided
where those are shown.
"""

from __future__ import annotations

from tongmai.access import Policies, SystemActor
from tongmai.model import Catalogue
from tongmai.records.past import Past
from tongmai.records.place import Place
from tongmai.records.structure import Structure
from tongmai.store import Workspace


def past_rows(workspace: Workspace, catalogue: Catalogue, object_key: str, moment: str) -> str:
    """All rows of an object at ``moment`` (the SQL of a timestamptz), deleted ones included; wants an alias."""
    return Past(moment).rows(_place(workspace, catalogue), object_key)


def past_record(
    workspace: Workspace, catalogue: Catalogue, object_key: str, moment: str, link: str, version: str | None = None
) -> str:
    """The one row whose id is ``link`` (SQL) at ``moment`` or, with ``version`` (SQL), as that version was; a lateral
    FROM item that wants an alias."""
    return Past(moment).record(_place(workspace, catalogue), object_key, link, version)


def _place(workspace: Workspace, catalogue: Catalogue) -> Place:
    return Place(workspace, Structure(catalogue), SystemActor("compute"), Policies())
