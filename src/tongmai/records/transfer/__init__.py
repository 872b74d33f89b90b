"""Rows in and out in bulk: import and export as jobs over sets, by the same rules, policies and history as one row.

Invariants: a row is refused with the words the gateway has for it; every row read is accounted for as inserted,
updated, unchanged or refused, and refused rows come back in a file with their reasons; a killed job goes on exactly
where it stood; a whole import can be taken back; memory does not grow with the number of rows.
"""

from tongmai.records.transfer.account import Account
from tongmai.records.transfer.door import Transfer
from tongmai.records.transfer.export_request import MEDIA_TYPES, ExportRequest
from tongmai.records.transfer.exporting import EXPORT, Export
from tongmai.records.transfer.guessing import ColumnGuess, guess_columns
from tongmai.records.transfer.importing import IMPORT
from tongmai.records.transfer.loading import LoadColumn, Loaded, Loader, Reference
from tongmai.records.transfer.mapping import named_by
from tongmai.records.transfer.previewing import ImportPreview
from tongmai.records.transfer.request import ColumnMap, ImportRequest
from tongmai.records.transfer.undoing import UNDO_IMPORT
from tongmai.tabular import FORMATS, Format

__all__ = [
    "EXPORT",
    "FORMATS",
    "IMPORT",
    "MEDIA_TYPES",
    "UNDO_IMPORT",
    "Account",
    "ColumnGuess",
    "ColumnMap",
    "Export",
    "ExportRequest",
    "Format",
    "ImportPreview",
    "ImportRequest",
    "LoadColumn",
    "Loaded",
    "Loader",
    "Reference",
    "Transfer",
    "guess_columns",
    "named_by",
]
