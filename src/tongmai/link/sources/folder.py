"""Spreadsheets and CSV files in a folder: each file that is new or changed is read, whatever its encoding or sheet.

Only folders below those that the settings name can be read (``TONGMAI_SOURCE_FOLDERS``; ``inbox`` in the data folder
always): who configures sources is not thereby let into the machine's files.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, cast

from pydantic import Field, JsonValue

from tongmai.kit import Clock, Fault, Invalid, Text
from tongmai.link.faults import away
from tongmai.link.readable_folders import allowed_folder
from tongmai.link.source import (
    Asked,
    Cursor,
    Health,
    Page,
    RawRow,
    SetAside,
    SourceContext,
    SourceKind,
    SourceOptions,
    Stream,
)
from tongmai.tabular import Batch, Cell, ReadLimits, RowSource, open_source

_PAGE = 2_000
_MOST_FILES = 10_000
# A file touched so lately may still be written; after the pause one sees whether it grew.
_RECENT_S, _SETTLE_S = 5.0, 1.5
_GROWING = Fault(
    "folder.growing",
    Text("文件还在写入", "The file is still being written"),
    Text("写完后下次拉取会读", "The next pull reads it when it is whole"),
)
Pause = Callable[[float], Awaitable[None]]


class FileStream(SourceOptions):
    """Files whose names match ``pattern`` (``orders-*.csv``). ``key`` are the columns that tell a row from all others;
    without them a row is told by its file and number. ``header`` is the headings' row where titles stand above it."""

    pattern: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^/\\\x00-\x1f]+$")]
    key: Annotated[tuple[str, ...], Field(max_length=8)] = ()
    sheet: Annotated[str, Field(max_length=100)] | None = None
    encoding: Annotated[str, Field(max_length=40)] | None = None
    header: Annotated[int, Field(ge=1, le=100)] | None = None


class FolderOptions(SourceOptions):
    path: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]+$")]
    streams: Annotated[dict[str, FileStream], Field(min_length=1, max_length=50)]


class FolderSource:
    """Implements ``Source`` and ``Pulls``. Cursor: ``{"as": how files are read, "done": {file: [size, mtime]}, "now":
    [file, size, mtime, row]}``."""

    def __init__(self, folder: Path, options: FolderOptions, clock: Clock, pause: Pause = asyncio.sleep) -> None:
        """``pause`` is for tests."""
        self._clock = clock
        self._pause = pause
        self._folder = folder
        self._options = options
        self._limits = ReadLimits()

    async def test(self) -> Health:
        try:
            if not self._folder.is_dir():
                text = Text(f"没有文件夹“{self._options.path}”", f"There is no folder “{self._options.path}”")
                way = Text("请在服务器上建好它，或改正路径", "Make it on the server, or correct the path")
                return Health(False, text, (Fault("source.folder", text, way),))
            counts = {
                key: len(await asyncio.to_thread(self._files, each)) for key, each in self._options.streams.items()
            }
        except OSError as error:
            fault = Fault("source.folder", Text(f"文件夹不可读：{error}", f"The folder cannot be read: {error}"))
            return Health(False, fault.text, (fault,))
        return Health(True, Text("文件夹可读", "The folder can be read"), detail=dict(counts))

    async def close(self) -> None:
        return None

    async def pull(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        """A page a batch. A file that changed is read whole again, and all are where they are to be read in another
        way; rows that say the same change nothing. One that is still being written is left to the next pull."""
        wanted = self._options.streams[stream]
        manner = cast("dict[str, JsonValue]", wanted.model_dump(mode="json", exclude_defaults=True))
        stood = cursor if cursor and cursor.get("as", manner) == manner else {}
        known = dict(cast("dict[str, JsonValue]", stood.get("done") or {}))
        begun = stood.get("now")
        try:
            there = await asyncio.to_thread(self._marks, wanted)
        except OSError as error:
            said = error.strerror or type(error).__name__
            raise away(f"文件夹不可读：{said}", f"The folder cannot be read: {said}") from error
        fresh = {path: mark for path, mark in there.items() if known.get(path.name) != mark}
        taken_away = sorted(set(known) - {path.name for path in there})
        for name in taken_away:
            del known[name]
        if taken_away:
            yield Page((), {"as": manner, "done": dict(known)}, anew=tuple(taken_away))
        growing = await self._growing(fresh)
        if growing:
            yield Page(
                (), {"as": manner, "done": dict(known)}, tuple(SetAside(path.name, (_GROWING,)) for path in growing)
            )
        for path, mark in fresh.items():
            if path in growing:
                continue
            after = cast("int", begun[3]) if isinstance(begun, list) and begun[:3] == [path.name, *mark] else 0
            if not after:
                yield Page((), {"as": manner, "done": dict(known)}, anew=(path.name,))
            is_read = True
            async for page, last in self._read(path, wanted, after):
                is_read = last is not None
                now: list[JsonValue] = [path.name, *mark, last or after]
                yield Page(page.rows, {"as": manner, "done": dict(known), "now": now}, page.set_aside)
            if is_read:
                known[path.name] = mark
                yield Page((), {"as": manner, "done": dict(known)})

    async def _growing(self, fresh: Mapping[Path, list[JsonValue]]) -> frozenset[Path]:
        """Those of the files written just now that are still being written: what is half a file has half a last row."""
        now = self._clock.now().timestamp()
        recent = [path for path in fresh if abs(now - _touched(path)) < _RECENT_S]
        if not recent:
            return frozenset()
        await self._pause(_SETTLE_S)
        return frozenset(path for path in recent if _mark(path) != fresh[path])

    async def _read(self, path: Path, wanted: FileStream, after: int) -> AsyncIterator[tuple[Page, int | None]]:
        """Pages with the number of their last row; None for a file that may be readable another time."""
        try:
            source = await asyncio.to_thread(
                open_source, path, self._limits, encoding=wanted.encoding, sheet=wanted.sheet, header=wanted.header
            )
        except Invalid as refused:
            # One file that cannot be read does not keep the others out.
            yield Page((), {}, (SetAside(path.name, refused.faults),)), 0
            return
        except OSError as error:
            yield Page((), {}, (SetAside(path.name, (_unreadable(error),)),)), None
            return
        try:
            missing = [each for each in wanted.key if each not in source.columns]
            if missing:
                faults = tuple(_missing(each, source.columns) for each in missing)
                yield Page((), {}, (SetAside(path.name, faults),)), 0
                return
            batches = source.batches(_PAGE, after=after)
            while (batch := await asyncio.to_thread(_next, batches)) is not None:
                if len(batch):
                    yield _page(path.name, source, wanted, batch), batch.numbers[-1]
        except Invalid as refused:
            yield Page((), {}, (SetAside(path.name, refused.faults),)), 0
        except OSError as error:
            yield Page((), {}, (SetAside(path.name, (_unreadable(error),)),)), None
        finally:
            source.close()

    def _marks(self, wanted: FileStream) -> dict[Path, list[JsonValue]]:
        """The files with what tells one version from another; one that is taken away meanwhile is not there."""
        marks = {path: _mark(path) for path in self._files(wanted)}
        return {path: mark for path, mark in marks.items() if mark}

    def _files(self, wanted: FileStream) -> list[Path]:
        """Ordinary files, by name; links out of the folder are not followed."""
        # Its files' names and no more: two stars, or a dot, are something else to ``glob``.
        named = (
            path
            for path in sorted(self._folder.iterdir() if self._folder.is_dir() else ())
            if fnmatchcase(path.name, wanted.pattern) and not path.name.startswith((".", "~$"))
        )
        found = [path for path in named if path.is_file() and path.resolve().is_relative_to(self._folder)]
        return found[:_MOST_FILES]


def _next(batches: Iterator[Batch]) -> Batch | None:
    return next(batches, None)


def _page(file: str, source: RowSource, wanted: FileStream, batch: Batch) -> Page:
    """Of a key that comes again the later line counts: registers are written on."""
    rows, aside = [], []
    places = [source.columns.index(each) for each in wanted.key]
    for index, (number, cells) in enumerate(zip(batch.numbers, batch.rows, strict=True)):
        key = "|".join(_text(cells[place]) for place in places) if places else f"{file}:{number}"
        body = _body(source.columns, cells)
        fault = batch.faults.get(index)
        if fault is None and places and not any(_text(cells[place]) for place in places):
            fault = Fault("folder.no_key", Text("这一行没有键", "The row has no key"))
        if fault is not None:
            aside.append(SetAside(f"{file}:{number}", (fault,), body))
        else:
            rows.append(RawRow(key, body))
    return Page(tuple(rows), {}, tuple(aside))


def _body(columns: Sequence[str], cells: Sequence[Cell]) -> Mapping[str, JsonValue]:
    return {name: _json(cell) for name, cell in zip(columns, cells, strict=False)}


def _json(cell: Cell) -> JsonValue:
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return cast("JsonValue", cell)


def _text(cell: Cell) -> str:
    value = _json(cell)
    return "" if value is None else str(value).strip()


def _missing(column: str, there: Sequence[str]) -> Fault:
    zh, en = "、".join(there[:20]), ", ".join(there[:20])
    return Fault(
        "source.column_missing",
        Text(f"文件没有列“{column}”", f"The file has no column “{column}”"),
        Text(
            f"文件中的列：{zh}。标题上方还有别的内容的，请填“标题行”",
            f"The file has: {en}. If other lines stand above the headings, give their row",
        ),
    )


def _mark(path: Path) -> list[JsonValue]:
    """Size and time; nothing for a file that is not there."""
    try:
        stat = path.stat()
    except OSError:
        return []
    return [stat.st_size, stat.st_mtime_ns]


def _touched(path: Path) -> float:
    """When the file was last written, in seconds since 1970: a copy may bear its original's time."""
    try:
        stat = path.stat()
    except OSError:
        return 0.0
    return max(stat.st_mtime, stat.st_ctime)


def _unreadable(error: OSError) -> Fault:
    said = error.strerror or type(error).__name__
    return Fault(
        "folder.unreadable",
        Text(f"文件现在读不了：{said}", f"The file cannot be read now: {said}"),
        Text("它也许正被别的程序占用，下次拉取会再读", "Another program may hold it; the next pull reads it again"),
    )


def _streams(options: SourceOptions) -> tuple[Stream, ...]:
    assert isinstance(options, FolderOptions)
    return tuple(Stream(key, Text.same(each.pattern)) for key, each in options.streams.items())


def _open(context: SourceContext) -> FolderSource:
    options = FolderOptions.model_validate(context.definition.options)
    return FolderSource(allowed_folder(options.path, context.folders, context.closed), options, context.clock)


_FORM: Mapping[str, Asked] = {
    "path": Asked(
        Text("文件夹", "Folder"),
        Text("相对于数据目录的 inbox，或 TONGMAI_SOURCE_FOLDERS 中的路径", "Below inbox, or in TONGMAI_SOURCE_FOLDERS"),
    ),
    "streams": Asked(Text("数据流", "Streams"), Text("一种表格一个数据流", "A stream for each sort of table")),
    "streams.pattern": Asked(
        Text("文件名", "File names"), Text("可用 *，如 orders-*.csv", "With *, like orders-*.csv")
    ),
    "streams.key": Asked(
        Text("键列", "Key columns"),
        Text("不填则按文件名和行号认定，改名的文件会重新读入", "Without any, file and number tell a row"),
    ),
    "streams.sheet": Asked(Text("工作表", "Sheet"), Text("不填取第一张", "The first without any")),
    "streams.header": Asked(
        Text("标题行", "Row of headings"),
        Text("标题上方还有表名时填第几行；不填取第一个非空行", "Its number, where titles stand above; else the first"),
    ),
    "streams.encoding": Asked(Text("编码", "Encoding"), Text("不填自动识别", "Found out without any")),
}

KIND = SourceKind(
    key="folder",
    label=Text("文件夹中的表格", "Spreadsheets in a folder"),
    options=FolderOptions,
    secrets={},
    streams=_streams,
    open=_open,
    form=_FORM,
)
