"""Rules: when something happens, if a condition holds, then something is done; and the same run over the past.

Invariants: a condition is one set query at a moment; what is begun, goes on or ends is one pure fold, live and past;
what is to be done is written in the transaction that decided it, and done effectively once; no rule fires by itself.
"""

from tongmai.rules.engine import Engine
from tongmai.rules.episodes import Finding, Turns, count_runs, fold, replay
from tongmai.rules.evaluating import (
    TablesMaker,
    one_query,
    present_query,
    read_findings,
    standing_query,
    turning_query,
)

__all__ = [
    "Engine",
    "Finding",
    "TablesMaker",
    "Turns",
    "count_runs",
    "fold",
    "one_query",
    "present_query",
    "read_findings",
    "replay",
    "standing_query",
    "turning_query",
]
