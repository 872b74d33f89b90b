"""All calls of the API, a file a subject. Each module offers ``OPERATIONS``; ``app`` routes and describes them.

Invariants: a handler reads the call, asks a room below and answers; no rule of the business is decided here.
"""

from tongmai.web.operation import Operation
from tongmai.web.routes import (
    absences,
    accounts,
    apps,
    audit,
    backtests,
    boards,
    capture,
    components,
    content,
    explaining,
    files,
    formulas,
    history,
    hooks,
    identity,
    interviews,
    jobs,
    light_entry,
    mappings,
    member_sign_in,
    metrics,
    model,
    notices,
    oidc,
    probes,
    prompts,
    queries,
    records,
    rules,
    scenarios,
    segments,
    sessions,
    sidebar,
    sign_in_ways,
    signal_evidence,
    signal_words,
    signals,
    sources,
    stream,
    tasks,
    transfer,
    views,
)
from tongmai.web.routes.describe import describing

_CALLS: tuple[Operation, ...] = (
    *sessions.OPERATIONS,
    *oidc.OPERATIONS,
    *member_sign_in.OPERATIONS,
    *sign_in_ways.OPERATIONS,
    *sidebar.OPERATIONS,
    *absences.OPERATIONS,
    *accounts.OPERATIONS,
    *model.OPERATIONS,
    *records.OPERATIONS,
    *history.OPERATIONS,
    *queries.OPERATIONS,
    *views.OPERATIONS,
    *boards.OPERATIONS,
    *apps.OPERATIONS,
    *scenarios.OPERATIONS,
    *audit.OPERATIONS,
    *files.OPERATIONS,
    *transfer.OPERATIONS,
    *jobs.OPERATIONS,
    *metrics.OPERATIONS,
    *segments.OPERATIONS,
    *rules.OPERATIONS,
    *backtests.OPERATIONS,
    *signals.OPERATIONS,
    *signal_words.OPERATIONS,
    *signal_evidence.OPERATIONS,
    *light_entry.OPERATIONS,
    *prompts.OPERATIONS,
    *tasks.OPERATIONS,
    *notices.OPERATIONS,
    *components.OPERATIONS,
    *interviews.OPERATIONS,
    *content.OPERATIONS,
    *explaining.OPERATIONS,
    *sources.OPERATIONS,
    *mappings.OPERATIONS,
    *capture.OPERATIONS,
    *hooks.OPERATIONS,
    *identity.OPERATIONS,
    *formulas.OPERATIONS,
    *stream.OPERATIONS,
    *probes.OPERATIONS,
)


def all_operations() -> tuple[Operation, ...]:
    """Every call, its description included (which remembers what it has described)."""
    return (*_CALLS, describing(_CALLS))


__all__ = ["all_operations"]
