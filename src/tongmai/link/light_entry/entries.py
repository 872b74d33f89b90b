"""One tap: the record, the moves and the memory of both in one transaction; and taking it back."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from pydantic import JsonValue

from tongmai.access import Actor, SystemActor
from tongmai.kit import Clock, Conflict, Fault, Invalid, NotFound, Text, new_id
from tongmai.link.light_entry.offers import subject_object
from tongmai.link.light_entry.subject import Subject
from tongmai.model import Catalogue, EntryPreset, LightEntry, ObjectScope
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Record, Workspace, WriteTx

_UNDO_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moved:
    """A field of the record the entry is about, in the values of the wire."""

    field: str
    before: JsonValue
    after: JsonValue


@dataclass(frozen=True, slots=True)
class Entered:
    """``is_repeated``: this tap found the entry of an earlier one. ``by_system`` and ``by_person`` count the fields
    that each filled in (S2-20: the system at least 80 %)."""

    id: UUID
    record: UUID
    moved: tuple[Moved, ...]
    by_system: int
    by_person: int
    is_repeated: bool = False

    @property
    def share(self) -> float:
        """0 … 1: how much of it nobody had to enter."""
        return self.by_system / max(self.by_system + self.by_person, 1)


@dataclass(frozen=True, slots=True)
class Undone:
    """``kept`` are moved fields that somebody has changed since: they stay as they are."""

    restored: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Tap:
    object: str
    about_object: str
    entry: LightEntry
    preset: EntryPreset
    about: UUID
    day: date


class LightEntries:
    """For all workspaces."""

    def __init__(self, database: Database, catalogues: CatalogueStore, gateway: Gateway, clock: Clock) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway
        self._clock = clock

    async def write(
        self,
        actor: Actor,
        workspace: Workspace,
        object_key: str,
        preset: str,
        about: UUID,
        *,
        values: Mapping[str, JsonValue] | None = None,
        seconds: Decimal | None = None,
    ) -> Entered:
        """Writes a preset down about a record. ``values`` are the few fields that a person may add; ``seconds`` is how
        long it took him, where the screen knows.

        Raises ``NotFound`` for a preset that is none or a record that is not the actor's to see, ``Conflict`` where
        the preset does not fit the record (any more), ``Invalid``, ``Denied``: then nothing is written.
        """
        catalogue = await self._catalogues.get(workspace)
        day = self._clock.now().astimezone(ZoneInfo(workspace.zone)).date()
        tap = _tap(catalogue, object_key, preset, about, day)
        given = {key: value for key, value in (values or {}).items() if value not in (None, "")}
        _check_asked(tap.entry, given)
        document = orjson.loads(await self._gateway.get(actor, workspace, tap.about_object, about))
        subject = Subject(catalogue, workspace, actor, tap.about_object, document, self._clock.now())
        async with self._database.write() as tx:
            entry_id = await self._begin(tx, workspace, actor, tap)
            if entry_id is None:
                return await self._earlier(tx, workspace, actor, tap)
            if not subject.holds(tap.preset.when):
                raise _does_not_fit(tap.preset)
            return await self._write(tx, actor, workspace, catalogue, tap, subject, entry_id, given, seconds)

    async def undo(self, actor: Actor, workspace: Workspace, entry: UUID) -> Undone:
        """Takes one's own entry of the last day back. Raises ``NotFound``, ``Conflict`` if it was or is too late."""
        catalogue = await self._catalogues.get(workspace)
        async with self._database.write() as tx:
            row = await tx.fetch_row(
                f"SELECT object, preset, about, day, record_id, moved::text AS moved, at, undone_at"
                f" FROM {workspace.quoted_schema}._light_entry WHERE id = $1 AND person = $2 FOR UPDATE",
                entry,
                actor.id,
            )
            if row is None:
                raise NotFound.of("entry.unknown", "没有这条录入", "There is no such entry of yours")
            if row["undone_at"] is not None:
                raise Conflict.of("entry.undone", "这条录入已经撤销过", "This entry was taken back already")
            if self._clock.now() - row["at"] > _UNDO_WITHIN:
                raise Conflict.of(
                    "entry.too_late",
                    "超过一天的录入不能撤销",
                    "An entry can be taken back for a day",
                    way_out=Text("请在记录上直接修改", "Change the record itself"),
                )
            undone = await self._take_back(tx, actor, workspace, catalogue, entry, row)
            await tx.execute(
                f"UPDATE {workspace.quoted_schema}._light_entry SET undone_at = $2 WHERE id = $1",
                entry,
                self._clock.now(),
            )
            return undone

    async def _begin(self, tx: WriteTx, workspace: Workspace, actor: Actor, tap: _Tap) -> UUID | None:
        """The new entry's id; None where the same was tapped today, also by a tap that is just being written."""
        found: UUID | None = await tx.fetch_value(
            f"INSERT INTO {workspace.quoted_schema}._light_entry (id, person, object, preset, about, day, at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id",
            new_id(self._clock), actor.id, tap.object, tap.preset.key, tap.about, tap.day, self._clock.now(),
        )  # fmt: skip
        return found

    async def _earlier(self, tx: WriteTx, workspace: Workspace, actor: Actor, tap: _Tap) -> Entered:
        row = await tx.fetch_row(
            f"SELECT id, record_id, moved::text AS moved, by_system, by_person"
            f" FROM {workspace.quoted_schema}._light_entry WHERE person = $1 AND object = $2 AND preset = $3"
            " AND about = $4 AND day = $5 AND undone_at IS NULL",
            actor.id, tap.object, tap.preset.key, tap.about, tap.day,
        )  # fmt: skip
        if row is None:
            raise Conflict.of("entry.at_once", "正在录入，请稍后再试", "It is just being written, try again")
        return Entered(
            row["id"], row["record_id"], _moved(row["moved"]), row["by_system"], row["by_person"], is_repeated=True
        )

    async def _write(
        self,
        tx: WriteTx,
        actor: Actor,
        workspace: Workspace,
        catalogue: Catalogue,
        tap: _Tap,
        subject: Subject,
        entry_id: UUID,
        given: Mapping[str, JsonValue],
        seconds: Decimal | None,
    ) -> Entered:
        own = ObjectScope(catalogue, tap.object, metrics=False)
        filled: dict[str, JsonValue] = {tap.entry.about: str(tap.about)}
        for key, text in {**tap.entry.fills, **tap.preset.values}.items():
            field = own.bound(key)
            filled[key] = subject.value(text, field.type.value_type(field.options))
        filled = {key: value for key, value in filled.items() if value is not None and key not in given}
        cause = f"light_entry:{entry_id}"
        made = await self._gateway.create(actor, workspace, tap.object, {**filled, **given}, cause=cause, tx=tx)
        moved = await self._move(tx, actor, workspace, catalogue, tap, subject, cause)
        # The owner and what moved are entered by nobody either; the tap itself is the person's.
        by_person = 1 + len(given)
        by_system = max(len(filled) - len(tap.preset.values), 0) + 1 + len(moved)
        await tx.execute(
            f"UPDATE {workspace.quoted_schema}._light_entry SET record_id = $2, moved = $3::text::jsonb,"
            " by_system = $4, by_person = $5, seconds = $6 WHERE id = $1",
            entry_id, made.one.id, orjson.dumps([asdict(each) for each in moved]).decode(), by_system, by_person,
            seconds,
        )  # fmt: skip
        return Entered(entry_id, made.one.id, moved, by_system, by_person)

    async def _move(
        self,
        tx: WriteTx,
        actor: Actor,
        workspace: Workspace,
        catalogue: Catalogue,
        tap: _Tap,
        subject: Subject,
        cause: str,
    ) -> tuple[Moved, ...]:
        scope = ObjectScope(catalogue, tap.about_object, metrics=False)
        moved: list[Moved] = []
        for each in tap.preset.moves:
            if not subject.holds(each.when):
                continue
            field = scope.bound(each.field)
            after = subject.value(each.value, field.type.value_type(field.options))
            if after is not None and after != subject.wire(each.field):
                moved.append(Moved(each.field, subject.wire(each.field), after))
        if moved:
            values = {each.field: each.after for each in moved}
            version = int(subject.document["version"])
            await self._gateway.update(
                actor, workspace, tap.about_object, tap.about, values, expected_version=version, cause=cause, tx=tx
            )
        return tuple(moved)

    async def _take_back(
        self,
        tx: WriteTx,
        actor: Actor,
        workspace: Workspace,
        catalogue: Catalogue,
        entry: UUID,
        row: Record,
    ) -> Undone:
        cause = f"light_entry:{entry}:undo"
        tap = _tap(catalogue, row["object"], None, row["about"], row["day"])
        # He made it himself within the day; whoever may make records need not have been given the right to delete.
        itself = SystemActor("light_entry", on_behalf=actor.id)
        # Somebody may have put it into the bin by hand meanwhile.
        with contextlib.suppress(NotFound):
            await self._gateway.delete(itself, workspace, tap.object, row["record_id"], cause=cause, tx=tx)
        moved = _moved(row["moved"])
        if not moved:
            return Undone((), ())
        document = orjson.loads(await self._gateway.get(actor, workspace, tap.about_object, tap.about))
        subject = Subject(catalogue, workspace, actor, tap.about_object, document, self._clock.now())
        back = {each.field: each.before for each in moved if subject.wire(each.field) == each.after}
        if back:
            await self._gateway.update(actor, workspace, tap.about_object, tap.about, back, cause=cause, tx=tx)
        return Undone(tuple(back), tuple(each.field for each in moved if each.field not in back))


def _tap(catalogue: Catalogue, object_key: str, preset: str | None, about: UUID, day: date) -> _Tap:
    """``preset`` None: any of them, for what no longer needs it."""
    definition = catalogue.object_by_key.get(object_key)
    entry = None if definition is None else definition.light_entry
    about_object = None if definition is None else subject_object(catalogue, definition)
    found = None if entry is None else next((each for each in entry.presets if preset in (None, each.key)), None)
    if entry is None or about_object is None or found is None:
        raise NotFound.of("entry.no_preset", "没有这个快捷录入", "There is no such preset")
    return _Tap(object_key, about_object, entry, found, about, day)


def _check_asked(entry: LightEntry, given: Mapping[str, JsonValue]) -> None:
    listed = "、".join(entry.asks)
    text = Text("快捷录入不填这个字段", "Light entry does not ask for this field")
    way_out = Text(f"可填：{listed}", f"It may ask for: {', '.join(entry.asks)}") if entry.asks else None
    faults = [Fault("entry.not_asked", text, way_out, key) for key in given if key not in entry.asks]
    if faults:
        raise Invalid(tuple(faults))


def _does_not_fit(preset: EntryPreset) -> Conflict:
    return Conflict.of(
        "entry.does_not_fit",
        f"“{preset.label.zh}”不适用于这条记录现在的状态",
        f"“{preset.label.en}” does not fit this record as it stands now",
        way_out=Text("请刷新后选择可用的选项", "Reload and choose one that is offered"),
    )


def _moved(text: str) -> tuple[Moved, ...]:
    return tuple(Moved(**each) for each in orjson.loads(text))
