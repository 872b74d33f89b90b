"""Rules: when something happens, if a condition holds, then something is done; and the same run over the past.

Invariants: a condition is one set query at a moment; what is begun, goes on or ends is one pure fold, live and past;
what is to be done is written in the transaction that decided it, and done effectively once; no rule fires by itself.
"""

from tongmai.model import entry_rule, find_rule, names_of_rules, rules_of
from tongmai.rules.backtest import Backtests, Outlook
from tongmai.rules.backtest_jobs import BacktestJobs
from tongmai.rules.backtest_request import BacktestRequest
from tongmai.rules.backtest_showing import BacktestShowing
from tongmai.rules.effects import WorkEffects
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
from tongmai.rules.events import Event, tell_event
from tongmai.rules.locking import Locks
from tongmai.rules.outbox import Doing, Effects, Outbox, dead_letters, send_again
from tongmai.rules.reading import Fired, Part, RuleExplanation, RuleReader, RuleStanding
from tongmai.rules.retention import Kept, clear_old
from tongmai.rules.room import Rules, open_rules
from tongmai.rules.runner import RulesRunner
from tongmai.rules.settling import settle
from tongmai.rules.signals import NewSignal, SignalMove, Signals

__all__ = [
    "BacktestJobs",
    "BacktestRequest",
    "BacktestShowing",
    "Backtests",
    "Doing",
    "Effects",
    "Engine",
    "Event",
    "Finding",
    "Fired",
    "Kept",
    "Locks",
    "NewSignal",
    "Outbox",
    "Outlook",
    "Part",
    "RuleExplanation",
    "RuleReader",
    "RuleStanding",
    "Rules",
    "RulesRunner",
    "SignalMove",
    "Signals",
    "TablesMaker",
    "Turns",
    "WorkEffects",
    "clear_old",
    "count_runs",
    "dead_letters",
    "entry_rule",
    "find_rule",
    "fold",
    "names_of_rules",
    "one_query",
    "open_rules",
    "present_query",
    "read_findings",
    "replay",
    "rules_of",
    "send_again",
    "settle",
    "standing_query",
    "tell_event",
    "turning_query",
]
