"""Whether rules can be evaluated and acted on: what they name is there, formulas and templates parse, moments come.

What classes of segments do on entry is checked by the same code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cronsim import CronSim, CronSimError

from tongmai import formula
from tongmai.formula import Kind
from tongmai.kit import Fault, Invalid
from tongmai.model.builtin_work import SIGNAL, TASK
from tongmai.model.check_formula import faults_of_formula
from tongmai.model.check_list import check_list, unknown_object
from tongmai.model.definitions import Catalogue
from tongmai.model.fault_at import Place, fault
from tongmai.model.metric_fields import ComputedField
from tongmai.model.rule_definitions import (
    Becomes,
    CallHook,
    Changed,
    Enters,
    Escalate,
    Holds,
    Lock,
    MakeRecord,
    MakeSignal,
    RuleAction,
    RuleDef,
    Scheduled,
    SetFields,
)
from tongmai.model.rule_parts import fields_of, people_of, texts_of, written_by
from tongmai.model.scope import ObjectScope
from tongmai.model.system_fields import SYSTEM_KEYS, WRITABLE_SYSTEM_KEYS
from tongmai.model.templates import parse_template

MOST_RULES = 500
_PERSON = "person"


def check_rules(catalogue: Catalogue, scopes: Mapping[str, ObjectScope]) -> Iterator[Fault]:
    """All faults of rules and of actions on entry. ``scopes`` are with metrics."""
    yield from check_list("rule", catalogue.rules, MOST_RULES)
    for rule in catalogue.rules:
        place = Place("rules") / rule.key
        if rule.object not in scopes:
            yield unknown_object("rule", place, rule.object)
            continue
        yield from _check_rule(catalogue, rule, scopes[rule.object], place)
    for segment in catalogue.segments:
        if segment.object in scopes:
            for each in segment.classes:
                place = Place("segments") / segment.key / "classes" / each.key / "on_entry"
                yield from _check_actions(catalogue, scopes[segment.object], each.on_entry, place, lasts=True)


def _check_rule(catalogue: Catalogue, rule: RuleDef, scope: ObjectScope, place: Place) -> Iterator[Fault]:
    for name, text in (("if", rule.if_), ("outcome", rule.outcome)):
        if text is not None:
            yield from faults_of_formula(text, scope, place / name, formula.BOOLEAN)
    yield from _check_trigger(catalogue, rule, scope, place / "when")
    if rule.if_ is None and isinstance(rule.when, Becomes | Holds):
        yield fault(
            "rule.no_condition",
            place / "if",
            "这种触发方式需要条件",
            "this trigger needs a condition",
            "请填写“如果”一栏",
            "say what must hold under “if”",
        )
    lasts = isinstance(rule.when, Becomes | Holds | Enters)
    yield from _check_actions(catalogue, scope, rule.then, place / "then", lasts=lasts)
    yield from _check_itself(rule, place)


def _check_trigger(catalogue: Catalogue, rule: RuleDef, scope: ObjectScope, place: Place) -> Iterator[Fault]:
    match rule.when:
        case Changed(fields=keys, actions=actions):
            yield from _check_fields(scope, [("fields", key) for key in keys], place)
            if not actions:
                yield fault(
                    "rule.no_actions", place / "actions", "至少选择一种变更", "choose at least one kind of change"
                )
        case Becomes(leave_when=str(text)):
            yield from faults_of_formula(text, scope, place / "leave_when", formula.BOOLEAN)
        case Scheduled(cron=cron):
            yield from _check_cron(cron, place / "cron")
        case Enters(segment=key, classes=classes):
            yield from _check_segment(catalogue, rule.object, key, classes, place)
        case _:
            return


def _check_cron(cron: str, place: Place) -> Iterator[Fault]:
    try:
        if len(cron.split()) != 5:
            raise CronSimError("five parts")
        next(CronSim(cron, datetime(2026, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        yield fault(
            "rule.bad_cron",
            place,
            f"“{cron}”不是有效的时间表，或永远不会到来",
            f"“{cron}” is no schedule, or one that never comes",
            "写五段：分 时 日 月 周，例如 30 9 * * 1-5",
            "write five parts: minute hour day month weekday, such as 30 9 * * 1-5",
        )


def _check_segment(
    catalogue: Catalogue, object_key: str, key: str, classes: Sequence[str], place: Place
) -> Iterator[Fault]:
    segment = catalogue.segment_by_key.get(key)
    if segment is None or segment.object != object_key:
        yield fault(
            "rule.unknown_segment",
            place / "segment",
            f"该对象没有分层“{key}”",
            f"the object has no segment “{key}”",
        )
        return
    known = {each.key for each in segment.classes}
    for each in classes:
        if each not in known:
            yield fault("rule.unknown_class", place / "classes", f"没有级别“{each}”", f"there is no class “{each}”")


def _check_actions(
    catalogue: Catalogue, scope: ObjectScope, actions: Sequence[RuleAction], place: Place, *, lasts: bool
) -> Iterator[Fault]:
    """``lasts``: the trigger has episodes, which end."""
    for number, action in enumerate(actions):
        here = place / str(number)
        for name, text in texts_of(action):
            yield from _faults_of_template(text, scope, here / name)
        for who in people_of(action):
            yield from _check_who(catalogue, scope, who, here / "to")
        yield from _check_fields(scope, fields_of(action), here)
        match action:
            case SetFields() | MakeRecord():
                yield from _check_writing(catalogue, scope, action, here)
            case CallHook(url=url):
                yield from _check_address(url, here / "url")
            case MakeSignal(buttons=buttons):
                if len({each.key for each in buttons}) < len(buttons):
                    yield fault("rule.duplicate_button", here / "buttons", "按钮的 key 重复", "a button's key repeats")
            case Lock(until="condition_ends") | Escalate():
                if not lasts:
                    yield _needs_episode(here)
            case _:
                pass


def _needs_episode(place: Place) -> Fault:
    return fault(
        "rule.nothing_lasts",
        place,
        "该触发方式只在一瞬间成立，没有“仍在持续”可言",
        "this trigger holds for a moment only: nothing goes on that could end",
        "请改用“条件变为成立”，或让锁定由人解除",
        "use a condition that becomes true, or a lock that a person releases",
    )


def _faults_of_template(text: str, scope: ObjectScope, place: Place) -> Iterator[Fault]:
    try:
        parse_template(text, scope)
    except Invalid as invalid:
        yield from (each.at_field(str(place)) for each in invalid.faults)


def _check_who(catalogue: Catalogue, scope: ObjectScope, who: str, place: Place) -> Iterator[Fault]:
    kind, _, rest = who.partition(":")
    if kind == "role" and rest not in catalogue.role_by_key:
        yield fault("rule.unknown_role", place, f"没有角色“{rest}”", f"there is no role “{rest}”")
    if kind == "person":
        try:
            tree = formula.parse(rest, scope).tree
        except Invalid as invalid:
            yield from (each.at_field(str(place)) for each in invalid.faults)
            return
        found = tree.type.item if tree.type.item is not None else tree.type
        if not isinstance(tree, formula.FieldRef) or found.kind is not Kind.REFERENCE or found.target != _PERSON:
            yield fault("rule.no_person", place, f"“{rest}”不是人员字段", f"“{rest}” is no field of a person")


def _check_fields(scope: ObjectScope, named: Iterable[tuple[str, str]], place: Place) -> Iterator[Fault]:
    for where, key in named:
        try:
            scope.bound(key)
        except (KeyError, Invalid):
            yield fault("rule.unknown_field", place / where, f"没有字段“{key}”", f"there is no field “{key}”")


def _check_writing(
    catalogue: Catalogue, scope: ObjectScope, action: SetFields | MakeRecord, place: Place
) -> Iterator[Fault]:
    """Values are formulas over the rule's record; the fields may be another object's."""
    written = written_by(action, scope)
    if written is None:
        yield from _no_target(scope, action, place)
        return
    target, values = written
    # Those of the record itself are looked up with all that the action names.
    if isinstance(action, MakeRecord) or action.of is not None:
        yield from _check_fields(target, [(f"values.{key}", key) for key in values], place)
    yield from _check_values(scope, target, values, place / "values")
    if isinstance(action, MakeRecord):
        yield from _check_made(catalogue, scope, target, action, place)


def _no_target(scope: ObjectScope, action: SetFields | MakeRecord, place: Place) -> Iterator[Fault]:
    if isinstance(action, MakeRecord):
        yield fault(
            "rule.unknown_object",
            place / "object",
            f"没有对象“{action.object}”",
            f"there is no object “{action.object}”",
        )
    elif action.of is not None and action.of in scope.names():
        yield _no_relation(place / "of", action.of)


def _no_relation(place: Place, key: str) -> Fault:
    return fault(
        "rule.no_relation",
        place,
        f"“{key}”不是指向一条记录的关联字段",
        f"“{key}” is no relation to one record",
        "请选择“多对一”的关联字段",
        "choose a relation to one record",
    )


def _check_made(
    catalogue: Catalogue, scope: ObjectScope, target: ObjectScope, action: MakeRecord, place: Place
) -> Iterator[Fault]:
    if target.object_key in (TASK, SIGNAL):
        yield fault(
            "rule.not_made_so",
            place / "object",
            "任务和信号有自己的动作",
            "tasks and signals have actions of their own",
            "请改用“生成任务”或“生成信号”",
            "use the action that makes a task or a signal",
        )
    if action.about is not None:
        yield from _check_fields(target, [("about", action.about)], place)
        through = target.through(action.about)
        if action.about in target.names() and (through is None or through.object_key != scope.object_key):
            yield _no_relation(place / "about", action.about)
    given = {*action.values, action.about}
    for each in catalogue.object_by_key[target.object_key].fields:
        if each.required and each.default is None and each.key not in given:
            yield fault(
                "rule.value_missing",
                place / "values" / each.key,
                f"新记录需要“{each.label.zh}”",
                f"the new record needs “{each.label.en}”",
                "请为它写一个公式",
                "give it a formula",
            )


def _check_values(scope: ObjectScope, target: ObjectScope, values: Mapping[str, str], place: Place) -> Iterator[Fault]:
    for key, text in values.items():
        here = place / key
        try:
            bound = target.bound(key)
        except (KeyError, Invalid):
            continue
        is_system = key in SYSTEM_KEYS and key not in WRITABLE_SYSTEM_KEYS
        if (
            is_system
            or bound.column_type is None
            or not bound.type.writable
            or isinstance(bound.definition, ComputedField)
        ):
            yield fault(
                "rule.not_writable",
                here,
                f"“{bound.definition.label.zh}”由系统计算，不能赋值",
                f"“{bound.definition.label.en}” is worked out by the platform and cannot be set",
            )
            continue
        yield from faults_of_formula(text, scope, here, bound.type.value_type(bound.options))


def _check_address(url: str, place: Place) -> Iterator[Fault]:
    try:
        parts = urlsplit(url)
        fine = bool(parts.hostname) and parts.port != 0 and parts.username is None and url.isprintable()
    except ValueError:
        fine = False
    if not fine or " " in url:
        yield fault(
            "rule.bad_address",
            place,
            "不是可用的网址",
            "this is no address that can be called",
            "写完整的 http(s) 地址，不要在其中写账号密码",
            "write a whole http(s) address, without a login in it",
        )


def _check_itself(rule: RuleDef, place: Place) -> Iterator[Fault]:
    """A rule on changes without a condition that makes such a change itself would hear of each of its own. Others are
    held back by their chain when they run."""
    if not isinstance(rule.when, Changed) or rule.if_ is not None or "update" not in rule.when.actions:
        return
    for number, action in enumerate(rule.then):
        if (
            isinstance(action, SetFields)
            and action.of is None
            and (not rule.when.fields or set(rule.when.fields) & action.values.keys())
        ):
            yield fault(
                "rule.fires_itself",
                place / "then" / str(number),
                "该动作所做的修改会再次触发本规则",
                "the change this action makes would fire the rule again",
                "请加上条件，或限定触发的字段",
                "add a condition, or name the fields that fire it",
            )
