"""What formula fields, metrics and segments are made of, so that they show no more than their parts do.

A formula field wants each field in it to be granted. A metric counts and sums rows that a person may not open, by
design; but a field that a role is not shown on an object it does read, it is not shown in a metric of it either, and
the words of a row (the last message, say) want the row's object to be granted.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from tongmai.formula import Path, Scope, parse
from tongmai.kit import Invalid
from tongmai.model import (
    BASE_SUFFIX,
    SINCE_SUFFIX,
    SYSTEM_KEYS,
    Catalogue,
    FieldDef,
    Grant,
    MetricDef,
    ObjectScope,
    ReadPaths,
    SegmentDef,
)


class MadeOf:
    """What the computed fields of one object read, through relations and other metrics too."""

    def __init__(self, catalogue: Catalogue, object_key: str) -> None:
        self._catalogue = catalogue
        self._object = catalogue.object_by_key[object_key]

    def reads_inputs(self, role_key: str, grant: Grant, each: FieldDef) -> bool:
        """Whether the grant, with the same role's grants on related objects, shows what the field is made of.

        What the grant names itself is shown without its parts. A formula that no longer parses is read by nobody.
        """
        if each.type == "formula" and each.key not in grant.field_access:
            try:
                paths = parse(str(each.options.get("text", "")), self._scope).paths
            except Invalid:
                return False
            return all(self._reads_path(role_key, grant, path, strictly=True) for path in paths)
        return self._reads_key(role_key, grant, each.key)

    @cached_property
    def _scope(self) -> ObjectScope:
        return ObjectScope(self._catalogue, self._object.key)

    @cached_property
    def _paths(self) -> ReadPaths:
        return ReadPaths(self._catalogue)

    def _reads_key(self, role_key: str, grant: Grant, key: str) -> bool:
        """By the grant's word for a stored field; a metric or segment that it does not name also by its parts."""
        if key in SYSTEM_KEYS:
            return True
        if access_to(grant, key) == "none":
            return False
        computed = self._computed(grant.object, base_key(key))
        if computed is None or is_named(grant, key):
            return True
        reads = self._paths.of(computed.key)
        return (
            reads is not None
            and all(
                self._shows(role_key, step, strictly=reads.repeats)
                for path in reads.rows
                for step in self._steps(reads.source, path)
            )
            and all(self._reads_path(role_key, grant, path, strictly=False) for path in reads.record)
        )

    def _reads_path(self, role_key: str, grant: Grant, path: Path, *, strictly: bool) -> bool:
        """A path from the grant's own object: its first field by the grant, the others by any of the role's."""
        steps = list(self._steps(grant.object, path))
        return (
            len(steps) == len(path)
            and self._reads_key(role_key, grant, path[0])
            and all(self._shows(role_key, step, strictly=strictly) for step in steps[1:])
        )

    def _shows(self, role_key: str, step: tuple[str, str], *, strictly: bool) -> bool:
        """Whether one of the role's grants on the object reads the field; without a grant, unless ``strictly``."""
        object_key, key = step
        role = self._catalogue.role_by_key[role_key]
        grants = [grant for grant in role.grants if grant.object == object_key and grant.read != "none"]
        return any(self._reads_key(role_key, grant, key) for grant in grants) if grants else not strictly

    def _steps(self, object_key: str, path: Path) -> Iterator[tuple[str, str]]:
        """Each field of a path with its object; fewer where a relation leads nowhere."""
        scope: Scope | None = self._scope.beside(object_key)
        for key in path:
            if scope is None:
                return
            yield scope.object_key, key
            scope = scope.through(key)

    def _computed(self, object_key: str, key: str) -> MetricDef | SegmentDef | None:
        found = self._catalogue.metric_by_key.get(key) or self._catalogue.segment_by_key.get(key)
        return found if found is not None and found.object == object_key else None


def base_key(key: str) -> str:
    """The key of the metric or segment that a field shows: also of what it is compared with, and of since when."""
    return key.removesuffix(BASE_SUFFIX).removesuffix(SINCE_SUFFIX)


def is_named(grant: Grant, key: str) -> bool:
    """Whether the grant speaks of the field, or of the metric or segment that it belongs to."""
    return key in grant.field_access or base_key(key) in grant.field_access


def access_to(grant: Grant, key: str) -> str:
    """The grant's word for a field that is no system field: its own, its metric's or segment's, or that for all."""
    return grant.field_access.get(key, grant.field_access.get(base_key(key), grant.fields))
