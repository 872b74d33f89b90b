"""Changesets become live tables: previewed, applied while people work, undone; and the catalogue each process knows.

Invariants: one structural change of a workspace at a time, in all processes; a change is in force everywhere from one
commit on (the switch), before it nothing is used yet, after it nothing is missing; what it takes out of use is kept
until a date, so that an undo finds it; what a killed process left half done the next start finishes or takes back.
"""

from tongmai.schema.builtins import add_missing_builtins
from tongmai.schema.catalogues import CHANNEL as CATALOGUE_CHANNEL
from tongmai.schema.catalogues import CatalogueStore, read_catalogue
from tongmai.schema.columns import SYSTEM_COLUMNS, column_of, reference_target
from tongmai.schema.editor import RETENTION, Applied, SchemaEditor
from tongmai.schema.giving_way import give_way
from tongmai.schema.journal import Change
from tongmai.schema.names import Schema, reference_field, unique_fields
from tongmai.schema.preview import Loss, Preview, Sample, StepPreview
from tongmai.schema.retirement import Expired
from tongmai.schema.riders import take_rider, waiting_riders
from tongmai.schema.runner import Progress
from tongmai.schema.starting import begin_catalogue, create_workspace
from tongmai.schema.steps import Lock
from tongmai.schema.usage import Use

__all__ = [
    "CATALOGUE_CHANNEL",
    "RETENTION",
    "SYSTEM_COLUMNS",
    "Applied",
    "CatalogueStore",
    "Change",
    "Expired",
    "Lock",
    "Loss",
    "Preview",
    "Progress",
    "Sample",
    "Schema",
    "SchemaEditor",
    "StepPreview",
    "Use",
    "add_missing_builtins",
    "begin_catalogue",
    "column_of",
    "create_workspace",
    "give_way",
    "read_catalogue",
    "reference_field",
    "reference_target",
    "take_rider",
    "unique_fields",
    "waiting_riders",
]
