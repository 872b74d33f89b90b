"""What the actor may not do, in the words ``access`` has for it on every path."""

from __future__ import annotations

from tongmai.access import Action, refusal
from tongmai.kit import Denied
from tongmai.records.place import Place


def denied(place: Place, object_key: str, action: Action, *fields: str, record: bool = False) -> Denied:
    """The action on the object, on this record of it, or on fields of it."""
    return refusal(place.actor, place.structure.catalogue, object_key, action, *fields, record=record)
