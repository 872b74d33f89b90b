"""One tap as it was asked for: who, which preset, about which record, on which day; and why it may be refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from tongmai.access import Actor
from tongmai.kit import Conflict, Fault, Invalid, NotFound, Text
from tongmai.link.light_entry.offers import subject_object
from tongmai.link.light_entry.subject import Subject
from tongmai.model import Catalogue, EntryPreset, LightEntry
from tongmai.store import Workspace


@dataclass(frozen=True, slots=True)
class Tap:
    """``object`` is what it makes a record of, ``about`` a record of ``about_object``; ``day`` is the workspace's."""

    actor: Actor
    workspace: Workspace
    catalogue: Catalogue
    object: str
    about_object: str
    entry: LightEntry
    preset: EntryPreset
    about: UUID
    day: date

    @staticmethod
    def of(
        actor: Actor,
        workspace: Workspace,
        catalogue: Catalogue,
        object_key: str,
        preset: str | None,
        about: UUID,
        now: datetime,
    ) -> Tap:
        """``preset`` None: any of them, for what no longer needs it. Raises ``NotFound`` where there is none."""
        definition = catalogue.object_by_key.get(object_key)
        entry = None if definition is None else definition.light_entry
        about_object = None if definition is None else subject_object(catalogue, definition)
        found = None if entry is None else next((each for each in entry.presets if preset in (None, each.key)), None)
        if entry is None or about_object is None or found is None:
            raise NotFound.of(
                "entry.no_preset",
                "没有这个快捷录入",
                "There is no such preset",
                way_out=Text("刷新后重新选择", "Choose again after a refresh"),
            )
        day = now.astimezone(ZoneInfo(workspace.zone)).date()
        return Tap(actor, workspace, catalogue, object_key, about_object, entry, found, about, day)

    def subject(self, document: Mapping[str, Any], now: datetime) -> Subject:
        """The record it is about, as the one who taps sees it."""
        return Subject(self.catalogue, self.workspace, self.actor, self.about_object, document, now)

    def require_asked(self, given: Mapping[str, JsonValue]) -> None:
        """Raises ``Invalid`` for values of fields that are not asked for."""
        asks = self.entry.asks
        text = Text("快捷录入不填这个字段", "Light entry does not ask for this field")
        way_out = Text(f"可填：{'、'.join(asks)}", f"It may ask for: {', '.join(asks)}") if asks else None
        faults = [Fault("entry.not_asked", text, way_out, key) for key in given if key not in asks]
        if faults:
            raise Invalid(tuple(faults))

    def require_fit(self, subject: Subject) -> None:
        """Raises ``Conflict`` where the preset does not fit the record (any more)."""
        if not subject.holds(self.preset.when):
            raise Conflict.of(
                "entry.does_not_fit",
                f"“{self.preset.label.zh}”不适用于这条记录现在的状态",
                f"“{self.preset.label.en}” does not fit this record as it stands now",
                way_out=Text("请刷新后选择可用的选项", "Reload and choose one that is offered"),
            )
