"""How a made-up company comes into a workspace, the way any company would: people set up, sources connected, what the
systems hold pulled, and the program's rounds at the moments that are lived through.

The clock is a parameter: it stands at the moment that is lived through, so that history, classes, tasks and signals
bear the moments they would have had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import httpx
from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.demo.people import Colleague, Team
from tongmai.kit import Conflict, FixedClock, Text
from tongmai.link import Links
from tongmai.link.understanding import ChatReader
from tongmai.market import built_in_apps, read_package
from tongmai.metrics import Segments, Snapshots
from tongmai.model import Changeset, ChangeSource
from tongmai.records import Sealer
from tongmai.schema import create_workspace
from tongmai.store import JobWorker, Workspace, find_job
from tongmai.web import Services
from tongmai.work import Preferences

ZONE = "Asia/Shanghai"
_ACTOR = SystemActor("demo")
# Source after source, the streams that are pulled; none named: all of them.
Streams = Sequence[tuple[str, Sequence[str]]]


class Systems(Protocol):
    """The company's systems as they run. ``http`` reaches those that speak HTTP; ``options`` and ``secrets`` by source
    are what an administrator would enter."""

    @property
    def http(self) -> httpx.AsyncClient: ...

    def bring_up(self, moment: datetime) -> None:
        """All of them hold what had happened by then."""

    def options(self) -> Mapping[str, dict[str, JsonValue]]: ...

    def secrets(self) -> Mapping[str, dict[str, str]]: ...


class Tell(Protocol):
    """Hears of each step that is done, with its name and how many there are."""

    def __call__(self, step: Text, done: int, total: int) -> None: ...


class AddPerson(Protocol):
    """Adds a person with a sign-in (the command line's own)."""

    async def __call__(self, login: str, name: str, role: str, team: str) -> UUID: ...


@dataclass
class Intake:
    """Into one workspace. ``steps`` is how many ``told`` will tell of."""

    services: Services
    clock: FixedClock
    systems: Systems
    workspace: Workspace
    tell: Tell
    steps: int
    links: Links = field(init=False)
    _done: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        services = self.services
        self.links = Links(
            services.database, services.catalogues, self.clock, services.settings, services.gateway,
            services.transfer.loader, http=self.systems.http,
        )  # fmt: skip

    def told(self, zh: str, en: str) -> None:
        self._done += 1
        self.tell(Text(zh, en), self._done, self.steps)

    async def install(self, app: str) -> None:
        await self.services.market.install(self.workspace, read_package(dict(built_in_apps())[app]))

    async def add_people(
        self,
        teams: Sequence[Team],
        people: Sequence[Colleague],
        leader_of: Callable[[str], str | None],
        add: AddPerson,
    ) -> dict[str, UUID]:
        """Teams, people and who leads them (``leader_of`` a team's key gives a phone number); everybody's id by phone
        number."""
        gateway, workspace = self.services.gateway, self.workspace
        ids, by_phone = dict[str, str](), dict[str, UUID]()
        for each in teams:
            parent = {"parent": ids[each.parent]} if each.parent else {}
            made = await gateway.create(_ACTOR, workspace, "team", {"name": each.name, **parent})
            ids[each.key] = str(made.one.id)
        for person in people:
            by_phone[person.phone] = await self._add(person, ids[person.team], add)
        for key, team in ids.items():
            if (lead := leader_of(key)) is not None:
                await gateway.update(_ACTOR, workspace, "team", UUID(team), {"lead": str(by_phone[lead])})
        return by_phone

    async def _add(self, person: Colleague, team: str, add: AddPerson) -> UUID:
        gateway, workspace = self.services.gateway, self.workspace
        if person.login:
            id_ = await add(person.login, person.name, person.role, team)
            await gateway.update(_ACTOR, workspace, "person", id_, {"phone": person.phone})
            return id_
        values: dict[str, JsonValue] = {
            "name": person.name,
            "roles": [person.role],
            "team": team,
            "phone": person.phone,
        }
        return (await gateway.create(_ACTOR, workspace, "person", values)).one.id

    async def connect(self) -> None:
        """What an administrator does: addresses and secrets on the sources' page, then on. Notifications stay in the
        inbox, as the systems that would take them are gone afterwards."""
        inbox_only = Preferences(channels={"wecom": "off", "dingtalk": "off"})
        await self.services.work.preferences.put_usual(self.workspace, inbox_only)
        self.systems.bring_up(self.clock.moment)
        await self._switch(self.systems.options(), enabled=True)
        async with self.services.database.write() as tx:
            for source, secrets in self.systems.secrets().items():
                await self.links.secrets.put(tx, self.workspace, source, dict(secrets))

    async def disconnect(self) -> None:
        await self._switch({}, enabled=False)

    async def _switch(self, options: Mapping[str, Mapping[str, object]], *, enabled: bool) -> None:
        catalogue = await self.services.catalogues.newest(self.workspace)
        changes = tuple(
            ChangeSource(
                before=each,
                after=each.model_copy(
                    update={"enabled": enabled, "options": {**each.options, **options.get(each.key, {})}}
                ),
            )
            for each in catalogue.sources
        )
        await self.services.editor.apply(self.workspace, Changeset(actions=changes), None)

    async def take_in(self, moment: datetime, streams: Streams) -> None:
        """What the systems hold at the moment comes in, before rules are in force."""
        self.go_to(moment)
        for source, wanted in streams:
            await self._pull(source, wanted)
            self.told(f"已接入 {source}", f"{source} is in")
        await self._read_chats()
        await self.seal()

    async def hour(self, moment: datetime, streams: Streams) -> None:
        """What the systems hold at the moment comes in, then the program's rounds as they would run."""
        self.go_to(moment)
        for source, wanted in streams:
            await self._pull(source, wanted)
        await self._read_chats()
        await self._round()

    def go_to(self, moment: datetime) -> None:
        self.clock.moment = moment
        self.systems.bring_up(moment)

    async def _pull(self, source: str, streams: Sequence[str]) -> None:
        job_id = await self.links.puller.ask(self.workspace, source, streams=streams)
        await JobWorker(self.services.database, self.links.job_handlers(), self.clock).run_until_idle()
        async with self.services.database.read() as tx:
            job = await find_job(tx, job_id)
        if job is None or job.state != "done":
            told = (job.error if job is not None else None) or {}
            raise Conflict.of(
                "demo.pull", f"{source} 读取失败：{told.get('zh')}", f"{source} could not be read: {told.get('en')}"
            )

    async def _read_chats(self) -> None:
        database, catalogues = self.services.database, self.services.catalogues
        await ChatReader(database, catalogues, self.clock, self.links.words).advance(self.workspace)

    async def seal(self) -> None:
        services = self.services
        await Sealer(services.database, self.workspace, self.clock, services.settings).seal_once()

    async def classes_of_the_past(self, last: datetime, weeks: int) -> None:
        """At the moment of each of so many weeks before ``last``, then at it: what the classes would have been."""
        metrics = self.services.metrics
        segments, snapshots = Segments(metrics), Snapshots(metrics)
        for back in range(weeks, -1, -1):
            moment = last - timedelta(days=7 * back)
            await metrics.full(self.workspace, moment)
            await segments.evaluate(self.workspace, moment)
            await snapshots.take(self.workspace, moment.date())
            self.told("重建各周分级", "Classes of the weeks before")

    async def _round(self) -> None:
        services, workspace = self.services, self.workspace
        await self.seal()
        await Snapshots(services.metrics).close_day(workspace)
        await services.metrics.refresh(workspace)
        await Segments(services.metrics).evaluate(workspace)
        await services.rules.engine.advance(workspace)
        await services.rules.outbox.work_off(workspace)


async def found_company(services: Services, clock: FixedClock, key: str, label: Text) -> Workspace:
    """The workspace that a company comes into."""
    return await create_workspace(services.database, services.catalogues, clock, key, label, ZONE)
