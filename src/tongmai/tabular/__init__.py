"""Tables that somebody gives us as files: read in batches of cells, by the field types, into text PostgreSQL can COPY.

Needs no database and little else of the program, so that parsing runs in a process of its own that starts in half a
second. Invariants: a row that cannot be read is handed on with its fault; a cell means here what it means on every
other path; memory does not grow with the number of rows; what is packed is unpacked only in a child process with limits
on memory and time.
"""

from tongmai.tabular.copy_text import BETWEEN, array_literal, encoder_for
from tongmai.tabular.locked_duck import locked_down
from tongmai.tabular.opening_apart import open_source
from tongmai.tabular.parser_process import parsed_chunks
from tongmai.tabular.parsing import ChunkParser, ColumnSpec, ParsedChunk, ParseSpec, joined
from tongmai.tabular.readers import (
    FORMATS,
    Batch,
    Cell,
    Format,
    ReadLimits,
    RowSource,
    cell_text,
    detect_format,
)
from tongmai.tabular.spreadsheet_safety import guard, guard_sql

__all__ = [
    "BETWEEN",
    "FORMATS",
    "Batch",
    "Cell",
    "ChunkParser",
    "ColumnSpec",
    "Format",
    "ParseSpec",
    "ParsedChunk",
    "ReadLimits",
    "RowSource",
    "array_literal",
    "cell_text",
    "detect_format",
    "encoder_for",
    "guard",
    "guard_sql",
    "joined",
    "locked_down",
    "open_source",
    "parsed_chunks",
]
