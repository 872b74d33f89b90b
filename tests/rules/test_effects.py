"""What actions do, once each: signals, tasks, notices, values, locks, escalation; what fails is told and can be sent again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tongmai.access import SystemActor
from tongmai.kit import Conflict, Invalid, Language, Text
from tongmai.rules import Doing, Outbox, dead_letters, send_again
from tongmai.store import WriteTx
from tongmai.work import Inbox

from .desk import Desk, rule

SIGNAL = {
    "kind": "signal",
    "signal": "silent",
    "gap": "customer",
    "title": "{name} 变为 {level}",
    "expires": {"amount": 48},
}


async def person(desk: Desk, name: str, **more: Any) -> UUID:
    found: UUID = await desk.shop.make("person", name=name, **more)
    return found


async def staffed(desk: Desk) -> tuple[UUID, UUID]:
    """A salesman and the leader of his team."""
    team = await desk.shop.make("team", name="北区")
    boss = await person(desk, "主管", team=team)
    rep = await person(desk, "小王", team=team)
    await desk.shop.change("team", team, lead=boss)
    return rep, boss


async def signals(desk: Desk) -> list[tuple[str, str]]:
    rows = await desk.shop.fetch("SELECT title, state FROM {schema}.signal ORDER BY created_at, title")
    return [(row["title"], row["state"]) for row in rows]


async def test_one_signal_an_episode_that_ends_with_it(desk: Desk) -> None:
    """S0-04: a signal names the gap it shows."""
    rep, _ = await staffed(desk)
    await desk.define(rule("c", "becomes", "level = 'C'", then=[SIGNAL]))
    customer = await desk.shop.make("customer", name="甲", level="C", owner=rep)
    await desk.work()
    await desk.work()
    assert await signals(desk) == [("甲 变为 C", "new")]
    (row,) = await desk.shop.fetch(
        "SELECT s.owner, s.subject, s.evidence::text AS evidence, s.rule, s.expires_at FROM {schema}.signal s"
    )
    assert (row["owner"], row["subject"], json.loads(row["evidence"]), row["rule"]) == (rep, "甲", {"level": "C"}, "c")
    assert row["expires_at"] == desk.shop.clock.now() + timedelta(hours=48)
    desk.later(hours=1)
    await desk.shop.change("customer", customer, level="A")
    await desk.work()
    assert await signals(desk) == [("甲 变为 C", "expired")]


async def test_each_reads_what_a_rule_says_in_his_own_language(desk: Desk) -> None:
    rep, _ = await staffed(desk)
    call = {
        "kind": "task", "task": "call", "due": {"amount": 1}, "title": {"zh": "回访 {name}", "en": "Call {name}"},
        "detail": {"zh": "已是 {level}", "en": "At {level} now"},
    }  # fmt: skip
    told = {"kind": "notify", "to": ["owner"], "title": {"zh": "{name} 要留意", "en": "Mind {name}"}, "body": "{level}"}
    signal = {**SIGNAL, "title": {"zh": "{name} 变为 {level}", "en": "{name} fell to {level}"}}
    await desk.define(rule("c", "becomes", "level = 'C'", then=[signal, call, told]))
    await desk.shop.make("customer", name="甲", level="C", owner=rep)
    await desk.work()

    async def listed(language: Language, object_key: str, **asked: Any) -> list[dict[str, Any]]:
        reader = SystemActor("test", language)
        page = await desk.shop.gateway.list(reader, desk.shop.workspace, object_key, **asked)
        items: list[dict[str, Any]] = json.loads(page)["items"]
        return items

    for language, title, task, detail in (
        ("zh", "甲 变为 C", "回访 甲", "已是 C"),
        ("en", "甲 fell to C", "Call 甲", "At C now"),
    ):
        (signal,) = await listed(language, "signal", filter=f"title = '{title}'", sort="title")
        (then,) = await listed(language, "signal", as_of=desk.shop.clock.now())
        (found,) = await listed(language, "task", search="call")
        assert (signal["title"], then["title"]) == (title, title)
        assert (found["title"], found["detail"], found["subject"]) == (task, detail, "甲")
        by_title = {"object": "signal", "group_by": ["title"], "measures": {"n": "count"}}
        answer = await desk.shop.gateway.query(SystemActor("test", language), desk.shop.workspace, by_title)
        assert [row["title"] for row in json.loads(answer)["rows"]] == [title]
    notices = {each.kind: each for each in await Inbox(desk.runtime).list(desk.shop.workspace, rep)}
    assert (notices["rule"].title, notices["rule"].body) == (Text("甲 要留意", "Mind 甲"), Text.same("C"))
    assert notices["task"].title == notices["task"].subject == Text("回访 甲", "Call 甲")
    # Whoever writes it anew says it to all.
    await desk.shop.change("task", UUID(found["id"]), title="不用回访")
    assert [(await listed(each, "task"))[0]["title"] for each in ("zh", "en")] == ["不用回访", "不用回访"]


async def test_signals_are_seen_acted_on_dismissed_with_reason_and_expire(desk: Desk) -> None:
    rep, _ = await staffed(desk)
    await desk.define(rule("c", "becomes", "level = 'C'", then=[SIGNAL]))
    for name in "甲乙丙":
        await desk.shop.make("customer", name=name, level="C", owner=rep)
    await desk.work()
    rows = await desk.shop.fetch("SELECT id FROM {schema}.signal ORDER BY title")
    first, second, _ = (row["id"] for row in rows)
    actor, workspace = desk.shop.system, desk.shop.workspace
    await desk.signals.move(actor, workspace, first, "seen")
    await desk.signals.move(actor, workspace, first, "act")
    with pytest.raises(Invalid):
        await desk.signals.move(actor, workspace, second, "dismiss")
    await desk.signals.move(actor, workspace, second, "dismiss", "已电话确认")
    with pytest.raises(Conflict):
        await desk.signals.move(actor, workspace, second, "act")
    desk.later(hours=49)
    assert await desk.signals.expire(workspace) == 1
    assert sorted(state for _, state in await signals(desk)) == ["acted", "dismissed", "expired"]


async def test_a_closed_signal_tells_who_resolved_it_how_long_it_took_and_what_was_updated(desk: Desk) -> None:
    """S0-43: the log of what was resolved, as records that lists and boards show."""
    rep, _ = await staffed(desk)
    await desk.define(rule("c", "becomes", "level = 'C'", then=[SIGNAL]))
    names = ("acted", "over", "nobody")
    customers = [await desk.shop.make("customer", name=name, level="C", owner=rep) for name in names]
    await desk.work()
    rows = await desk.shop.fetch("SELECT id FROM {schema}.signal ORDER BY title")
    actor, acted = SystemActor("test", on_behalf=rep), rows[0]["id"]
    desk.later(hours=1)
    await desk.shop.gateway.update(actor, desk.shop.workspace, "customer", customers[0], {"name": "acted on"})
    await desk.signals.move(actor, desk.shop.workspace, acted, "act")
    desk.later(hours=1)
    await desk.shop.gateway.update(actor, desk.shop.workspace, "customer", customers[1], {"level": "A"})
    await desk.work()
    desk.later(hours=47)
    await desk.signals.expire(desk.shop.workspace)
    closed = await desk.shop.fetch(
        "SELECT subject, state, closed_by, took, changed::text AS changed FROM {schema}.signal ORDER BY closed_at"
    )
    assert [(row["subject"], row["state"], row["closed_by"], row["took"]) for row in closed] == [
        ("acted", "acted", rep, 3600), ("over", "expired", rep, 2 * 3600), ("nobody", "expired", None, 49 * 3600),
    ]  # fmt: skip
    assert [json.loads(row["changed"] or "null") for row in closed] == [["name"], ["level"], None]


async def test_a_task_is_due_in_working_time_and_made_once(desk: Desk) -> None:
    rep, _ = await staffed(desk)
    task = {"kind": "task", "task": "call", "title": "致电 {name}", "due": {"amount": 3, "unit": "working_days"}}
    await desk.define(rule("c", {"kind": "changed", "fields": ["level"]}, "level = 'C'", then=[task]))
    await desk.shop.make("customer", name="甲", level="C", owner=rep)
    at = desk.shop.clock.now()
    desk.later(hours=5)
    await desk.work()
    (row,) = await desk.shop.fetch("SELECT title, owner, due_at, rule FROM {schema}.task")
    assert (row["title"], row["owner"], row["rule"]) == ("致电 甲", rep, "c")
    # Monday 9:00 and three working days.
    assert row["due_at"] == at + timedelta(days=3)


async def test_news_that_came_late_is_not_overdue_before_anybody_heard_of_it(desk: Desk) -> None:
    rep, _ = await staffed(desk)
    task = {"kind": "task", "task": "call", "title": "致电", "due": {"amount": 4}}
    brief = {**SIGNAL, "expires": {"amount": 4}}
    await desk.define(rule("c", {"kind": "changed", "fields": ["level"]}, "level = 'C'", then=[task, brief]))
    await desk.shop.make("customer", name="甲", level="C", owner=rep)
    await desk.round()
    heard = desk.later(days=3)
    await desk.outbox_of.work_off(desk.shop.workspace)
    (row,) = await desk.shop.fetch("SELECT t.due_at, s.expires_at FROM {schema}.task AS t, {schema}.signal AS s")
    assert (row["due_at"], row["expires_at"]) == (heard + timedelta(hours=4), heard + timedelta(hours=4))


async def test_who_nobody_is_behind_becomes_a_dead_letter_that_can_be_sent_again(desk: Desk) -> None:
    task = {"kind": "task", "task": "call", "title": "致电", "due": {"amount": 1}}
    await desk.define(rule("c", "becomes", "level = 'C'", then=[task]))
    customer = await desk.shop.make("customer", name="甲", level="C")
    await desk.round()
    for _ in range(8):
        await desk.outbox_of.work_off(desk.shop.workspace)
        desk.later(hours=2)
    async with desk.shop.database.read() as tx:
        (dead,) = await dead_letters(tx, desk.shop.workspace)
    assert (dead["rule"], dead["attempts"]) == ("c", 8) and "没有人" in dead["error"]
    rep, _ = await staffed(desk)
    await desk.shop.change("customer", customer, owner=rep)
    async with desk.shop.database.write() as tx:
        assert await send_again(tx, desk.shop.workspace, dead["key"], desk.shop.clock.now())
    await desk.outbox_of.work_off(desk.shop.workspace)
    assert len(await desk.shop.fetch("SELECT 1 FROM {schema}.task")) == 1


async def test_escalation_asks_whether_it_still_lasts(desk: Desk) -> None:
    """S2-14: what is overdue goes to those above."""
    rep, boss = await staffed(desk)
    escalate = {"kind": "escalate", "after": {"amount": 2}, "title": "{name} 无人处理"}
    await desk.define(rule("c", "becomes", "level = 'C'", then=[escalate]))
    first = await desk.shop.make("customer", name="甲", level="C", owner=rep)
    await desk.shop.make("customer", name="乙", level="C", owner=rep)
    await desk.work()
    desk.later(hours=1)
    await desk.shop.change("customer", first, level="A")
    await desk.work()
    assert await desk.shop.fetch("SELECT 1 FROM {schema}._notice") == []
    desk.later(hours=1)
    await desk.work()
    rows = await desk.shop.fetch("SELECT person, title FROM {schema}._notice")
    assert [(row["person"], row["title"]) for row in rows] == [(boss, "乙 无人处理")]


async def test_values_are_those_of_the_moment_and_history_names_the_rule(desk: Desk) -> None:
    put = {"kind": "set", "values": {"name": "name & '*'"}}
    await desk.define(rule("star", {"kind": "changed", "fields": ["level"]}, "level = 'C'", then=[put]))
    customer = await desk.shop.make("customer", name="甲", level="C")
    await desk.work()
    await desk.work()
    (row,) = await desk.shop.fetch(
        "SELECT c.name, h.cause FROM {schema}.customer c JOIN {schema}._history h ON h.record_id = c.id"
        " AND h.version = c.version WHERE c.id = $1",
        customer,
    )
    assert row["name"] == "甲*" and row["cause"].startswith("rule:star:")


async def test_fields_of_a_related_record_are_set(desk: Desk) -> None:
    put = {"kind": "set", "of": "customer", "values": {"level": "state & '!'"}}
    won = rule("won", {"kind": "changed", "fields": ["state"]}, "state = 'won'", then=[put], object="order")
    await desk.define(won)
    customer = await desk.shop.make("customer", name="甲", level="A")
    await desk.shop.make("order", customer=customer, state="won")
    # Nobody to be set: nothing to do, and no dead letter.
    await desk.shop.make("order", state="won")
    await desk.work()
    rows = await desk.shop.fetch("SELECT level FROM {schema}.customer")
    assert [row["level"] for row in rows] == ["won!"]
    assert sorted(await desk.outbox(("state",))) == [("done",), ("dropped",)]


async def test_a_record_is_made_once_about_the_rules_record(desk: Desk) -> None:
    rep, _ = await staffed(desk)
    values = {"state": "'trial ' & name", "due": "TODAY()"}
    make = {"kind": "record", "object": "order", "about": "customer", "values": values}
    await desk.define(rule("trial", "becomes", "level = 'C'", then=[make]))
    customer = await desk.shop.make("customer", name="甲", level="C", owner=rep)
    await desk.work()
    await desk.work()
    (row,) = await desk.shop.fetch(
        "SELECT o.customer, o.state, o.due, o.owner, h.cause FROM {schema}.order o JOIN {schema}._history h"
        " ON h.record_id = o.id"
    )
    assert (row["customer"], row["state"], row["owner"]) == (customer, "trial 甲", rep)
    assert row["due"] == desk.shop.clock.now().date() and row["cause"].startswith("rule:trial:")


async def test_a_rule_is_not_fired_by_its_own_chain(desk: Desk) -> None:
    def flip(key: str, seen: str, then: str) -> Any:
        put = {"kind": "set", "values": {"level": f"'{then}'"}}
        return rule(key, {"kind": "changed", "fields": ["level"]}, f"level = '{seen}'", then=[put])

    await desk.define(flip("to_b", "A", "B"), flip("to_a", "B", "A"))
    await desk.shop.make("customer", name="甲", level="A")
    for _ in range(6):
        await desk.work()
    rows = await desk.shop.fetch("SELECT rule, held FROM {schema}._firing ORDER BY seq")
    assert [(row["rule"], row["held"]) for row in rows] == [("to_b", None), ("to_a", None), ("to_b", "loop")]


async def test_conditions_that_set_one_another_off_are_held_as_well(desk: Desk) -> None:
    def flip(key: str, seen: str, then: str) -> Any:
        return rule(key, "becomes", f"level = '{seen}'", then=[{"kind": "set", "values": {"level": f"'{then}'"}}])

    await desk.define(flip("to_b", "A", "B"), flip("to_a", "B", "A"))
    await desk.round()
    await desk.shop.make("customer", name="甲", level="A")
    for _ in range(6):
        await desk.work()
    rows = await desk.shop.fetch("SELECT rule, held FROM {schema}._firing ORDER BY seq")
    assert [(row["rule"], row["held"]) for row in rows] == [("to_b", None), ("to_a", None), ("to_b", "loop")]


async def test_a_chain_of_rules_ends_at_its_eighth(desk: Desk) -> None:
    steps = [
        rule(
            f"r{n}", {"kind": "changed", "fields": ["level"]}, f"level = '{n}'",
            then=[{"kind": "set", "values": {"level": f"'{n + 1}'"}}],
        )
        for n in range(12)
    ]  # fmt: skip
    await desk.define(*steps)
    await desk.shop.make("customer", name="甲", level="0")
    for _ in range(12):
        await desk.work()
    rows = await desk.shop.fetch("SELECT rule, held FROM {schema}._firing ORDER BY seq")
    assert [row["rule"] for row in rows] == [f"r{n}" for n in range(9)]
    assert [row["held"] for row in rows] == [*[None] * 8, "too_deep"]


async def test_what_was_not_committed_is_done_by_who_comes_after_the_lease(desk: Desk) -> None:
    await desk.define(rule("c", "becomes", "level = 'C'"))
    await desk.shop.make("customer", name="甲", level="C")
    await desk.round()
    done: list[str] = []

    class Failing:
        async def do(self, tx: WriteTx, doing: Doing) -> bool:
            raise KeyboardInterrupt

    class Counting:
        async def do(self, tx: WriteTx, doing: Doing) -> bool:
            done.append(doing.key)
            return True

    with pytest.raises(KeyboardInterrupt):
        await Outbox(desk.runtime, Failing()).work_off(desk.shop.workspace)
    follower = Outbox(desk.runtime, Counting())
    await follower.work_off(desk.shop.workspace)
    assert done == []
    desk.later(minutes=2)
    await follower.work_off(desk.shop.workspace)
    await follower.work_off(desk.shop.workspace)
    assert len(done) == 1 and done[0].startswith("rule:c:")


async def test_what_one_rule_does_many_times_keeps_no_other_waiting(desk: Desk) -> None:
    await desk.define(rule("many", "becomes", "level = 'C'"), rule("one", "becomes", "level = 'A'"))
    for number in range(120):
        await desk.shop.make("customer", name=f"{number}", level="C")
    await desk.round()
    desk.later()
    await desk.shop.make("customer", name="甲", level="A")
    await desk.round()
    done: list[str] = []

    class Noting:
        async def do(self, tx: WriteTx, doing: Doing) -> bool:
            done.append(doing.rule)
            return True

    await Outbox(desk.runtime, Noting()).work_off(desk.shop.workspace)
    assert (len(done), done.count("one")) == (121, 1) and done.index("one") <= 20


async def test_a_purged_record_leaves_no_values_in_the_log_and_nothing_to_do(desk: Desk) -> None:
    await desk.define(rule("c", "becomes", "level = 'C'"))
    customer = await desk.shop.make("customer", name="秘密", level="C")
    await desk.round()
    await desk.shop.gateway.purge(desk.shop.system, desk.shop.workspace, "customer", customer)
    await desk.work()
    (row,) = await desk.shop.fetch("SELECT seen::text AS seen, told::text AS told FROM {schema}._firing")
    assert (row["seen"], row["told"]) == ("{}", "{}")
    assert [state for _, state in await desk.outbox()] == ["dropped"]
    assert await desk.shop.fetch("SELECT 1 FROM {schema}._episode WHERE ended_at IS NULL") == []
