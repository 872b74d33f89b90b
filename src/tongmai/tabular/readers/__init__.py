"""Readers: a file that somebody gives us becomes batches of cells with the row numbers a person would see.

Every format ends in the same shape (``Batch``), so that everything after it is written once. Invariants: memory does
not grow with the number of rows (a spreadsheet's dense extent is bounded before it is opened); nothing is unpacked
before its real size is known; a row that cannot be read is handed on with its fault, never dropped, so that the account
of an import adds up; the whole file is refused, with the way out, only where no row can be told from another.
"""

from tongmai.tabular.readers.opening import FORMATS, Format, detect_format, is_packed, open_here
from tongmai.tabular.readers.row_source import Batch, Cell, ReadLimits, RowSource, cell_text

__all__ = [
    "FORMATS",
    "Batch",
    "Cell",
    "Format",
    "ReadLimits",
    "RowSource",
    "cell_text",
    "detect_format",
    "is_packed",
    "open_here",
]
