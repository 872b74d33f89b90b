"""What repeats the words of a record, by definition: which values of rules, metrics and formula fields have them in it.

A value has the words of each field that it is worked out from, unless only their truth or their length goes in:
``LEFT([text], 6)`` repeats a message, ``IF(CONTAINS([text], '急'), '高', '低')`` does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from tongmai.formula import BOOLEAN, Call, FieldRef, Path, Tree, parse, walk
from tongmai.kit import Invalid
from tongmai.link.mapping import CompiledMapping
from tongmai.link.wecom.message_rows import CONTENT_NAMES
from tongmai.model import Becomes, Catalogue, Derived, MetricDef, ObjectScope, RuleDef, all_rules, wants_of

SEEN = "seen"
"""The place of all that a condition reads, beside those of ``wants_of``."""


class Repeating:
    """Of one catalogue. Paths are from the object asked about; they end at stored fields or at metrics."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._rules: dict[str, Mapping[str, frozenset[Path]] | None] = {}

    def mapped(self, source: str, stream: str) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
        """The fields, with their objects, that mappings of messages make of what was said, and those that they make of
        the rest of a message."""
        said, rest = set[tuple[str, str]](), set[tuple[str, str]]()
        for key in self.catalogue.mappings_of(source, stream):
            mapping = self.catalogue.mapping_by_key[key]
            compiled = CompiledMapping(mapping)
            for each in mapping.fields:
                is_said = any(_is_content(path) for path in compiled.paths_of(each))
                (said if is_said else rest).add((mapping.object, each.field))
        return frozenset(said), frozenset(rest - said)

    def places(self, rule_key: str) -> Mapping[str, frozenset[Path]] | None:
        """What a rule tells and sees repeats which paths, by the names of ``_firing``: ``told`` as ``wants_of`` names
        it, ``seen`` by the path behind ``SEEN``. None for a rule that is not there, or does not parse."""
        if rule_key not in self._rules:
            rule = self._rule_by_key.get(rule_key)
            try:
                self._rules[rule_key] = None if rule is None else dict(self._places(rule))
            except (Invalid, KeyError):
                self._rules[rule_key] = None
        return self._rules[rule_key]

    def rules(self) -> Iterator[tuple[RuleDef, Mapping[str, frozenset[Path]]]]:
        """All that parse, with their places."""
        for key, rule in self._rule_by_key.items():
            if (places := self.places(key)) is not None:
                yield rule, places

    def rule(self, key: str) -> RuleDef | None:
        """Also what a class does on entry."""
        return self._rule_by_key.get(key)

    def conditions(self) -> Iterator[tuple[str, str, Mapping[str, frozenset[Path]]]]:
        """What segments see, as ``places``, with the keys of the segment and of its object."""
        for segment in self.catalogue.segments:
            texts = [text for each in segment.classes for text in (each.when, each.leave_when) if text is not None]
            try:
                yield segment.key, segment.object, dict(self._seen(segment.object, texts))
            except (Invalid, KeyError):
                continue

    def title_of(self, object_key: str) -> frozenset[str]:
        """The fields that a record's title repeats."""
        title = self.catalogue.object_by_key[object_key].title
        return frozenset() if title is None else frozenset(path[0] for path in self._told(object_key, [f"[{title}]"]))

    def metrics(self, object_key: str, keys: Collection[str]) -> Iterator[MetricDef]:
        """Those that repeat these fields of the rows they measure."""
        for metric in self.catalogue.metrics:
            if metric.source == object_key and (value := getattr(metric.measure, "value", None)) is not None:
                try:
                    tree = parse(value, ObjectScope(self.catalogue, object_key, metrics=False)).tree
                except (Invalid, KeyError):
                    continue
                if metric.gives == "text" and any(path[0] in keys for path in _repeated(tree)):
                    yield metric

    def derived(self, object_key: str, keys: Collection[str]) -> Iterator[str]:
        """The metrics that repeat these of the same record."""
        for metric in self.catalogue.metrics:
            if metric.object == object_key and isinstance(metric.measure, Derived) and metric.gives == "text":
                told = self._told(object_key, [metric.measure.formula])
                if any(path[0] in keys for path in told):
                    yield metric.key

    @cached_property
    def _rule_by_key(self) -> Mapping[str, RuleDef]:
        return {each.key: each for each in all_rules(self.catalogue)}

    def _places(self, rule: RuleDef) -> Iterator[tuple[str, frozenset[Path]]]:
        for name, tree in wants_of(self.catalogue, rule, ObjectScope(self.catalogue, rule.object)):
            yield name, frozenset(_repeated(tree))
        texts = [rule.if_, rule.when.leave_when if isinstance(rule.when, Becomes) else None]
        yield from self._seen(rule.object, [text for text in texts if text is not None])

    def _seen(self, object_key: str, texts: Collection[str]) -> Iterator[tuple[str, frozenset[Path]]]:
        """What is read is kept as it stood, by its path, whatever the condition asks of it."""
        scope = ObjectScope(self.catalogue, object_key)
        for text in texts:
            for node in walk(parse(text, scope, expect=BOOLEAN).tree):
                if isinstance(node, FieldRef):
                    yield f"{SEEN}.{'.'.join(node.path)}", frozenset({node.path})

    def _told(self, object_key: str, texts: Collection[str]) -> Iterator[Path]:
        for text in texts:
            try:
                yield from _repeated(parse(text, ObjectScope(self.catalogue, object_key)).tree)
            except (Invalid, KeyError):
                continue


def _repeated(tree: Tree) -> Iterator[Path]:
    """The stored fields and metrics whose words are in the value; formula fields are in the tree what they are."""
    if isinstance(tree, FieldRef):
        yield tree.path
    elif isinstance(tree, Call) and tree.type != BOOLEAN and tree.function != "LEN":
        for each in tree.args:
            yield from _repeated(each)


def _is_content(path: str) -> bool:
    return path.partition(".")[0] in CONTENT_NAMES
