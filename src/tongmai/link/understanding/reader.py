"""Reads archived messages as they come: words become events, the order of turns becomes a row about the talk.

Signals and talks have a mark each in ``_mapping_state`` over the raw rows of the stream ``messages``. A page is read
from the mark that is behind and gives each what lies beyond its own; what was read, what it told and the marks are kept
in one transaction. When the words change, old messages are read again behind what comes in (``rereading``); talks are
folded once.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tongmai.kit import Clock
from tongmai.link.raw import RawRows
from tongmai.link.runs import Runs
from tongmai.link.understanding.folding import Folding
from tongmai.link.understanding.matcher import SignalMatcher
from tongmai.link.understanding.own_words import WorkspaceWords
from tongmai.link.understanding.page import MESSAGES, MessagePage, customer_mappings
from tongmai.link.understanding.rereading import ask_to_reread, reread_page
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace, WriteTx

SIGNALS_MARK, TALKS_MARK = "_signals", "_talks"
_PAGE = 20_000
# Talks are written once in so many pages, as is where we stand: a large archive changes each of them again and again.
_PAGES = 10
_FOLDING = b"talk 1"


@dataclass(frozen=True, slots=True)
class Understood:
    """What one advance did. ``is_elsewhere``: somebody else was reading. ``has_news``: of today, not of an archive."""

    read: int = 0
    told: int = 0
    talks: int = 0
    is_elsewhere: bool = False
    has_news: bool = False

    @property
    def gathers(self) -> bool:
        """Whether more may be let come before the next time."""
        return (self.read > 0 or self.is_elsewhere) and not self.has_news

    def and_also(self, other: Understood) -> Understood:
        return Understood(
            self.read + other.read,
            self.told + other.told,
            self.talks + other.talks,
            self.is_elsewhere or other.is_elsewhere,
            self.has_news or other.has_news,
        )


@dataclass(slots=True)
class _Stretch:
    """What one transaction read, up to the ``seq`` of its last row."""

    upto: int
    read: int = 0
    told: int = 0
    talks: int = 0
    has_news: bool = False
    is_full: bool = True


class ChatReader:
    """For all workspaces; the rows of a mark are its lock, so that one process reads a source at a time."""

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        clock: Clock,
        words: SignalMatcher | WorkspaceWords,
        *,
        page: int = _PAGE,
    ) -> None:
        """``words``: those that each workspace has, or the same for all."""
        self._database = database
        self._catalogues = catalogues
        self._clock = clock
        self._raw = RawRows(clock)
        self._runs = Runs(clock)
        self._words = words
        self._page = page
        # By workspace and source: how far customers were mapped when the messages without one were last looked at.
        self._looked_at: dict[tuple[UUID, str], int] = {}

    async def advance(self, workspace: Workspace, *, waits: bool = True) -> Understood:
        """Reads all that waits, of all sources. Without ``waits``, what somebody else is reading is left to him."""
        done = Understood()
        for source in (await self._catalogues.get(workspace)).sources:
            is_full = True
            while is_full:
                stretch, is_full = await self._stretch(workspace, source.key, waits=waits)
                done = done.and_also(stretch)
            done = done.and_also(await self._again(workspace, source.key))
        return done

    async def _again(self, workspace: Workspace, source: str) -> Understood:
        """A page of what was read by other words, if there is any."""
        if not await self._is_asked_again(workspace, source):
            return Understood()
        catalogue = await self._catalogues.get(workspace)
        async with self._database.write() as tx:
            matcher = await self._matcher(tx, workspace)
            page = MessagePage(tx, workspace, catalogue, source, matcher, self._raw, self._runs, self._clock.now())
            return Understood(told=await reread_page(tx, workspace, page, self._raw, self._page))

    async def _is_asked_again(self, workspace: Workspace, source: str) -> bool:
        async with self._database.read() as tx:
            return bool(
                await tx.fetch_value(
                    f"SELECT EXISTS (SELECT FROM {workspace.quoted_schema}._reread"
                    " WHERE source = $1 AND finished_at IS NULL)",
                    source,
                )
            )

    async def _stretch(self, workspace: Workspace, source: str, *, waits: bool) -> tuple[Understood, bool]:
        """Some pages in one transaction, and whether they were full: more may wait."""
        # The newest rules decide which events wait to be heard.
        catalogue = await self._catalogues.newest(workspace)
        async with self._database.write() as tx:
            await tx.commit_later()
            matcher = await self._matcher(tx, workspace)
            signals, talks = f"{SIGNALS_MARK}:{source}", f"{TALKS_MARK}:{source}"
            at_signals = await _begin(tx, workspace, signals, matcher.dictionary.fingerprint, waits=waits)
            if at_signals is None:
                return Understood(is_elsewhere=True), False
            heard, is_new = at_signals
            if is_new and heard:
                await ask_to_reread(tx, workspace, source, matcher.dictionary.fingerprint, heard, self._clock.now())
            folded, _ = await _begin(tx, workspace, talks, _FOLDING) or (0, False)
            page = MessagePage(tx, workspace, catalogue, source, matcher, self._raw, self._runs, self._clock.now())
            mapped = await _mapped(tx, workspace, customer_mappings(catalogue, source))
            told = 0
            if self._looked_at.get((workspace.id, source)) != mapped:
                told = await page.look_again()
            done = await self._pages(page, heard, folded)
            if done.upto > heard:
                await _move(tx, workspace, signals, done.upto)
            if done.upto > folded:
                await _move(tx, workspace, talks, done.upto)
        self._looked_at[workspace.id, source] = mapped
        return Understood(done.read, told + done.told, done.talks, has_news=done.has_news), done.is_full

    async def _pages(self, page: MessagePage, heard: int, folded: int) -> _Stretch:
        """What lies behind the marks, told and folded a page at a time."""
        done = _Stretch(upto=min(heard, folded))
        folding = Folding()
        stream = (page.workspace, page.source, MESSAGES)
        most = await self._raw.page_rows(page.tx, *stream, done.upto, self._page)
        for _ in range(_PAGES):
            rows = await self._raw.after(page.tx, *stream, done.upto, most)
            if rows:
                done.told += await page.tell_signals([row for row in rows if row.seq > heard])
                done.told += await page.go_on(folding, [row for row in rows if row.seq > folded])
                done.read += len(rows)
                done.upto = rows[-1].seq
                done.has_news |= page.is_young(rows[-1])
            if len(rows) < most:
                done.is_full = False
                break
        done.talks = await page.keep_talks(folding)
        return done

    async def _matcher(self, tx: WriteTx, workspace: Workspace) -> SignalMatcher:
        if isinstance(self._words, SignalMatcher):
            return self._words
        return await self._words.matcher(tx, workspace)


async def _begin(
    tx: WriteTx, workspace: Workspace, mark: str, fingerprint: bytes, *, waits: bool = True
) -> tuple[int, bool] | None:
    """Takes the mark's lock; where to go on, and whether what lies before was read by another fingerprint. None where
    somebody else has it and it is not waited for."""
    schema = workspace.quoted_schema
    await tx.execute(
        f"INSERT INTO {schema}._mapping_state (mapping, fingerprint) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        mark,
        fingerprint,
    )
    row = await tx.fetch_row(
        f"SELECT seq, fingerprint FROM {schema}._mapping_state WHERE mapping = $1"
        f" FOR UPDATE{'' if waits else ' SKIP LOCKED'}",
        mark,
    )
    if row is None:
        return None
    if row["fingerprint"] == fingerprint:
        return int(row["seq"]), False
    await tx.execute(f"UPDATE {schema}._mapping_state SET fingerprint = $2 WHERE mapping = $1", mark, fingerprint)
    return int(row["seq"]), True


async def _move(tx: WriteTx, workspace: Workspace, mark: str, seq: int) -> None:
    await tx.execute(f"UPDATE {workspace.quoted_schema}._mapping_state SET seq = $2 WHERE mapping = $1", mark, seq)


async def _mapped(tx: WriteTx, workspace: Workspace, mappings: list[str]) -> int:
    """A number that changes when these mappings go on."""
    found: int = await tx.fetch_value(
        f"SELECT coalesce(sum(seq), 0)::bigint FROM {workspace.quoted_schema}._mapping_state WHERE mapping = ANY($1)",
        mappings,
    )
    return found
