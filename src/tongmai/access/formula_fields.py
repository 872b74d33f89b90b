"""What a formula field is made of, so that it shows no more than its parts do."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

from tongmai.formula import Path, Scope, parse
from tongmai.kit import Invalid
from tongmai.model import SYSTEM_KEYS, Catalogue, FieldDef, Grant, ObjectScope


class FormulaFields:
    """The formula fields of one object with the stored fields each one reads, through relations too."""

    def __init__(self, catalogue: Catalogue, object_key: str) -> None:
        self._catalogue = catalogue
        self._object = catalogue.object_by_key[object_key]

    @cached_property
    def _scope(self) -> Scope:
        return ObjectScope(self._catalogue, self._object.key)

    @cached_property
    def _inputs(self) -> dict[str, frozenset[Path] | None]:
        return {each.key: self._paths(each) for each in self._object.fields if each.type == "formula"}

    def reads_inputs(self, role_key: str, grant: Grant, field_key: str) -> bool:
        """Whether the grant, with the same role's grants on related objects, reads each field the formula is made of.

        A formula that no longer parses is read by nobody.
        """
        paths = self._inputs[field_key]
        return paths is not None and all(self._reads_path(role_key, grant, path) for path in paths)

    def _paths(self, each: FieldDef) -> frozenset[Path] | None:
        try:
            return parse(str(each.options.get("text", "")), self._scope).paths
        except Invalid:
            return None

    def _reads_path(self, role_key: str, grant: Grant, path: Path) -> bool:
        if not _reads_key(grant, path[0]):
            return False
        scope: Scope = self._scope
        for hop, key in pairwise(path):
            target = scope.through(hop)
            if target is None:
                return False
            scope = target
            if not any(_reads_key(other, key) for other in self._grants(role_key, scope.object_key)):
                return False
        return True

    def _grants(self, role_key: str, object_key: str) -> list[Grant]:
        role = self._catalogue.role_by_key[role_key]
        return [grant for grant in role.grants if grant.object == object_key and grant.read != "none"]


def _reads_key(grant: Grant, key: str) -> bool:
    return key in SYSTEM_KEYS or grant.field_access.get(key, grant.fields) != "none"
