"""The demo company brought in the way any company would be: people set up, sources connected, two years pulled, then
the last days lived through one by one with rules in force.

What U8 and DingTalk held at the end of each of the weeks before comes in at the end of that week: a rule on weeks in a
row asks what was known at the end of each, and two years that came in at once would tell it nothing.

The clock is a parameter: it stands at the day that is lived through, so that history, classes, tasks and signals bear
the moments they would have had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.demo.acting import Colleagues
from tongmai.demo.deals import SHORT_WEEKS
from tongmai.demo.first_state import bring_in_first_state
from tongmai.demo.people import OPERATIONS, TEAMS, leader_of, staff
from tongmai.demo.systems import Systems
from tongmai.demo.world import World
from tongmai.kit import Conflict, FixedClock, Text
from tongmai.link import Links
from tongmai.link.understanding import ChatReader
from tongmai.market import built_in_apps, read_package
from tongmai.metrics import Segments, Snapshots
from tongmai.model import Changeset, ChangeSource
from tongmai.records import Sealer
from tongmai.rules import settle
from tongmai.schema import create_workspace
from tongmai.store import JobWorker, Workspace, find_job
from tongmai.web import Services
from tongmai.work import Preferences

KEY, ZONE = "demo", "Asia/Shanghai"
_ACTOR = SystemActor("demo")
_EVENING = {"u8": (), "wecom": ("messages", "calls", "moment_interactions"), "dingtalk": ("approvals",), "ledgers": ()}
_MORNING = {"u8": (), "wecom": ("messages",)}
_WEEKLY = {"u8": (), "dingtalk": ("members", "approvals")}
_FIRST = {"u8": (), "wecom": ("members", "customers", "messages", "calls", "moment_interactions"),
          "dingtalk": ("members", "approvals"), "ledgers": ()}  # fmt: skip


class Tell(Protocol):
    """Hears of each step that is done, with its name and how many there are."""

    def __call__(self, step: Text, done: int, total: int) -> None: ...


class AddPerson(Protocol):
    """Adds a person with a sign-in (the command line's own)."""

    async def __call__(self, login: str, name: str, role: str, team: str) -> UUID: ...


@dataclass
class Loading:
    """One load, into a workspace of its own. The last Monday morning and ``live_days`` at the end are lived through
    with rules in force; of ``past_weeks`` before them the classes are drawn anew."""

    services: Services
    clock: FixedClock
    world: World
    systems: Systems
    add_person: Callable[[Workspace], AddPerson]
    tell: Tell
    live_days: int = 2
    past_weeks: int = 8
    _done: int = 0

    @property
    def begun(self) -> datetime:
        """When rules come into force: early on the first of the days lived through, on the day before the last Monday
        at the latest, so that a week ends while they are."""
        sunday = (self.world.monday - timedelta(days=1)).replace(hour=6)
        return min(self._first_day, sunday)

    @property
    def _first_day(self) -> datetime:
        """Of the days at the end that are lived through from morning to evening."""
        return (self.world.end - timedelta(days=self.live_days)).replace(hour=6, minute=0, second=0, microsecond=0)

    @property
    def week_ends(self) -> list[datetime]:
        """The evenings before, each of a Sunday, on which what the week brought comes in; on the first all before."""
        mondays = [self.world.monday - timedelta(days=7 * back) for back in range(SHORT_WEEKS - 1, 0, -1)]
        return [each - timedelta(hours=1) for each in mondays]

    async def run(self) -> Workspace:
        self.clock.moment = self.week_ends[0]
        services = self.services
        workspace = await create_workspace(
            services.database, services.catalogues, self.clock, KEY, Text("绍越医械", "Shaoyue Medical"), ZONE
        )
        await services.market.install(workspace, read_package(dict(built_in_apps())["sales"]))
        self._told("安装销售管理系统", "The sales app is installed")
        people = await self._people(workspace)
        links = Links(
            services.database, services.catalogues, self.clock, services.settings, services.gateway,
            services.transfer.loader, http=self.systems.http,
        )  # fmt: skip
        colleagues = Colleagues(services, workspace, self.world, people, links.light_entries)
        await self._connect(workspace, links)
        self._told("人员与数据源", "People and sources")
        for moment in self.week_ends:
            self._go_to(moment)
            await self._take_in(workspace, links, _WEEKLY)
        self._go_to(self.begun)
        await self._take_in(workspace, links, _FIRST)
        await self._classes_of_the_past(workspace)
        rnd = self.world.dice("first reminders")
        await bring_in_first_state(services, workspace, await colleagues.actor(OPERATIONS), rnd)
        await self._seal(workspace)
        await settle(services.rules.engine, workspace)
        self._told("规则自此生效", "Rules are in force from here")
        await self._live(workspace, links, colleagues)
        await self._switch(workspace, {}, enabled=False)
        return workspace

    async def _people(self, workspace: Workspace) -> dict[str, UUID]:
        """Teams, people and who leads them; everybody's id by phone number."""
        gateway, teams = self.services.gateway, dict[str, str]()
        for each in TEAMS:
            parent = {"parent": teams[each.parent]} if each.parent else {}
            made = await gateway.create(_ACTOR, workspace, "team", {"name": each.name, **parent})
            teams[each.key] = str(made.one.id)
        add, by_phone = self.add_person(workspace), dict[str, UUID]()
        for person in staff():
            team = teams[person.team]
            if person.login:
                id_ = await add(person.login, person.name, person.role, team)
                await gateway.update(_ACTOR, workspace, "person", id_, {"phone": person.phone})
            else:
                values: dict[str, JsonValue] = {
                    "name": person.name,
                    "roles": [person.role],
                    "team": team,
                    "phone": person.phone,
                }
                id_ = (await gateway.create(_ACTOR, workspace, "person", values)).one.id
            by_phone[person.phone] = id_
        for key, team in teams.items():
            if (lead := leader_of(key)) is not None:
                await gateway.update(_ACTOR, workspace, "team", UUID(team), {"lead": str(by_phone[lead])})
        return by_phone

    async def _connect(self, workspace: Workspace, links: Links) -> None:
        """What an administrator does: addresses and secrets on the sources' page, then on. Notifications stay in the
        inbox, as the systems that would take them are gone afterwards."""
        inbox_only = Preferences(channels={"wecom": "off", "dingtalk": "off"})
        await self.services.work.preferences.put_usual(workspace, inbox_only)
        self.systems.bring_up(self.clock.moment)
        await self._switch(workspace, self.systems.options(), enabled=True)
        async with self.services.database.write() as tx:
            for source, secrets in self.systems.secrets().items():
                await links.secrets.put(tx, workspace, source, dict(secrets))

    async def _switch(
        self, workspace: Workspace, options: Mapping[str, Mapping[str, object]], *, enabled: bool
    ) -> None:
        catalogue = await self.services.catalogues.newest(workspace)
        changes = tuple(
            ChangeSource(
                before=each,
                after=each.model_copy(
                    update={"enabled": enabled, "options": {**each.options, **options.get(each.key, {})}}
                ),
            )
            for each in catalogue.sources
        )
        await self.services.editor.apply(workspace, Changeset(actions=changes), None)

    async def _take_in(self, workspace: Workspace, links: Links, streams: Mapping[str, Sequence[str]]) -> None:
        for source, wanted in streams.items():
            await self._pull(workspace, links, source, wanted)
            self._told(f"已接入 {source}", f"{source} is in")
        await self._read_chats(workspace, links)
        await self._seal(workspace)

    async def _read_chats(self, workspace: Workspace, links: Links) -> None:
        database, catalogues = self.services.database, self.services.catalogues
        await ChatReader(database, catalogues, self.clock, links.words).advance(workspace)

    async def _pull(self, workspace: Workspace, links: Links, source: str, streams: Sequence[str]) -> None:
        job_id = await links.puller.ask(workspace, source, streams=streams)
        await JobWorker(self.services.database, links.job_handlers(), self.clock).run_until_idle()
        async with self.services.database.read() as tx:
            job = await find_job(tx, job_id)
        if job is None or job.state != "done":
            told = (job.error if job is not None else None) or {}
            raise Conflict.of(
                "demo.pull", f"{source} 读取失败：{told.get('zh')}", f"{source} could not be read: {told.get('en')}"
            )

    async def _seal(self, workspace: Workspace) -> None:
        services = self.services
        await Sealer(services.database, workspace, self.clock, services.settings).seal_once()

    async def _classes_of_the_past(self, workspace: Workspace) -> None:
        """Each Sunday night of the weeks before, then the present: what the classes would have been."""
        segments, snapshots = Segments(self.services.metrics), Snapshots(self.services.metrics)
        for weeks in range(self.past_weeks, -1, -1):
            moment = self.begun - timedelta(days=7 * weeks)
            await self.services.metrics.full(workspace, moment)
            await segments.evaluate(workspace, moment)
            await snapshots.take(workspace, moment.date())
            self._told("重建各周分级", "Classes of the weeks before")

    async def _live(self, workspace: Workspace, links: Links, colleagues: Colleagues) -> None:
        """Each day: the morning with what the night brought, the evening with what the day brought and what people did
        about it."""
        if self.world.monday.date() < self._first_day.date():
            await self._hour(workspace, links, self.world.monday.replace(hour=9, minute=5), _EVENING)
        for day in range(self.live_days + 1):
            date = self._first_day + timedelta(days=day)
            evening = self.world.end if day == self.live_days else date.replace(hour=17, minute=55)
            await self._hour(workspace, links, date.replace(hour=9, minute=5), _MORNING)
            await self._hour(workspace, links, evening, _EVENING)
            if self.clock.moment < self.world.end:
                await colleagues.evening()
            self._told("逐日运行", "Day by day")

    async def _hour(
        self, workspace: Workspace, links: Links, moment: datetime, streams: Mapping[str, Sequence[str]]
    ) -> None:
        """What the systems hold at the moment comes in, then the program's rounds as they would run."""
        self._go_to(min(moment, self.world.end))
        for source, wanted in streams.items():
            await self._pull(workspace, links, source, wanted)
        await self._read_chats(workspace, links)
        await self._round(workspace)

    def _go_to(self, moment: datetime) -> None:
        self.clock.moment = moment
        self.systems.bring_up(moment)

    async def _round(self, workspace: Workspace) -> None:
        services = self.services
        await self._seal(workspace)
        await Snapshots(services.metrics).close_day(workspace)
        await services.metrics.refresh(workspace)
        await Segments(services.metrics).evaluate(workspace)
        await services.rules.engine.advance(workspace)
        await services.rules.outbox.work_off(workspace)

    @property
    def _steps(self) -> int:
        """The app, people, rules in force; each source taken in; each past week and the present; each day."""
        taken_in = len(_WEEKLY) * len(self.week_ends) + len(_FIRST)
        return 3 + taken_in + self.past_weeks + 1 + self.live_days + 1

    def _told(self, zh: str, en: str) -> None:
        self._done += 1
        self.tell(Text(zh, en), self._done, self._steps)
