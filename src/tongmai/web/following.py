"""What is done with raw rows beside mapping them: consent withdrawn, messages taken back, talks understood, buttons of
cards carried out, voice messages heard; and to-dos at vendors follow their tasks."""

from __future__ import annotations

from functools import partial

from tongmai.link.dingtalk import DingTalkChannel, TodoUpkeep
from tongmai.link.understanding import ChatReader, RawFollower
from tongmai.link.vendors import CardPresses, Press
from tongmai.link.wecom import Forgetting, TakenBack, WeComChannel
from tongmai.store import Workspace
from tongmai.web.services import Services


def raw_follower(services: Services) -> RawFollower:
    """Consent first: nothing is read of a talk whose customer said no."""
    database, catalogues, clock = services.database, services.catalogues, services.clock
    forgetting = Forgetting(database, catalogues, services.gateway, services.files.store, clock)
    taken_back = TakenBack(database, catalogues, clock)
    reader = ChatReader(database, catalogues, clock, services.links.words)
    return RawFollower(
        database,
        {
            "consent": forgetting.advance,
            "revocations": taken_back.advance,
            "talks": partial(reader.advance, waits=False),
        },
    )


def vendor_follower(services: Services) -> RawFollower:
    """Apart from the others: a vendor that is slow to answer holds up nothing that was said."""
    database, catalogues, clock = services.database, services.catalogues, services.clock
    where = (database, catalogues, services.links.sources, services.settings.public_url)
    channels = (WeComChannel(*where), DingTalkChannel(*where))

    async def settle(workspace: Workspace, source: str, press: Press) -> None:
        for channel in channels:
            await channel.settle(workspace, source, press)

    presses = CardPresses(database, catalogues, services.work.tasks, services.work.preferences, clock, settle)
    todos = TodoUpkeep(database, services.links.sources, services.work.preferences, clock)
    return RawFollower(database, {"presses": presses.advance, "todos": todos.advance})


def voice_follower(services: Services) -> RawFollower:
    """Apart from the others: hearing takes seconds, and what was written waits for nobody who speaks."""
    return RawFollower(services.database, {"voices": services.links.voices.advance})
