"""The one object that web and the command line hold: everything of sources, wired together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import httpx

from tongmai.kit import Clock, Settings
from tongmai.link.chat_files import ChatFiles
from tongmai.link.entrance import Entrance
from tongmai.link.evidence import Evidence
from tongmai.link.identity.candidates import Candidates
from tongmai.link.identity.merges import Merges
from tongmai.link.identity.merging import Merger
from tongmai.link.late_matches import LateMatches
from tongmai.link.light_entry import LightEntries, Offers
from tongmai.link.lineage import Lineage
from tongmai.link.mapping import Mapper
from tongmai.link.mapping.decisions import Decisions
from tongmai.link.mapping.trial import Trial
from tongmai.link.opening import Sources
from tongmai.link.prompts import PromptBoard
from tongmai.link.pulling import PULL, Puller, Sleep
from tongmai.link.pushing import Pusher, Telling
from tongmai.link.raw import RawRows
from tongmai.link.receiving import Receiver
from tongmai.link.refused_calls import RefusedCalls
from tongmai.link.runs import Runs
from tongmai.link.secrets import Secrets
from tongmai.link.sidebar import ChatCapture, ChatCustomers, Chats, PageSigner
from tongmai.link.source import SourceKind
from tongmai.link.sources import KINDS
from tongmai.link.state import States
from tongmai.link.understanding import WordTrial, WorkspaceWords
from tongmai.link.voices import Ear, Voices, ears_of
from tongmai.link.watching import Watch
from tongmai.link.wecom.agreements import Agreements
from tongmai.records import Gateway
from tongmai.records.transfer import Loader
from tongmai.schema import CatalogueStore
from tongmai.store import Database, JobHandler, Workspace
from tongmai.work import Work


class Links:
    """One per process, for one event loop."""

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        clock: Clock,
        settings: Settings,
        gateway: Gateway,
        loader: Loader,
        *,
        kinds: Mapping[str, SourceKind] = KINDS,
        http: httpx.AsyncClient | None = None,
        sleep: Sleep | None = None,
        ears: Mapping[Literal["here", "service"], Ear] | None = None,
        work: Work | None = None,
    ) -> None:
        self._database = database
        self.catalogues = catalogues
        self.clock = clock
        self.secrets = Secrets(settings, clock)
        folders = (settings.data_dir / "inbox", *settings.source_folders)
        self.sources = Sources(database, catalogues, clock, self.secrets, kinds, folders=folders, http=http)
        self.raw = RawRows(clock)
        self.runs = Runs(clock)
        self.states = States(clock)
        self.mapper = Mapper(database, catalogues, clock, gateway, loader, self.raw, self.runs)
        pausing = {} if sleep is None else {"sleep": sleep}
        self.puller = Puller(database, clock, self.sources, self.raw, self.runs, self.states, self.mapper, **pausing)
        self.receiver = Receiver(database, clock, self.sources, self.raw, self.runs)
        telling = None if work is None else Telling(catalogues, gateway, work.notices)
        self.pusher = Pusher(database, catalogues, clock, gateway, self.sources, self.raw, self.runs, telling)
        self.decisions = Decisions(database, catalogues, clock, self.raw)
        self.late_matches = LateMatches(database, clock, loader, self.decisions, self.raw)
        self.trial = Trial(database, catalogues, clock, gateway, loader, self.sources, self.raw)
        self.lineage = Lineage(database, catalogues, gateway, self.sources, self.raw)
        self.evidence = Evidence(database, catalogues, gateway)
        self.chat_files = ChatFiles(database, catalogues, gateway, self.sources, self.raw)
        self.agreements = Agreements(database, catalogues, gateway)
        self.candidates = Candidates(database, catalogues, gateway, loader)
        self.merger = Merger(database, clock, gateway, loader, self.raw)
        self.merges = Merges(database, catalogues, gateway)
        self.light_entries = LightEntries(database, catalogues, gateway, clock)
        self.offers = Offers(catalogues, gateway, clock)
        self.prompts = PromptBoard(database, catalogues, gateway, clock)
        self.chats = Chats(database, catalogues, self.sources, self.raw)
        self.chat_customers = ChatCustomers(
            database, catalogues, gateway, clock, self.chats, self.candidates, self.decisions, self.raw
        )
        self.chat_capture = ChatCapture(catalogues, gateway, self.chat_customers)
        self.entrance = Entrance(database, catalogues, self.sources, RefusedCalls(clock))
        self.page_signer = PageSigner(self.sources)
        hearing = ears_of(settings) if ears is None else ears
        self.voices = Voices(database, catalogues, clock, self.sources, self.raw, self.runs, hearing)
        self.words = WorkspaceWords(database, clock)
        self.word_trial = WordTrial(database, catalogues, clock, gateway, self.words)

    def watch(self, workspace: Workspace, source: str) -> Watch:
        """The looking at a source that is to be watched, to be run by whoever works."""
        return Watch(self._database, self.clock, self.sources, self.states, self.puller, workspace, source)

    async def close(self) -> None:
        await self.sources.close()

    def job_handlers(self) -> Mapping[str, JobHandler]:
        """By job kind."""
        return {PULL: self.puller.run}
