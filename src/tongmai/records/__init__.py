"""The gateway: the only door to business rows (law 2), for people, tokens, rules and imports alike.

Invariants: every statement holds the actor's policy (rows and masks) and is compiled once a shape; a write makes the
row, its history entry and its change event in one transaction or nothing; a refusal lists every fault; as-of reads,
history and feed show no more than the present policies allow; nothing here asks the machine for the time.
"""

from tongmai.records.aggregation import Aggregation, GroupColumn, MeasureColumn, read_aggregation
from tongmai.records.bulk import Operation
from tongmai.records.changer import Patch
from tongmai.records.earlier import past_record, past_rows
from tongmai.records.engine import Declined, QueryEngine, Question, Reply
from tongmai.records.feed import FeedEvent, FeedPage, Position
from tongmai.records.file_store import ContentMissing, FileStore
from tongmai.records.files import Files, StoredFile, content_disposition
from tongmai.records.gateway import Gateway
from tongmai.records.gathering import Gathering
from tongmai.records.media_types import find_media_type
from tongmai.records.place import Place
from tongmai.records.query import Group, Measure, Query
from tongmai.records.sealing import FEED_CHANNEL, Sealer
from tongmai.records.structure import Structure
from tongmai.records.verification import Report, verify_history
from tongmai.records.written import FieldHint, Written, WrittenRecord

__all__ = [
    "FEED_CHANNEL",
    "Aggregation",
    "ContentMissing",
    "Declined",
    "FeedEvent",
    "FeedPage",
    "FieldHint",
    "FileStore",
    "Files",
    "Gateway",
    "Gathering",
    "Group",
    "GroupColumn",
    "Measure",
    "MeasureColumn",
    "Operation",
    "Patch",
    "Place",
    "Position",
    "Query",
    "QueryEngine",
    "Question",
    "Reply",
    "Report",
    "Sealer",
    "StoredFile",
    "Structure",
    "Written",
    "WrittenRecord",
    "content_disposition",
    "find_media_type",
    "past_record",
    "past_rows",
    "read_aggregation",
    "verify_history",
]
