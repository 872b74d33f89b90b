"""The room's parts, wired over the rooms below."""

from __future__ import annotations

from dataclasses import dataclass

from tongmai.kit import Clock, Settings
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database
from tongmai.work.absences import Absences
from tongmai.work.channels import Channel, Channels
from tongmai.work.content import Content
from tongmai.work.content_reading import ContentReader
from tongmai.work.deliveries import Deliveries
from tongmai.work.delivery_log import DeliveryLog
from tongmai.work.desk import Desk
from tongmai.work.email_channel import EmailChannel, MailServer
from tongmai.work.hook_channel import HookChannel
from tongmai.work.inbox import Inbox
from tongmai.work.matters import Matters
from tongmai.work.notices import Notices
from tongmai.work.people import People
from tongmai.work.preferences import PreferenceStore
from tongmai.work.runner import WorkRunner
from tongmai.work.runtime import Runtime
from tongmai.work.sweeping import Sweeper
from tongmai.work.tasks import Tasks


@dataclass(frozen=True)
class Work:
    """One per process, for one event loop."""

    runtime: Runtime
    channels: Channels
    people: People
    notices: Notices
    inbox: Inbox
    tasks: Tasks
    desk: Desk
    matters: Matters
    content: Content
    content_reader: ContentReader
    absences: Absences
    preferences: PreferenceStore
    deliveries: Deliveries
    delivery_log: DeliveryLog
    sweeper: Sweeper

    def runner(self) -> WorkRunner:
        """What keeps it moving in the background."""
        return WorkRunner(self.runtime.database, self.deliveries, self.sweeper)


def open_work(
    database: Database, catalogues: CatalogueStore, gateway: Gateway, clock: Clock, settings: Settings
) -> Work:
    """Wires the room; nothing is started. Sources add their channels to ``channels``."""
    runtime = Runtime(database, catalogues, gateway, clock)
    channels = Channels(_channels(settings))
    notices = Notices(runtime, channels)
    people = People(runtime)
    content = Content(runtime, notices)
    return Work(
        runtime=runtime,
        channels=channels,
        people=people,
        notices=notices,
        inbox=Inbox(runtime),
        tasks=Tasks(runtime, notices),
        desk=Desk(runtime),
        matters=Matters(runtime),
        content=content,
        content_reader=ContentReader(runtime),
        absences=Absences(runtime),
        preferences=PreferenceStore(runtime),
        deliveries=Deliveries(runtime, channels),
        delivery_log=DeliveryLog(runtime),
        sweeper=Sweeper(runtime, notices, people, content),
    )


def _channels(settings: Settings) -> list[Channel]:
    found: list[Channel] = [HookChannel.from_settings(settings)]
    server = MailServer.from_settings(settings)
    if server is not None:
        found.append(EmailChannel(server))
    return found
