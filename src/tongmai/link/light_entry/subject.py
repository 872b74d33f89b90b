"""The record that an entry is about, as the formulas of presets see it: with the eyes of the one who taps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from tongmai import formula
from tongmai.access import AnyActor, policy_params
from tongmai.kit import Invalid
from tongmai.link.written import written
from tongmai.model import Catalogue, ObjectScope, Reading
from tongmai.store import Workspace


class Subject:
    """One record as the gateway answered it. What its reader may not see is blank."""

    def __init__(
        self,
        catalogue: Catalogue,
        workspace: Workspace,
        actor: AnyActor,
        object_key: str,
        document: Mapping[str, Any],
        now: datetime,
    ) -> None:
        self.document = document
        self._scope = ObjectScope(catalogue, object_key, metrics=False)
        zone = ZoneInfo(workspace.zone)
        params = {**policy_params(actor), "now": now, "today": now.astimezone(zone).date()}
        self._moment = formula.Moment(now, workspace.zone, catalogue.calendar.working, params)
        self._reading = Reading(zone)
        self._row: dict[str, object] = {}

    @property
    def id(self) -> UUID:
        return UUID(str(self.document["id"]))

    def wire(self, field: str) -> JsonValue:
        """A field as it is written: relations by their ids."""
        return written(self.document.get(field))

    def holds(self, condition: str | None) -> bool:
        if condition is None:
            return True
        tree = formula.parse(condition, self._scope, expect=formula.BOOLEAN).tree
        return formula.compile_python(tree)(self._row_for(tree), self._moment) is True

    def value(self, text: str, expect: formula.Type) -> JsonValue:
        """A preset's value, ready for the gateway. A field alone is taken over as it stands, but for those of several
        records that the reader may not see: he could not write them down either."""
        tree = formula.parse(text, self._scope, expect=expect).tree
        if isinstance(tree, formula.FieldRef) and len(tree.path) == 1:
            given = self.document.get(tree.path[0])
            return written([each for each in given if _is_seen(each)] if isinstance(given, list) else given)
        return _json(formula.compile_python(tree)(self._row_for(tree), self._moment))

    def _row_for(self, tree: formula.Tree) -> Mapping[str, object]:
        for path in formula.paths_of(tree):
            key = path[0]
            if key not in self._row:
                self._row[key] = self._read(key)
        return self._row

    def _read(self, key: str) -> object:
        given = self.wire(key)
        if given is None:
            return None
        try:
            return self._scope.bound(key).parse(given, self._reading)
        except Invalid:
            # A value that its own field no longer reads (options were taken away) says nothing here.
            return None


def _is_seen(value: object) -> bool:
    return not (isinstance(value, dict) and "id" in value and value.get("label") is None)


def _json(value: object) -> JsonValue:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_json(each) for each in value]
    return cast("JsonValue", value)
