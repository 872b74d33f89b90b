"""The room's parts, wired over the rooms below."""

from __future__ import annotations

from dataclasses import dataclass

from tongmai.rules.backtest_engines import FindReplica
from tongmai.rules.effects import WorkEffects
from tongmai.rules.engine import Engine
from tongmai.rules.locking import Locks
from tongmai.rules.outbox import Outbox
from tongmai.rules.reading import RuleReader
from tongmai.rules.retention import Kept
from tongmai.rules.runner import RulesRunner
from tongmai.rules.signals import Signals
from tongmai.work import Work


@dataclass(frozen=True)
class Rules:
    """One per process, for one event loop."""

    engine: Engine
    outbox: Outbox
    signals: Signals
    locks: Locks
    reader: RuleReader
    kept: Kept

    def runner(self) -> RulesRunner:
        """What keeps rules going in the background; beside it runs ``outbox``."""
        return RulesRunner(self.engine, self.signals, self.kept)


def open_rules(work: Work, kept: Kept, find: FindReplica) -> Rules:
    """Wires the room; nothing is started. ``kept`` tells how long its logs are; ``find`` gives a replica."""
    runtime = work.runtime
    signals = Signals(runtime)
    engine = Engine(runtime.database, runtime.catalogues, runtime.clock, find=find)
    effects = WorkEffects(runtime, work.people, work.tasks, work.notices, work.content, signals)
    return Rules(
        engine=engine,
        outbox=Outbox(runtime, effects),
        signals=signals,
        locks=Locks(runtime.database, runtime.catalogues, runtime.gateway),
        reader=RuleReader(engine, runtime.gateway),
        kept=kept,
    )
