"""Sources, mapping and identity: the data that a company already has comes in by itself (S0-08, S0-23, S0-72).

Invariants: a source writes raw rows only, and a mapping alone turns them into records, through the door that imports
use; pulling or receiving the same again changes nothing; a bad row is set aside with its reason and the rest goes on;
where a pull stands and what it brought are kept in one transaction; secrets are sealed and never given back.
"""

from tongmai.link.entrance import no_entrance
from tongmai.link.faults import SourceAway, away
from tongmai.link.light_entry import Offer
from tongmai.link.lineage import Origin, RecordLineage
from tongmai.link.links import Links
from tongmai.link.mapping import Mapped, shipped_mappings
from tongmai.link.mapping.decisions import Question
from tongmai.link.mapping.trial import TrialOutcome
from tongmai.link.opening import Known
from tongmai.link.runner import LinkRunner
from tongmai.link.sidebar import ChatCustomer
from tongmai.link.source import (
    Asked,
    Body,
    Cursor,
    Health,
    HookAnswer,
    HookCall,
    Listens,
    Page,
    Pulls,
    Pushed,
    Pushes,
    PushRow,
    RawRow,
    Received,
    Receives,
    SetAside,
    Source,
    SourceContext,
    SourceKind,
    SourceOptions,
    Stream,
)
from tongmai.link.state import StreamState
from tongmai.link.understanding import OwnWords, SignalKind, WordsChange, shipped_dictionary

__all__ = [
    "Asked",
    "Body",
    "ChatCustomer",
    "Cursor",
    "Health",
    "HookAnswer",
    "HookCall",
    "Known",
    "LinkRunner",
    "Links",
    "Listens",
    "Mapped",
    "Offer",
    "Origin",
    "OwnWords",
    "Page",
    "Pulls",
    "PushRow",
    "Pushed",
    "Pushes",
    "Question",
    "RawRow",
    "Received",
    "Receives",
    "RecordLineage",
    "SetAside",
    "SignalKind",
    "Source",
    "SourceAway",
    "SourceContext",
    "SourceKind",
    "SourceOptions",
    "Stream",
    "StreamState",
    "TrialOutcome",
    "WordsChange",
    "away",
    "no_entrance",
    "shipped_dictionary",
    "shipped_mappings",
]
