"""What every workspace has from the first day: people, teams and the objects of work, and the role administrator.

Built-in fields cannot be removed or retyped; a company adds its own beside them.
"""

from __future__ import annotations

from functools import lru_cache

from tongmai.kit import Text
from tongmai.model.builtin_work import work_objects
from tongmai.model.definitions import Area, Catalogue, FieldDef, Grant, ObjectDef, RoleDef

PERSON = "person"
TEAM = "team"
ADMINISTRATOR = "administrator"
_EVERYTHING: frozenset[Area] = frozenset({"model", "access", "people", "jobs", "backup", "audit"})


def _person() -> ObjectDef:
    return ObjectDef(
        key=PERSON,
        label=Text("人员", "Person"),
        plural=Text("人员", "People"),
        title="name",
        icon="user",
        builtin=True,
        fields=(
            _field("name", "text", "姓名", "Name", required=True, searchable=True, options={"max_length": 100}),
            _field("team", "team", "团队", "Team", indexed=True),
            _field("roles", "multi_choice", "角色", "Roles", options={"source": "roles"}),
            _field("email", "email", "邮箱", "E-mail", searchable=True),
            _field("phone", "phone", "电话", "Phone", searchable=True),
            _field("active", "boolean", "在职", "Active", default="TRUE"),
        ),
    )


def _team() -> ObjectDef:
    return ObjectDef(
        key=TEAM,
        label=Text("团队", "Team"),
        plural=Text("团队", "Teams"),
        title="name",
        icon="users",
        builtin=True,
        fields=(
            _field("name", "text", "名称", "Name", required=True, searchable=True, options={"max_length": 100}),
            _field("parent", "team", "上级团队", "Parent team", indexed=True),
            _field("lead", "person", "负责人（主管）", "Lead"),
        ),
    )


def _field(key: str, kind: str, zh: str, en: str, **more: object) -> FieldDef:
    return FieldDef.model_validate({"key": key, "type": kind, "label": Text(zh, en), "builtin": True, **more})


@lru_cache(maxsize=1)
def starting_catalogue() -> Catalogue:
    """A new workspace's metadata: what the first changeset, from the empty catalogue, makes."""
    administrator = RoleDef(key=ADMINISTRATOR, label=Text("管理员", "Administrator"), manages=_EVERYTHING, builtin=True)
    return Catalogue(objects=(_person(), _team(), *work_objects()), roles=(administrator,))


@lru_cache(maxsize=4096)
def full_grant(object_key: str) -> Grant:
    return Grant.model_validate(
        {
            "object": object_key,
            "read": "all",
            "create": True,
            "update": "all",
            "delete": "all",
            "purge": True,
            "export": True,
            "import": True,
            "fields": "write",
        }
    )
