"""What a rule's condition depends on: fields, metrics, classes, the moment. Whose change or passing may turn it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tongmai.formula import BOOLEAN, FieldRef, Param, Path, Tree, parse, walk
from tongmai.model import Becomes, Catalogue, ComputedField, FieldDef, MetricField, ObjectScope, RuleDef, SegmentField


@dataclass(frozen=True)
class Reads:
    """Of one rule in one catalogue."""

    catalogue: Catalogue
    rule: RuleDef

    @cached_property
    def trees(self) -> tuple[Tree, ...]:
        scope = ObjectScope(self.catalogue, self.rule.object)
        texts = [self.rule.if_]
        if isinstance(self.rule.when, Becomes):
            texts.append(self.rule.when.leave_when)
        return tuple(parse(text, scope, expect=BOOLEAN).tree for text in texts if text is not None)

    @cached_property
    def paths(self) -> frozenset[Path]:
        return frozenset(node.path for tree in self.trees for node in walk(tree) if isinstance(node, FieldRef))

    @cached_property
    def moments(self) -> frozenset[str]:
        """``now`` where the very minute counts, ``today`` where the day does."""
        return frozenset(node.name for tree in self.trees for node in walk(tree) if isinstance(node, Param))

    @cached_property
    def relations(self) -> tuple[tuple[Path, str, frozenset[str]], ...]:
        """Each relation path with the object it leads to and the stored fields that are read there."""
        found: dict[Path, tuple[str, set[str]]] = {}
        for path in self.paths:
            for prefix, owner, each in self._steps(path):
                if prefix and not isinstance(each, ComputedField):
                    found.setdefault(prefix, (owner, set()))[1].add(each.key)
        return tuple((prefix, owner, frozenset(keys)) for prefix, (owner, keys) in sorted(found.items()))

    @cached_property
    def measured(self) -> tuple[tuple[Path, str], ...]:
        """The relation paths whose records' metrics are read (the empty one: the record's own), with their objects."""
        found = {
            (prefix, owner)
            for path in self.paths
            for prefix, owner, each in self._steps(path)
            if isinstance(each, MetricField)
        }
        return tuple(sorted(found))

    @cached_property
    def classed(self) -> tuple[tuple[Path, str], ...]:
        """The relation paths whose records' classes are read (the empty one: the record's own), with their segments."""
        found = {
            (prefix, each.segment)
            for path in self.paths
            for prefix, _, each in self._steps(path)
            if isinstance(each, SegmentField)
        }
        return tuple(sorted(found))

    @cached_property
    def objects(self) -> frozenset[str]:
        """Whose changes may turn the condition."""
        return frozenset({self.rule.object, *(owner for _, owner, _ in self.relations)})

    def _steps(self, path: Path) -> Iterator[tuple[Path, str, FieldDef]]:
        """What leads to each field of a path, the object it is of, and the field."""
        scope: ObjectScope | None = ObjectScope(self.catalogue, self.rule.object)
        for number, key in enumerate(path):
            if scope is None:
                return
            yield path[:number], scope.object_key, scope.bound(key).definition
            scope = scope.through(key)
