"""The words a workspace keeps of its own: every change is a row, the last one of a kind holds from the next message on.

Nobody restarts anything: whoever reads messages asks for the matcher each time, and it is made anew when the words
were changed.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tongmai.kit import Clock, Conflict, Fault, Invalid, NotFound, Text
from tongmai.link.raw import RAW_CHANNEL
from tongmai.link.understanding.dictionary import OwnWords, SignalDictionary, shipped_dictionary
from tongmai.link.understanding.matcher import SignalMatcher
from tongmai.link.understanding.rereading import Rereading, rereadings
from tongmai.store import Database, ReadTx, Record, Workspace, WriteTx

_MOST_KINDS = 200
_MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class WordsChange:
    """One change of a kind's words; ``words`` is None where they were taken back."""

    version: int
    kind: str
    words: OwnWords | None
    by: UUID | None
    at: datetime


class WorkspaceWords:
    """The words of all workspaces, and the matcher of each."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._shipped = SignalMatcher(shipped_dictionary())
        self._matchers: dict[UUID, tuple[int, SignalMatcher]] = {}

    async def matcher(self, tx: ReadTx, workspace: Workspace) -> SignalMatcher:
        """The matcher of the words in force."""
        newest: int | None = await tx.fetch_value(f"SELECT max(version) FROM {workspace.quoted_schema}._signal_words")
        if newest is None:
            return self._shipped
        kept = self._matchers.get(workspace.id)
        if kept is not None and kept[0] == newest:
            return kept[1]
        own = [each.words for each in await self._present(tx, workspace) if each.words is not None]
        made = SignalMatcher(shipped_dictionary().extended(own))
        while len(self._matchers) >= _MOST_KEPT:
            self._matchers.pop(next(iter(self._matchers)))
        self._matchers[workspace.id] = (newest, made)
        return made

    async def own(self, workspace: Workspace) -> list[WordsChange]:
        """What the workspace has of its own now, by kind."""
        async with self._database.read() as tx:
            return [each for each in await self._present(tx, workspace) if each.words is not None]

    async def rereadings(self, workspace: Workspace) -> list[Rereading]:
        """How far each source got in reading old messages again by the words in force."""
        async with self._database.read() as tx:
            return await rereadings(tx, workspace)

    async def changes(self, workspace: Workspace, kind: str, limit: int = 50) -> list[WordsChange]:
        """What was made of a kind's words, the latest first."""
        async with self._database.read() as tx:
            rows = await tx.fetch(
                f"SELECT version, kind, words, by_person, at FROM {workspace.quoted_schema}._signal_words"
                " WHERE kind = $1 ORDER BY version DESC LIMIT $2",
                kind,
                limit,
            )
        return [_change(row) for row in rows]

    async def put(self, workspace: Workspace, words: OwnWords, *, by: UUID | None, seen: int = 0) -> WordsChange:
        """Puts a kind's words in force. ``seen`` is the version the author saw (0: none of our own).

        Raises ``Invalid`` with all that is wrong, ``Conflict`` if somebody changed this kind since.
        """
        async with self._database.write() as tx:
            present = await self._locked(tx, workspace, words.key, seen)
            others = [each.words for each in present if each.words is not None and each.kind != words.key]
            checked([*others, words])
            return await self._write(tx, workspace, words.key, words, by)

    async def remove(self, workspace: Workspace, kind: str, *, by: UUID | None, seen: int) -> None:
        """Back to what is shipped; a kind of the workspace's own is gone. Raises ``NotFound``, ``Conflict``."""
        async with self._database.write() as tx:
            present = await self._locked(tx, workspace, kind, seen)
            if not any(each.kind == kind and each.words is not None for each in present):
                raise NotFound.of("signals.no_own_words", "这一类没有自定义的词", "This kind has no words of your own")
            await self._write(tx, workspace, kind, None, by)

    async def _locked(self, tx: WriteTx, workspace: Workspace, kind: str, seen: int) -> list[WordsChange]:
        """The words in force, which nobody else changes until the transaction ends."""
        await tx.execute(f"LOCK TABLE {workspace.quoted_schema}._signal_words IN SHARE ROW EXCLUSIVE MODE")
        present = await self._present(tx, workspace)
        last = next((each for each in present if each.kind == kind), None)
        if last is not None and last.version != seen and not (last.words is None and seen == 0):
            raise Conflict.of(
                "signals.changed",
                "这些词刚被别人改过",
                "Somebody has changed these words meanwhile",
                way_out=Text("请刷新后再改", "Reload, then change them"),
            )
        return present

    async def _write(
        self, tx: WriteTx, workspace: Workspace, kind: str, words: OwnWords | None, by: UUID | None
    ) -> WordsChange:
        now = self._clock.now()
        version: int = await tx.fetch_value(
            f"INSERT INTO {workspace.quoted_schema}._signal_words (kind, words, by_person, at)"
            " VALUES ($1, $2::text::jsonb, $3, $4) RETURNING version",
            kind, None if words is None else words.model_dump_json(), by, now,
        )  # fmt: skip
        await tx.notify(RAW_CHANNEL, workspace.key)
        return WordsChange(version, kind, words, by, now)

    async def _present(self, tx: ReadTx, workspace: Workspace) -> list[WordsChange]:
        rows = await tx.fetch(
            "SELECT DISTINCT ON (kind) version, kind, words, by_person, at"
            f" FROM {workspace.quoted_schema}._signal_words ORDER BY kind, version DESC"
        )
        return [_change(row) for row in rows]


def checked(own: Sequence[OwnWords]) -> SignalDictionary:
    """The shipped words with these. Raises ``Invalid`` with every fault of them."""
    shipped = shipped_dictionary().by_key
    faults = (
        [] if len(own) <= _MOST_KINDS else [Fault("signals.too_many", Text("类别过多", "There are too many kinds"))]
    )
    for each in own:
        known = shipped.get(each.key)
        if known is None and not each.keywords:
            text = Text("新的信号类别至少要有一个词", "A new kind of signal needs a word at least")
            faults.append(Fault("signals.no_words", text, field="keywords"))
        for word in each.without:
            if known is None or word not in known.keywords:
                text = Text(f"随产品提供的词里没有“{word}”", f"“{word}” is none of the shipped words")
                faults.append(Fault("signals.not_shipped", text, field="without"))
        faults += [
            Fault("signals.blank_word", Text("词不能只有空格", "A word cannot be blank"), field=name)
            for name, words in (("keywords", each.keywords), ("cancelled_by", each.cancelled_by))
            if any(not word.strip(" .　") for word in words)
        ]
    if faults:
        raise Invalid(tuple(faults))
    return shipped_dictionary().extended(own)


def _change(row: Record) -> WordsChange:
    words = None if row["words"] is None else OwnWords.model_validate_json(row["words"])
    return WordsChange(row["version"], row["kind"], words, row["by_person"], row["at"])
