"""The fields every object has (architecture 7.1), as formulas, filters and screens see them. The platform writes them;
of these only ``owner`` can be given.
"""

from __future__ import annotations

from functools import lru_cache

from tongmai.kit import Text
from tongmai.model.definitions import FieldDef

SYSTEM_KEYS = ("id", "version", "owner", "created_at", "created_by", "changed_at", "changed_by", "deleted_at")
WRITABLE_SYSTEM_KEYS = frozenset({"owner"})


@lru_cache(maxsize=4096)
def system_fields(object_key: str) -> tuple[FieldDef, ...]:
    """The built-in fields of an object; ``id`` is a relation to the object itself."""
    itself = {"target": object_key}
    return (
        FieldDef(key="id", type="relation", label=Text("编号 ID", "ID"), options=dict(itself), builtin=True),
        FieldDef(key="version", type="number", label=Text("版本号", "Version"), options={"decimals": 0}, builtin=True),
        FieldDef(key="owner", type="person", label=Text("负责人", "Owner"), builtin=True),
        FieldDef(key="created_at", type="datetime", label=Text("创建时间", "Created at"), builtin=True),
        FieldDef(key="created_by", type="person", label=Text("创建人", "Created by"), builtin=True),
        FieldDef(key="changed_at", type="datetime", label=Text("修改时间", "Changed at"), builtin=True),
        FieldDef(key="changed_by", type="person", label=Text("修改人", "Changed by"), builtin=True),
        FieldDef(key="deleted_at", type="datetime", label=Text("删除时间", "Deleted at"), builtin=True),
    )
