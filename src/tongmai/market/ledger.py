"""Which apps a workspace has, and each step that brought, renewed or removed one: enough to take the step back."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

import orjson

from tongmai.kit import Text
from tongmai.market.content_piece import ContentPiece
from tongmai.market.package import AppPackage
from tongmai.model import Catalogue
from tongmai.store import ReadTx, Record, Workspace, WriteTx


@dataclass(frozen=True, slots=True)
class InstalledApp:
    """An app that a workspace has: the model that it ``brought`` and the ``texts`` of its packs, both as they were when
    it was last installed or upgraded (no texts of one installed long ago), ``content`` the ids of the packs that it
    made, by key, ``scenarios`` those of it that the workspace has, None where it has the whole app."""

    key: str
    version: str
    label: Text
    installed_at: datetime
    brought: Catalogue
    content: Mapping[str, str]
    requires: tuple[str, ...]
    scenarios: tuple[str, ...] | None = None
    texts: tuple[ContentPiece, ...] = ()

    def is_of(self, package: AppPackage) -> bool:
        """Whether it was brought by this very package, packs apart that it did not bring."""
        info, offered = package.info, {each.key: each for each in package.content}
        return (self.version, self.label, self.requires, self.brought, self.scenarios) == (
            info.version, info.label, info.requires, package.model, package.chosen,
        ) and all(offered.get(each.key) == each for each in self.texts)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Renewed:
    """A pack that a step made say something else."""

    before: ContentPiece
    after: ContentPiece


@dataclass(frozen=True, slots=True)
class AppStep:
    """What was done to ``app`` by a change of the model: content records ``made``, ``binned`` and ``renewed``, and
    ``before``, the app's entry as JSON, None where there was none. A step that is not ``live`` was taken back, or took
    one back."""

    change: UUID
    app: str
    before: str | None
    made: tuple[UUID, ...]
    binned: tuple[UUID, ...]
    renewed: tuple[Renewed, ...] = ()
    live: bool = True

    @property
    def requires(self) -> Sequence[str]:
        """What the app needed, as it was before."""
        return [] if self.before is None else cast(Sequence[str], orjson.loads(self.before)["requires"])


async def installed_apps(tx: ReadTx, workspace: Workspace) -> list[InstalledApp]:
    """The oldest first."""
    rows = await tx.fetch(f"SELECT * FROM {workspace.quoted_schema}._app ORDER BY installed_at, key")
    return [_installed(row) for row in rows]


async def put_app(
    tx: WriteTx,
    workspace: Workspace,
    package: AppPackage,
    content: Mapping[str, str],
    now: datetime,
    actor_id: UUID | None,
) -> None:
    """The app's entry, new or renewed; ``content`` are the ids of its records by key."""
    texts = [each.model_dump(mode="json") for each in package.content if each.key in content]
    await tx.execute(
        f"INSERT INTO {workspace.quoted_schema}._app"
        " (key, version, label, requires, brought, content, installed_at, installed_by, changed_at, scenarios, texts)"
        " VALUES ($1, $2, $3::jsonb, $8, $4::jsonb, $5::jsonb, $6, $7, $6, $9, $10::jsonb)"
        " ON CONFLICT (key) DO UPDATE SET version = excluded.version, label = excluded.label,"
        " requires = excluded.requires, brought = excluded.brought, content = excluded.content,"
        " changed_at = excluded.changed_at, scenarios = excluded.scenarios,"
        " texts = excluded.texts",
        package.info.key,
        package.info.version,
        orjson.dumps({"zh": package.info.label.zh, "en": package.info.label.en}).decode(),
        package.model.model_dump_json(by_alias=True),
        orjson.dumps(dict(content)).decode(),
        now,
        actor_id,
        list(package.info.requires),
        None if package.chosen is None else list(package.chosen),
        orjson.dumps(texts).decode(),
    )


async def drop_app(tx: WriteTx, workspace: Workspace, key: str) -> None:
    await tx.execute(f"DELETE FROM {workspace.quoted_schema}._app WHERE key = $1", key)


async def entry_of(tx: ReadTx, workspace: Workspace, key: str) -> str | None:
    """The app's entry as JSON, to be kept in a step."""
    found: str | None = await tx.fetch_value(
        f"SELECT to_jsonb(a)::text FROM {workspace.quoted_schema}._app a WHERE key = $1", key
    )
    return found


async def return_entry(tx: WriteTx, workspace: Workspace, key: str, entry: str | None) -> None:
    """Puts the entry back as a step kept it."""
    schema = workspace.quoted_schema
    await drop_app(tx, workspace, key)
    if entry is not None:
        await tx.execute(
            f"INSERT INTO {schema}._app SELECT * FROM jsonb_populate_record(NULL::{schema}._app, $1::jsonb)", entry
        )


async def keep_step(tx: WriteTx, workspace: Workspace, step: AppStep, now: datetime) -> None:
    await tx.execute(
        f"INSERT INTO {workspace.quoted_schema}._app_step (change, app, before, made, binned, live, done_at, renewed)"
        " VALUES ($1, $2, $3::jsonb, $4, $5, $6, $7, $8::jsonb)",
        step.change, step.app, step.before, list(step.made), list(step.binned), step.live, now, _dumped(step.renewed),
    )  # fmt: skip


async def find_step(tx: ReadTx, workspace: Workspace, change: UUID) -> AppStep | None:
    """The step that a change of the model was part of; None for a change that was no app's."""
    row = await tx.fetch_row(
        "SELECT change, app, before::text AS before, made, binned, renewed, live"
        f" FROM {workspace.quoted_schema}._app_step WHERE change = $1",
        change,
    )
    if row is None:
        return None
    renewed = tuple(
        Renewed(ContentPiece.model_validate(each["before"]), ContentPiece.model_validate(each["after"]))
        for each in orjson.loads(row["renewed"])
    )
    return AppStep(
        row["change"], row["app"], row["before"], tuple(row["made"]), tuple(row["binned"]), renewed, live=row["live"]
    )


async def has_later_step(tx: ReadTx, workspace: Workspace, step: AppStep) -> bool:
    """Whether something later was done to the app, which taking the step back would lose."""
    schema = workspace.quoted_schema
    found: bool = await tx.fetch_value(
        f"SELECT EXISTS (SELECT FROM {schema}._app_step s JOIN {schema}._app_step l ON l.app = s.app"
        " WHERE s.change = $1 AND l.live AND l.seq > s.seq)",
        step.change,
    )
    return found


async def end_step(tx: WriteTx, workspace: Workspace, change: UUID) -> None:
    """It is taken back: it stands in no other's way any more."""
    await tx.execute(f"UPDATE {workspace.quoted_schema}._app_step SET live = false WHERE change = $1", change)


def _dumped(renewed: Sequence[Renewed]) -> str:
    return orjson.dumps(
        [{"before": each.before.model_dump(), "after": each.after.model_dump()} for each in renewed]
    ).decode()


def _installed(row: Record) -> InstalledApp:
    label = orjson.loads(row["label"])
    return InstalledApp(
        row["key"],
        row["version"],
        Text(label["zh"], label["en"]),
        row["installed_at"],
        Catalogue.model_validate_json(row["brought"]),
        orjson.loads(row["content"]),
        tuple(row["requires"]),
        None if row["scenarios"] is None else tuple(row["scenarios"]),
        tuple(ContentPiece.model_validate(each) for each in orjson.loads(row["texts"] or "[]")),
    )
