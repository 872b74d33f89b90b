"""The rhythm of follow-up by kind of customer (S0-50 … S0-55): an interval and a content pack, said as a rule.

A rhythm is counted from the last contact, so that every contact begins it anew: after 14 days without one the person
is reminded with the pack at hand, after 28 again. The reminder is a task that can be skipped with a reason at no cost
(S0-53): nobody above is told of it, and three days later comes the caring script (S0-54).
"""

from __future__ import annotations

from dataclasses import dataclass

from tongmai.kit import Text
from tongmai.model import MakeTask, MetricDef, Push, RuleDef, Scheduled, Span

CADENCE_KIND = "cadence"


@dataclass(frozen=True, slots=True)
class Cadence:
    """For records of ``object`` that fulfil the formula ``when``, every ``days`` days since ``since``, a metric of
    whole days since the last contact. ``content`` is a pack's key; ``title`` a template over the record; ``hour`` of
    the workspace's day is when it is looked at."""

    key: str
    label: Text
    object: str
    when: str
    since: str
    days: int
    content: str
    title: str = "该联系 {name} 了"
    hour: int = 9


def cadence_rule(cadence: Cadence) -> RuleDef:
    """The rule that carries a rhythm out: back-tested, changed and explained like any other.

    Raises pydantic's ``ValidationError`` for what no rule can be (an hour of 25).
    """
    since = cadence.since
    task = MakeTask(
        task=CADENCE_KIND,
        title=cadence.title,
        due=Span(amount=2, unit="working_days"),
        content=cadence.content,
        breach=(),
    )
    return RuleDef.model_validate(
        {
            "key": cadence.key,
            "label": cadence.label,
            "object": cadence.object,
            "when": Scheduled(cron=f"0 {cadence.hour} * * *"),
            "if": f"({cadence.when}) AND {since} > 0 AND MOD({since}, {cadence.days}) = 0",
            "then": (task, Push(content=cadence.content)),
        }
    )


def adjusting_metrics() -> tuple[MetricDef, ...]:
    """S0-55: of each person's reminders the share that he fitted to the customer himself (skipped with a reason, put
    off, handed over) instead of ticking it off; over all people, who has any such is who optimises his follow-up."""
    reminders = f'kind = "{CADENCE_KIND}"'
    fitted = f'{reminders} AND (state = "skipped" OR NOT ISBLANK(snoozed_until) OR NOT ISBLANK(delegated_from))'
    common = {"object": "person", "source": "task", "path": "owner", "at": "created_at"}
    return (
        MetricDef.model_validate(
            {
                **common, "key": "follow_up_reminders", "label": Text("跟进提醒数", "Follow-up reminders"),
                "where": reminders, "measure": {"kind": "count"},
            }
        ),
        MetricDef.model_validate(
            {
                **common, "key": "follow_ups_adjusted", "label": Text("自主优化跟进数", "Follow-ups adjusted"),
                "where": fitted, "measure": {"kind": "count"},
            }
        ),
    )  # fmt: skip
