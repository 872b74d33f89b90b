"""Checks the history against itself: each row's hash, each block's Merkle root, the chain, and the anchors outside."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from tongmai.kit import Fault, Text
from tongmai.records.entry import COLUMNS
from tongmai.records.merkle import NO_BLOCK, block_hash, merkle_root
from tongmai.records.redacting import ATTESTED
from tongmai.store import Database, ReadTx, Record, Workspace

_MOST_FAULTS = 1000
_PROGRESS_EVERY = 10_000

Progress = Callable[[int, int], Awaitable[None]]
"""Called with the rows looked at and the rows there are (an estimate)."""


@dataclass
class Report:
    """What was found. ``ok`` only if there is not a single fault; ``faults`` holds at most a thousand of them.

    ``unsealed`` are the rows that no block covers yet; their own hashes were checked.
    """

    rows: int = 0
    blocks: int = 0
    redacted: int = 0
    unsealed: int = 0
    anchors: int = 0
    fault_count: int = 0
    faults: list[Fault] = field(default_factory=list)
    head: str | None = None

    @property
    def ok(self) -> bool:
        return self.fault_count == 0

    def add(self, code: str, zh: str, en: str) -> None:
        self.fault_count += 1
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(Fault(f"history.{code}", Text(zh, en)))


async def verify_history(
    database: Database,
    workspace: Workspace,
    *,
    anchor_file: Path | None = None,
    on_progress: Progress | None = None,
) -> Report:
    """Reads the whole history once, at one moment, and recomputes every hash from the columns.

    Finds edited, removed, inserted and re-ordered rows, and blocks that were removed or changed. With ``anchor_file``
    also a history that was cut off at its end or made anew. Memory stays flat but for one epoch's hashes.
    """
    report = Report()
    async with database.snapshot() as tx:
        await tx.fetch_value("SELECT set_config('statement_timeout', '0', true)")
        check = _Check(tx, workspace, report, on_progress)
        await check.run()
        if anchor_file is not None:
            _check_anchors(anchor_file, workspace, check.known_blocks, report)
    return report


class _Check:
    def __init__(self, tx: ReadTx, workspace: Workspace, report: Report, on_progress: Progress | None) -> None:
        self._tx = tx
        self._schema = workspace.quoted_schema
        self._report = report
        self._on_progress = on_progress
        self._purged: dict[UUID, int] = {}
        # What entries say since values were blotted out of them: the hash of it, by ``seq``.
        self._attested: dict[int, bytes] = {}
        self._last_epoch = 0
        self.known_blocks: dict[int, bytes] = {}

    async def run(self) -> None:
        blocks = {
            row["epoch"]: row
            for row in await self._tx.fetch(f"SELECT * FROM {self._schema}._block ORDER BY epoch")  # noqa: S608
        }
        self.known_blocks = {epoch: row["hash"] for epoch, row in blocks.items()}
        self._last_epoch = max(blocks, default=0)
        self._report.blocks = len(blocks)
        self._check_chain(blocks)
        await self._find_purges()
        left = dict(blocks)
        async with aclosing(self._epochs()) as epochs:
            async for epoch, seqs, hashes in epochs:
                self._check_epoch(epoch, seqs, hashes, left.pop(epoch, None))
        for epoch, block in left.items():
            self._report.add(
                "rows_missing",
                f"区块 {epoch} 的 {block['rows']} 条历史全部缺失",
                f"all {block['rows']} rows of block {epoch} are missing",
            )

    def _check_chain(self, blocks: Mapping[int, Record]) -> None:
        previous = NO_BLOCK
        for epoch, row in blocks.items():
            if row["previous"] != previous:
                self._report.add(
                    "chain_broken",
                    f"区块 {epoch} 与前一区块不相连：有区块被删除或改动",
                    f"block {epoch} is not chained to the one before: a block was removed or changed",
                )
            own = block_hash(row["previous"], epoch, row["rows"], row["first_seq"], row["last_seq"], row["root"])
            if own != row["hash"]:
                self._report.add("block_changed", f"区块 {epoch} 被改动", f"block {epoch} was changed")
            previous = row["hash"]
        self._report.head = previous.hex() if blocks else None

    async def _find_purges(self) -> None:
        """Where redacted rows are to be expected, by entries that have a right hash themselves: up to the purge of a
        record, and those that a redaction of it names."""
        rows = await self._tx.fetch(
            f"SELECT record_id, max(seq) AS seq FROM {self._schema}._history AS h WHERE action = 'purge'"  # noqa: S608
            f" AND hash = {_hash_sql(self._schema)} GROUP BY record_id"
        )
        self._purged = {row["record_id"]: row["seq"] for row in rows}
        rows = await self._tx.fetch(
            "SELECT DISTINCT ON (a.key::bigint) a.key::bigint AS seq, decode(a.value, 'hex') AS hash"  # noqa: S608
            f" FROM {self._schema}._history AS h CROSS JOIN LATERAL jsonb_each_text(h.after->'{ATTESTED}') AS a"
            f" JOIN {self._schema}._history AS e ON e.record_id = h.record_id AND e.seq = a.key::bigint"
            f" WHERE h.action = 'redact' AND h.hash = {_hash_sql(self._schema)} AND e.seq < h.seq"
            " ORDER BY a.key::bigint, h.seq DESC"
        )
        self._attested = {row["seq"]: row["hash"] for row in rows}

    async def _epochs(self) -> AsyncGenerator[tuple[int, list[int], list[bytes]], None]:
        """Each epoch's sequence numbers and stored hashes, the rows' own hashes checked on the way."""
        total = await self._estimate()
        rows = self._tx.stream(
            f"SELECT seq, epoch, record_id, action, before IS NULL AND after IS NULL AS bare, hash,"  # noqa: S608
            f" nullif({_hash_sql(self._schema)}, hash) AS altered FROM {self._schema}._history AS h"
            " ORDER BY epoch, seq",
            prefetch=2000,
        )
        epoch, seqs, hashes = None, list[int](), list[bytes]()
        async with aclosing(rows):
            async for row in rows:
                if row["epoch"] != epoch:
                    if epoch is not None:
                        yield epoch, seqs, hashes
                    epoch, seqs, hashes = row["epoch"], [], []
                seqs.append(row["seq"])
                hashes.append(row["hash"])
                self._check_row(row)
                if self._on_progress is not None and self._report.rows % _PROGRESS_EVERY == 0:
                    await self._on_progress(self._report.rows, total)
        if epoch is not None:
            yield epoch, seqs, hashes
        if self._on_progress is not None:
            await self._on_progress(self._report.rows, self._report.rows)

    def _check_row(self, row: Record) -> None:
        self._report.rows += 1
        if row["altered"] is None:
            return
        # A purge takes the values and leaves the hash: only values may be gone, and only of a purged record.
        is_purged = row["bare"] and row["seq"] < self._purged.get(row["record_id"], 0)
        # A redaction attests what is left: nothing else of the row may differ.
        if is_purged or row["altered"] == self._attested.get(row["seq"]):
            self._report.redacted += 1
            return
        self._report.add(
            "row_changed",
            f"历史第 {row['seq']} 条（记录 {row['record_id']}）与其指纹不符：内容被改动",
            f"row {row['seq']} (record {row['record_id']}) does not fit its hash: it was changed",
        )

    def _check_epoch(self, epoch: int, seqs: list[int], hashes: list[bytes], block: Record | None) -> None:
        if block is None:
            if epoch > self._last_epoch:
                self._report.unsealed += len(seqs)
                return
            self._report.add(
                "block_missing",
                f"第 {epoch} 期有 {len(seqs)} 条历史却没有区块：有行被插入，或区块被删除",
                f"epoch {epoch} has {len(seqs)} rows but no block: rows were inserted or the block removed",
            )
            return
        if len(seqs) != block["rows"]:
            self._report.add(
                "count",
                f"区块 {epoch} 应有 {block['rows']} 条，实有 {len(seqs)} 条：有行被删除或插入",
                f"block {epoch} should have {block['rows']} rows and has {len(seqs)}: rows were removed or inserted",
            )
        elif merkle_root(hashes) != block["root"] or (seqs[0], seqs[-1]) != (block["first_seq"], block["last_seq"]):
            self._report.add(
                "root",
                f"区块 {epoch} 的内容与其指纹不符：有行被替换或调换次序",
                f"the rows of block {epoch} do not fit its root: rows were replaced or re-ordered",
            )

    async def _estimate(self) -> int:
        found: int = await self._tx.fetch_value(
            f"SELECT coalesce(sum(rows), 0) FROM {self._schema}._block"  # noqa: S608
        )
        return found


def _hash_sql(schema: str) -> str:
    arguments = ", ".join(f"h.{each}" for each in COLUMNS.split(", "))
    return f"{schema}._history_hash({arguments})"


def _check_anchors(file: Path, workspace: Workspace, blocks: Mapping[int, bytes], report: Report) -> None:
    if not file.exists():
        report.add("anchor_missing", f"找不到锚定文件 {file.name}", f"there is no anchor file {file.name}")
        return
    with file.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            key, _, rest = line.strip().partition(" ")
            epoch, _, hash_ = rest.partition(" ")
            # A line cut short by a power failure is the last one and has no hash yet.
            if key != workspace.key or not epoch.isdecimal() or len(hash_) != 64:
                continue
            report.anchors += 1
            known = blocks.get(int(epoch))
            if known is None or known.hex() != hash_:
                report.add(
                    "anchor",
                    f"区块 {epoch} 与锚定文件不符：历史被截断或重做",
                    f"block {epoch} differs from the anchor file: the history was cut off or made anew",
                )
