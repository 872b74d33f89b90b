"""The rules that are in force: those of the catalogue, and what classes of segments do on entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tongmai.kit import NotFound, Text
from tongmai.model.definitions import Catalogue
from tongmai.model.metric_definitions import SegmentClass, SegmentDef
from tongmai.model.rule_definitions import Enters, RuleDef


def rules_of(catalogue: Catalogue) -> tuple[RuleDef, ...]:
    """All enabled rules, and one for each class with actions on entry, called ``segment.class``."""
    return (*(each for each in catalogue.rules if each.enabled), *_on_entry(catalogue))


def all_rules(catalogue: Catalogue) -> tuple[RuleDef, ...]:
    """Enabled or not, and one for each class with actions on entry."""
    return (*catalogue.rules, *_on_entry(catalogue))


def names_of_rules(catalogue: Catalogue) -> dict[str, Text]:
    """What people call each rule, by its key; a class's actions by their segment and class."""
    segments = {each.key: each.label for each in catalogue.segments}
    return {each.key: _named(each, segments) for each in all_rules(catalogue)}


def _named(rule: RuleDef, segments: Mapping[str, Text]) -> Text:
    segment, _, is_class = rule.key.partition(".")
    if not is_class:
        return rule.label
    of = segments[segment]
    return Text(f"{of.zh} · {rule.label.zh}", f"{of.en} · {rule.label.en}")


def find_rule(catalogue: Catalogue, key: str) -> RuleDef:
    """A rule, enabled or not, or what a class does on entry. Raises ``NotFound``."""
    for each in all_rules(catalogue):
        if each.key == key:
            return each
    shown = key[:80]
    raise NotFound.of(
        "rule.unknown",
        f"没有规则“{shown}”",
        f"there is no rule “{shown}”",
        field="rule",
        way_out=Text("请从规则列表中重新选择", "Choose one from the list of rules"),
    )


def entry_rule(segment: SegmentDef, each: SegmentClass) -> RuleDef:
    """What a class does on entry, as a rule. No rule of a catalogue can have its key, for keys hold no dot."""
    return RuleDef.model_construct(
        key=f"{segment.key}.{each.key}",
        label=each.label,
        object=segment.object,
        when=Enters(segment=segment.key, classes=(each.key,)),
        then=each.on_entry,
    )


def _on_entry(catalogue: Catalogue) -> Iterator[RuleDef]:
    for segment in catalogue.segments:
        for each in segment.classes:
            if each.on_entry:
                yield entry_rule(segment, each)
