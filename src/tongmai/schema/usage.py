"""Who uses a field: every place of the catalogue whose formula or list names it, through relations too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tongmai.formula import parse, paths_of
from tongmai.kit import Invalid, Language, Text
from tongmai.model import (
    Becomes,
    Benchmark,
    Catalogue,
    Changed,
    Derived,
    FieldDef,
    MakeRecord,
    MetricDef,
    ObjectDef,
    ObjectScope,
    RuleAction,
    RuleDef,
    UpdateRate,
    fields_of,
    parse_template,
    people_of,
    texts_of,
    written_by,
)
from tongmai.schema.columns import reference_target


@dataclass(frozen=True, slots=True)
class Use:
    """``object.field`` is used in ``where``; ``by`` is the place's key (``order.total``, ``role sales``)."""

    object: str
    field: str
    where: Text
    by: str

    def document(self, language: Language) -> dict[str, str]:
        where = self.where.say(language)
        meaning = f"{where} · {self.by}"
        return {"object": self.object, "field": self.field, "where": where, "by": self.by, "meaning": meaning}


def uses_of(catalogue: Catalogue, wanted: frozenset[tuple[str, str]]) -> tuple[Use, ...]:
    """The uses of the fields ``(object key, field key)``, in the order of the catalogue."""
    found = (use for use in _all_uses(catalogue) if (use.object, use.field) in wanted)
    return tuple(dict.fromkeys(found))


def _all_uses(catalogue: Catalogue) -> Iterator[Use]:
    for definition in catalogue.objects:
        for field in definition.fields:
            yield from _field_uses(catalogue, definition, field)
        for validation in definition.validations:
            by = f"{definition.key}.{validation.key}"
            yield from _formula_uses(catalogue, definition.key, validation.formula, Text("校验规则", "validation"), by)
        for unique in definition.uniques:
            for key in unique.fields:
                yield Use(definition.key, key, Text("唯一组合", "unique together"), f"{definition.key}.{unique.key}")
        for section in definition.form:
            where = Text(f"页面分组“{section.label.zh}”", f"section {section.label.en} of the page")
            for key in section.fields:
                yield Use(definition.key, key, where, definition.key)
        yield from _entry_uses(catalogue, definition)
        yield from _prompt_uses(catalogue, definition)
        if definition.title is not None:
            yield Use(definition.key, definition.title, Text("记录标题", "title of its records"), definition.key)
    yield from _role_uses(catalogue)
    for metric in catalogue.metrics:
        yield from _metric_uses(catalogue, metric)
    for segment in catalogue.segments:
        where = Text(f"分层“{segment.label.zh}”", f"segment {segment.label.en}")
        for each in segment.classes:
            for text in (each.when, each.leave_when):
                if text is not None:
                    yield from _formula_uses(catalogue, segment.object, text, where, f"segment {segment.key}")
            yield from _action_uses(catalogue, segment.object, each.on_entry, where, f"segment {segment.key}")
    for rule in catalogue.rules:
        yield from _rule_uses(catalogue, rule)


def _entry_uses(catalogue: Catalogue, definition: ObjectDef) -> Iterator[Use]:
    entry = definition.light_entry
    if entry is None or entry.about not in definition.by_key:
        return
    subject = reference_target(definition.by_key[entry.about])
    if subject is None:
        return
    where, by = Text("轻录入", "light entry"), f"{definition.key} light_entry"
    measured = (each for each in (entry.seconds, entry.share) if each is not None)
    filled = {
        *entry.fills,
        *entry.asks,
        entry.about,
        *measured,
        *(key for each in entry.presets for key in each.values),
    }
    yield from (Use(definition.key, key, where, by) for key in sorted(filled))
    moves = [move for each in entry.presets for move in each.moves]
    yield from (Use(subject, move.field, where, by) for move in moves)
    texts = [*entry.fills.values(), *(text for each in entry.presets for text in (each.when, *each.values.values()))]
    for text in (*texts, *(text for move in moves for text in (move.value, move.when))):
        if text is not None:
            yield from _formula_uses(catalogue, subject, text, where, by)


def _prompt_uses(catalogue: Catalogue, definition: ObjectDef) -> Iterator[Use]:
    prompts = definition.prompts
    if prompts is None:
        return
    where, by = Text("提示", "prompts"), f"{definition.key} prompts"
    for each in prompts.items:
        yield from (Use(definition.key, key, where, by) for key in each.fields)
        if each.when is not None:
            yield from _formula_uses(catalogue, definition.key, each.when, where, by)
    for hush in prompts.hush:
        if hush.object is not None and hush.by is not None:
            yield Use(hush.object, hush.by, where, by)
            if hush.when is not None:
                yield from _formula_uses(catalogue, hush.object, hush.when, where, by)


def _rule_uses(catalogue: Catalogue, rule: RuleDef) -> Iterator[Use]:
    where, by = Text(f"规则“{rule.label.zh}”", f"rule {rule.label.en}"), f"rule {rule.key}"
    leave = rule.when.leave_when if isinstance(rule.when, Becomes) else None
    for text in (rule.if_, leave, rule.outcome):
        if text is not None:
            yield from _formula_uses(catalogue, rule.object, text, where, by)
    if isinstance(rule.when, Changed):
        yield from (Use(rule.object, key, where, by) for key in rule.when.fields)
    yield from _action_uses(catalogue, rule.object, rule.then, where, by)


def _action_uses(
    catalogue: Catalogue, object_key: str, actions: Sequence[RuleAction], where: Text, by: str
) -> Iterator[Use]:
    for action in actions:
        yield from (Use(object_key, key, where, by) for _, key in fields_of(action))
        for _, text in texts_of(action):
            yield from _template_uses(catalogue, object_key, text, where, by)
        yield from _written_uses(catalogue, object_key, action, where, by)
        for who in people_of(action):
            kind, _, path = who.partition(":")
            if kind == "person":
                yield from _formula_uses(catalogue, object_key, path, where, by)


def _written_uses(catalogue: Catalogue, object_key: str, action: RuleAction, where: Text, by: str) -> Iterator[Use]:
    if object_key not in catalogue.object_by_key:
        return
    written = written_by(action, ObjectScope(catalogue, object_key))
    if written is None:
        return
    target, values = written
    about = [action.about] if isinstance(action, MakeRecord) and action.about else []
    yield from (Use(target.object_key, key, where, by) for key in (*values, *about))
    for text in values.values():
        yield from _formula_uses(catalogue, object_key, text, where, by)


def _template_uses(catalogue: Catalogue, object_key: str, text: str, where: Text, by: str) -> Iterator[Use]:
    if object_key not in catalogue.object_by_key:
        return
    try:
        tree = parse_template(text, ObjectScope(catalogue, object_key))
    except Invalid:
        return
    for path in sorted(paths_of(tree)):
        yield from _path_uses(catalogue, object_key, path, where, by)


def _metric_uses(catalogue: Catalogue, metric: MetricDef) -> Iterator[Use]:
    where, by = Text(f"指标“{metric.label.zh}”", f"metric {metric.label.en}"), f"{metric.object}.{metric.key}"
    yield from _path_uses(catalogue, metric.source, metric.hops, where, by)
    measure = metric.measure
    if isinstance(measure, UpdateRate):
        yield from (Use(metric.object, key, where, by) for key in measure.fields)
    texts = [metric.where, metric.at, *(getattr(measure, name, None) for name in ("value", "start", "end"))]
    for text in texts:
        if isinstance(text, str):
            yield from _formula_uses(catalogue, metric.source, text, where, by)
    if isinstance(measure, Derived):
        yield from _formula_uses(catalogue, metric.object, measure.formula, where, by)
    if isinstance(metric.comparison, Benchmark):
        yield from _formula_uses(catalogue, metric.object, metric.comparison.value, where, by)


def _field_uses(catalogue: Catalogue, definition: ObjectDef, field: FieldDef) -> Iterator[Use]:
    by = f"{definition.key}.{field.key}"
    texts: list[tuple[Text, object]] = [
        (Text("默认值", "default"), field.default),
        (Text("显示条件", "visibility"), field.visible_when),
        (Text("提示条件", "hint"), field.hint.when if field.hint else None),
        (Text("公式字段", "formula field"), field.options.get("text") if field.type == "formula" else None),
    ]
    for where, text in texts:
        if isinstance(text, str):
            yield from _formula_uses(catalogue, definition.key, text, where, by)
    lookup = field.lookup
    if lookup is not None:
        where = Text("查找校验", "lookup")
        yield from (Use(lookup.object, key, where, by) for key in (lookup.match, lookup.show))
        if lookup.where is not None:
            yield from _formula_uses(catalogue, lookup.object, lookup.where, where, by)


def _role_uses(catalogue: Catalogue) -> Iterator[Use]:
    for role in catalogue.roles:
        for grant in role.grants:
            where = Text(f"角色“{role.label.zh}”的权限", f"policy of role {role.label.en}")
            yield from (Use(grant.object, key, where, f"role {role.key}") for key in grant.field_access)
            for scope in (grant.read, grant.update, grant.delete):
                if scope.startswith("formula:"):
                    text = scope.removeprefix("formula:")
                    yield from _formula_uses(catalogue, grant.object, text, where, f"role {role.key}")


def _formula_uses(catalogue: Catalogue, object_key: str, text: str, where: Text, by: str) -> Iterator[Use]:
    """A formula that does not parse uses nothing: the faults of the catalogue tell of it."""
    if object_key not in catalogue.object_by_key:
        return
    try:
        paths = parse(text, ObjectScope(catalogue, object_key)).paths
    except Invalid:
        return
    for path in sorted(paths):
        yield from _path_uses(catalogue, object_key, path, where, by)


def _path_uses(catalogue: Catalogue, object_key: str, path: Sequence[str], where: Text, by: str) -> Iterator[Use]:
    at: str | None = object_key
    for key in path:
        if at is None or at not in catalogue.object_by_key:
            break
        yield Use(at, key, where, by)
        field = catalogue.object_by_key[at].by_key.get(key)
        at = "person" if key == "owner" else reference_target(field) if field is not None else None


def touched_fields(before: Catalogue, after: Catalogue) -> frozenset[tuple[str, str]]:
    """The fields that are gone or are of another type in ``after``: those whose users should know."""
    found = set()
    for old in before.objects:
        new = after.object_by_key.get(old.key)
        for field in old.fields:
            present = new.by_key.get(field.key) if new is not None else None
            if present is None or present.type != field.type or present.column_name != field.column_name:
                found.add((old.key, field.key))
    return frozenset(found)
