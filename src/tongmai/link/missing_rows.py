"""Rows that are gone at their source: told by what is missing in a listing of all its keys."""

from __future__ import annotations

from tongmai.kit import Fault, Text
from tongmai.link.raw import RawRows
from tongmai.link.source import Listing, RawRow, SetAside
from tongmai.store import Workspace, WriteTx

# What is set aside in place of rows stands under this key.
ALL_ROWS = "*"
_FEW = 20
_LARGEST_SHARE = 0.5


class TooManyGone(Exception):
    """So much is missing at once that the source is more likely at fault than empty: ``aside`` tells it."""

    def __init__(self, gone: int, known: int) -> None:
        super().__init__(gone, known)
        text = Text(
            f"来源少了 {known} 行中的 {gone} 行，没有当作已删除",
            f"{gone} of {known} rows are missing at the source, and are not taken for deleted",
        )
        way = Text(
            "确实删了的，请从头拉取一次；否则请检查来源",
            "If they were deleted, pull from the start; else look at the source",
        )
        self.aside = SetAside(ALL_ROWS, (Fault("source.too_many_gone", text, way),))


async def rows_gone(
    tx: WriteTx, raw: RawRows, workspace: Workspace, source: str, stream: str, listing: Listing, *, is_sure: bool
) -> list[RawRow]:
    """The rows that the listing has no more, each as it was. ``is_sure``: a person asked for everything anew, and
    however many are missing, they are. Raises ``TooManyGone``."""
    known = await raw.live_keys(tx, workspace, source, stream, listing.asked_at)
    gone = known - listing.keys
    if len(gone) > _FEW and len(gone) > _LARGEST_SHARE * len(known) and not is_sure:
        raise TooManyGone(len(gone), len(known))
    rows = await raw.bodies(tx, workspace, source, stream, sorted(gone))
    return [RawRow(row.key, row.body, row.at, deleted=True) for row in rows.values()]
