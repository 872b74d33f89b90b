"""One tap: the record, the moves and the memory of both in one transaction; and taking it back."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import Actor, SystemActor
from tongmai.kit import Clock, Conflict, NotFound, Text, new_id
from tongmai.link.light_entry.entered import Entered, Moved, Undone, share_of
from tongmai.link.light_entry.subject import Subject
from tongmai.link.light_entry.tap import Tap
from tongmai.model import ObjectScope
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Record, Workspace, WriteTx

_UNDO_WITHIN = timedelta(days=1)


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
        now = self._clock.now()
        tap = Tap.of(actor, workspace, catalogue, object_key, preset, about, now)
        given = {key: value for key, value in (values or {}).items() if value not in (None, "")}
        tap.require_asked(given)
        document = orjson.loads(await self._gateway.get(actor, workspace, tap.about_object, about))
        subject = tap.subject(document, now)
        async with self._database.write() as tx:
            entry_id = await self._begin(tx, tap)
            if entry_id is None:
                return await self._earlier(tx, tap)
            tap.require_fit(subject)
            return await self._write(tx, tap, subject, entry_id, given, seconds)

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
            tap = Tap.of(actor, workspace, catalogue, row["object"], None, row["about"], row["at"])
            undone = await self._take_back(tx, tap, entry, row)
            await tx.execute(
                f"UPDATE {workspace.quoted_schema}._light_entry SET undone_at = $2 WHERE id = $1",
                entry,
                self._clock.now(),
            )
            return undone

    async def _begin(self, tx: WriteTx, tap: Tap) -> UUID | None:
        """The new entry's id; None where the same was tapped today, also by a tap that is just being written."""
        found: UUID | None = await tx.fetch_value(
            f"INSERT INTO {tap.workspace.quoted_schema}._light_entry (id, person, object, preset, about, day, at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id",
            new_id(self._clock), tap.actor.id, tap.object, tap.preset.key, tap.about, tap.day, self._clock.now(),
        )  # fmt: skip
        return found

    async def _earlier(self, tx: WriteTx, tap: Tap) -> Entered:
        row = await tx.fetch_row(
            f"SELECT id, record_id, moved::text AS moved, by_system, by_person"
            f" FROM {tap.workspace.quoted_schema}._light_entry WHERE person = $1 AND object = $2 AND preset = $3"
            " AND about = $4 AND day = $5 AND undone_at IS NULL",
            tap.actor.id, tap.object, tap.preset.key, tap.about, tap.day,
        )  # fmt: skip
        if row is None:
            raise Conflict.of(
                "entry.at_once",
                "正在录入，请稍后再试",
                "It is just being written, try again",
                way_out=Text("请稍后再试", "Try again in a moment"),
            )
        return Entered(
            row["id"], row["record_id"], _moved(row["moved"]), row["by_system"], row["by_person"], is_repeated=True
        )

    async def _write(
        self,
        tx: WriteTx,
        tap: Tap,
        subject: Subject,
        entry_id: UUID,
        given: Mapping[str, JsonValue],
        seconds: Decimal | None,
    ) -> Entered:
        filled = {key: value for key, value in _filled(tap, subject).items() if key not in given}
        moved = _moves(tap, subject)
        # The owner and what moved are entered by nobody either; the tap itself is the person's.
        by_person = 1 + len(given)
        by_system = max(len(filled) - len(tap.preset.values), 0) + 1 + len(moved)
        measured = _measured(tap, seconds, share_of(by_system, by_person))
        cause = f"light_entry:{entry_id}"
        made = await self._gateway.create(
            tap.actor, tap.workspace, tap.object, {**filled, **given, **measured}, cause=cause, tx=tx
        )
        if moved:
            await self._gateway.update(
                tap.actor, tap.workspace, tap.about_object, tap.about, {each.field: each.after for each in moved},
                expected_version=int(subject.document["version"]), cause=cause, tx=tx,
            )  # fmt: skip
        await tx.execute(
            f"UPDATE {tap.workspace.quoted_schema}._light_entry SET record_id = $2, moved = $3::text::jsonb,"
            " by_system = $4, by_person = $5, seconds = $6 WHERE id = $1",
            entry_id, made.one.id, orjson.dumps([asdict(each) for each in moved]).decode(), by_system, by_person,
            seconds,
        )  # fmt: skip
        return Entered(entry_id, made.one.id, moved, by_system, by_person)

    async def _take_back(self, tx: WriteTx, tap: Tap, entry: UUID, row: Record) -> Undone:
        cause = f"light_entry:{entry}:undo"
        # He made it himself within the day; whoever may make records need not have been given the right to delete.
        itself = SystemActor("light_entry", on_behalf=tap.actor.id)
        # Somebody may have put it into the bin by hand meanwhile.
        with contextlib.suppress(NotFound):
            await self._gateway.delete(itself, tap.workspace, tap.object, row["record_id"], cause=cause, tx=tx)
        moved = _moved(row["moved"])
        if not moved:
            return Undone((), ())
        document = orjson.loads(await self._gateway.get(tap.actor, tap.workspace, tap.about_object, tap.about))
        subject = tap.subject(document, self._clock.now())
        back = {each.field: each.before for each in moved if subject.wire(each.field) == each.after}
        if back:
            await self._gateway.update(tap.actor, tap.workspace, tap.about_object, tap.about, back, cause=cause, tx=tx)
        return Undone(tuple(back), tuple(each.field for each in moved if each.field not in back))


def _filled(tap: Tap, subject: Subject) -> dict[str, JsonValue]:
    """What the platform fills in by itself."""
    own = ObjectScope(tap.catalogue, tap.object, metrics=False)
    filled: dict[str, JsonValue] = {tap.entry.about: str(tap.about)}
    for key, text in {**tap.entry.fills, **tap.preset.values}.items():
        field = own.bound(key)
        filled[key] = subject.value(text, field.type.value_type(field.options))
    return {key: value for key, value in filled.items() if value is not None}


def _moves(tap: Tap, subject: Subject) -> tuple[Moved, ...]:
    scope = ObjectScope(tap.catalogue, tap.about_object, metrics=False)
    moved: list[Moved] = []
    for each in tap.preset.moves:
        if not subject.holds(each.when):
            continue
        field = scope.bound(each.field)
        after = subject.value(each.value, field.type.value_type(field.options))
        if after is not None and after != subject.wire(each.field):
            moved.append(Moved(each.field, subject.wire(each.field), after))
    return tuple(moved)


def _measured(tap: Tap, seconds: Decimal | None, share: float) -> dict[str, JsonValue]:
    """How long it took and how much nobody typed, where the object has fields for them."""
    measured: dict[str, JsonValue] = {}
    if tap.entry.seconds is not None and seconds is not None:
        measured[tap.entry.seconds] = str(seconds)
    if tap.entry.share is not None:
        measured[tap.entry.share] = str(round(Decimal(share), 2))
    return measured


def _moved(text: str) -> tuple[Moved, ...]:
    return tuple(Moved(**each) for each in orjson.loads(text))
