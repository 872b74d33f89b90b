"""How a person wants to be told, and what the workspace says for who has not chosen."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Collection
from datetime import time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tongmai.model import unsuitable
from tongmai.store import ReadTx, Workspace
from tongmai.work.runtime import Runtime

Way = Literal["now", "digest", "off"]
ChannelKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_DEFAULTS = "preferences"


class Preferences(BaseModel):
    """Times are of the workspace's zone. ``quiet_from`` later than ``quiet_to`` reaches over midnight; both equal mean
    no quiet hours. ``budget`` is how many notifications a day may interrupt; what is more waits for the digest, as
    all does on ``quiet_days_off`` (days that are no working days). Urgent ones heed none of this.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    quiet_from: time = time(21, 0)
    quiet_to: time = time(8, 0)
    quiet_days_off: bool = False
    digest_at: Annotated[tuple[time, ...], Field(min_length=1, max_length=6)] = (time(8, 30),)
    channels: Annotated[dict[ChannelKey, Way], Field(max_length=20)] = Field(default_factory=dict)
    budget: Annotated[int, Field(ge=0, le=1_000)] = 20
    language: Literal["zh", "en"] = "zh"

    @model_validator(mode="after")
    def _plain_times(self) -> Preferences:
        for each in (self.quiet_from, self.quiet_to, *self.digest_at):
            if each.tzinfo is not None or each.second or each.microsecond:
                raise unsuitable(
                    "时间只写时和分，例如 08:30", "times are hours and minutes of the workspace's zone, like 08:30"
                )
        return self

    def way(self, channel: str) -> Way:
        """How this channel is used: at once unless told otherwise."""
        return self.channels.get(channel, "now")


class PreferenceStore:
    """Reads and keeps preferences."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def of(self, tx: ReadTx, workspace: Workspace, people: Collection[UUID]) -> dict[UUID, Preferences]:
        """The preferences of each of the people: their own, else the workspace's, else the product's."""
        schema = workspace.quoted_schema
        usual = await self.usual(tx, workspace)
        rows = await tx.fetch(
            f"SELECT person, given::text AS given FROM {schema}._preference WHERE person = ANY($1)", list(people)
        )
        own = {row["person"]: Preferences.model_validate_json(row["given"]) for row in rows}
        return {each: own.get(each, usual) for each in people}

    async def usual(self, tx: ReadTx, workspace: Workspace) -> Preferences:
        """What holds for who has not chosen."""
        given = await tx.fetch_value(
            f"SELECT value::text FROM {workspace.quoted_schema}._work_setting WHERE name = $1", _DEFAULTS
        )
        return Preferences() if given is None else Preferences.model_validate_json(given)

    async def get(self, workspace: Workspace, person: UUID) -> Preferences:
        async with self._runtime.database.read() as tx:
            return (await self.of(tx, workspace, [person]))[person]

    async def put(self, workspace: Workspace, person: UUID, preferences: Preferences) -> None:
        async with self._runtime.database.write() as tx:
            await tx.execute(
                f"INSERT INTO {workspace.quoted_schema}._preference (person, given, changed_at) VALUES ($1, $2, $3)"
                " ON CONFLICT (person) DO UPDATE SET given = excluded.given, changed_at = excluded.changed_at",
                person, preferences.model_dump_json(), self._runtime.now(),
            )  # fmt: skip

    async def put_usual(self, workspace: Workspace, preferences: Preferences) -> None:
        """Sets what holds for who has not chosen."""
        async with self._runtime.database.write() as tx:
            await tx.execute(
                f"INSERT INTO {workspace.quoted_schema}._work_setting (name, value, changed_at) VALUES ($1, $2, $3)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
                _DEFAULTS, preferences.model_dump_json(), self._runtime.now(),
            )  # fmt: skip
