"""The file of refused rows: every original column, the row's number and the reason beside it, ready to be corrected."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence

from tongmai.kit import Fault, Language
from tongmai.tabular import ParsedChunk, cell_text, guard

_HEADINGS: Mapping[Language, tuple[str, str]] = {"zh": ("行号", "原因"), "en": ("Row", "Reason")}
_BYTE_ORDER_MARK = "\ufeff"


def refused_part(chunk: ParsedChunk, refused: Mapping[int, Sequence[Fault]], width: int, language: Language) -> bytes:
    """The refused rows of one chunk, as CSV lines."""
    rows = chunk.source_rows()
    out = io.StringIO()
    writer = csv.writer(out)
    for number in sorted(refused):
        cells = [guard(cell_text(cell)) for cell in rows[number]]
        cells += [""] * (width - len(cells))
        writer.writerow([*cells, number, reason(refused[number], language)])
    return out.getvalue().encode()


def reason(faults: Sequence[Fault], language: Language) -> str:
    """All that is wrong with a row, in one cell."""
    parts = []
    for fault in faults:
        way_out = f" ({fault.way_out.say(language)})" if fault.way_out else ""
        field = f"{fault.field}: " if fault.field else ""
        parts.append(f"{field}{fault.text.say(language)}{way_out}")
    return ("；" if language == "zh" else "; ").join(parts)


async def refused_file(columns: Sequence[str], parts: AsyncIterator[bytes], language: Language) -> AsyncIterator[bytes]:
    """The whole file: UTF-8 with the mark that Excel wants, a header, the parts."""
    out = io.StringIO()
    csv.writer(out).writerow([*map(guard, columns), *_HEADINGS[language]])
    yield (_BYTE_ORDER_MARK + out.getvalue()).encode()
    async for part in parts:
        yield part
