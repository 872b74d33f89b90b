"""What a killed process left half done: carried on from the step it had reached, or taken back if it cannot be."""

from __future__ import annotations

from datetime import timedelta

import structlog

from tongmai.kit import Clock
from tongmai.schema.journal import unfinished_work
from tongmai.schema.runner import Runner
from tongmai.schema.session import Session

_log = structlog.get_logger(__name__)


async def finish_leftovers(session: Session, clock: Clock, retention: timedelta) -> int:
    """Finishes every change that is not; how many. The session holds the editor lock, so nobody else is at them.

    Raises ``Unavailable`` if a lock was not to be had: then nothing new may begin either.
    """
    left = await unfinished_work(session)
    for work, state, is_doomed in left:
        runner = Runner(session, work, clock, retention)
        if state == "applying":
            if is_doomed:
                await runner.roll_back(RuntimeError("doomed"))
                continue
            try:
                await runner.run_to_switch()
            except Exception as error:
                _log.warning("schema.leftover_taken_back", workspace=session.workspace.key, change=str(work.id))
                await runner.roll_back(error)
                continue
        await runner.tidy()
        _log.info("schema.leftover_finished", workspace=session.workspace.key, change=str(work.id))
    return len(left)
