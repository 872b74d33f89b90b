"""Metrics and segments: named calculations per record over windows of time, kept up from the feed (laws 3, 4 and 5).

Invariants: every value is worked out by sets and at a moment that is given; refreshed is the same as computed in full;
a value that cannot be computed is no value with a reason, never 0; what a value was made of can be asked for.
"""

from tongmai.metrics.at_entries import FORMER_SINCE, EntryValues
from tongmai.metrics.binding import Binder, Statement
from tongmai.metrics.columnar import own_reader
from tongmai.metrics.computing import MEASURED_CHANNEL, Computed, Metrics
from tongmai.metrics.deciding import Asked, AskedRows, decision
from tongmai.metrics.engines import Engine
from tongmai.metrics.explaining import MetricExplanation, MetricReader, Standing, Value
from tongmai.metrics.inputs import Input
from tongmai.metrics.plan import plan_metrics
from tongmai.metrics.rows import calendar_values
from tongmai.metrics.runner import MetricsRunner
from tongmai.metrics.segment_reading import Member, MoveSeen, SegmentReader
from tongmai.metrics.segmenting import Evaluated, Segments, find_segment
from tongmai.metrics.snapshots import Snapshots
from tongmai.metrics.statements import values_item
from tongmai.metrics.step_values import StepValues, unstepped
from tongmai.metrics.tables import PastTables, PresentTables, ReplicaTables, Tables
from tongmai.metrics.transitions import Candidate, Membership, Move, decide
from tongmai.metrics.windows import Bounds, Era, bounds_of, period_before, same_period_last_year

__all__ = [
    "FORMER_SINCE",
    "MEASURED_CHANNEL",
    "Asked",
    "AskedRows",
    "Binder",
    "Bounds",
    "Candidate",
    "Computed",
    "Engine",
    "EntryValues",
    "Era",
    "Evaluated",
    "Input",
    "Member",
    "Membership",
    "MetricExplanation",
    "MetricReader",
    "Metrics",
    "MetricsRunner",
    "Move",
    "MoveSeen",
    "PastTables",
    "PresentTables",
    "ReplicaTables",
    "SegmentReader",
    "Segments",
    "Snapshots",
    "Standing",
    "Statement",
    "StepValues",
    "Tables",
    "Value",
    "bounds_of",
    "calendar_values",
    "decide",
    "decision",
    "find_segment",
    "own_reader",
    "period_before",
    "plan_metrics",
    "same_period_last_year",
    "unstepped",
    "values_item",
]
