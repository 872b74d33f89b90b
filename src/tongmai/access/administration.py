"""Who administers the platform: what roles manage, who may hand that out, and that someone is always left.

Data grants say nothing here: someone who manages access need not be able to read a single customer, and a director
who reads all of them manages nothing. Nobody hands out, or takes from others, a power over the platform that he lacks.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import get_args

from tongmai.access.actors import AnyActor, SystemActor
from tongmai.access.token_scopes import ADMIN_SCOPE, MODEL_SCOPE
from tongmai.kit import Conflict, Denied, Fault, Text
from tongmai.model import ADMINISTRATOR, PERSON, TEAM, Area, Catalogue, RoleDef

AREAS: frozenset[Area] = frozenset(get_args(Area))

_AREA_NAMES: dict[Area, Text] = {
    "model": Text("模型", "the model"),
    "access": Text("权限", "access"),
    "people": Text("人员", "people"),
    "jobs": Text("任务队列", "jobs"),
    "backup": Text("备份", "backups"),
    "audit": Text("审计", "the audit log"),
}
# Fields that decide on what someone may see: a plain grant on the object is not enough to write them.
_DECIDING: dict[tuple[str, str], frozenset[Area]] = {
    (PERSON, "roles"): frozenset({"access"}),
    (PERSON, "team"): frozenset({"access", "people"}),
    (PERSON, "active"): frozenset({"access", "people"}),
    (TEAM, "parent"): frozenset({"access", "people"}),
}


def manager_of_field(object_key: str, field_key: str) -> frozenset[Area]:
    """The areas any of which is needed to write the field; empty for all but the few fields that decide on access."""
    return _DECIDING.get((object_key, field_key), frozenset())


def is_administrator(catalogue: Catalogue, roles: Collection[str]) -> bool:
    """Whether the built-in administrator role is among the roles. A role that merely bears its key is not it."""
    role = catalogue.role_by_key.get(ADMINISTRATOR)
    return role is not None and role.builtin and ADMINISTRATOR in roles


def managed_by(catalogue: Catalogue, roles: Collection[str]) -> frozenset[Area]:
    """The areas that people with these roles administer."""
    if is_administrator(catalogue, roles):
        return AREAS
    known = (catalogue.role_by_key[key] for key in roles if key in catalogue.role_by_key)
    return frozenset[Area]().union(*(role.manages for role in known))


def manages(actor: AnyActor, catalogue: Catalogue, area: Area) -> bool:
    return isinstance(actor, SystemActor) or (
        area in managed_by(catalogue, actor.roles) and (actor.scopes is None or _scope_for(area) in actor.scopes)
    )


def require_manage(actor: AnyActor, catalogue: Catalogue, area: Area) -> None:
    """Raises ``Denied``, naming whether a role or the token's scope is missing."""
    if manages(actor, catalogue, area) or isinstance(actor, SystemActor):
        return
    name = _AREA_NAMES[area]
    if area not in managed_by(catalogue, actor.roles):
        raise Denied(
            (
                Fault(
                    "access.manage_needed",
                    Text(f"您的角色不能管理{name.zh}", f"None of your roles manages {name.en}"),
                    Text(f"请管理员授予“管理{name.zh}”", f"Ask an administrator for a role that manages {name.en}"),
                    rule=f"manages:{area}",
                ),
            )
        )
    scope = _scope_for(area)
    raise Denied(
        (
            Fault(
                "token.scope_needed",
                Text(f"令牌缺少权限范围“{scope}”", f"The token lacks the scope “{scope}”"),
                Text("请用含该范围的令牌，或登录后操作", "Use a token with that scope, or sign in"),
                rule=f"scope:{scope}",
            ),
        )
    )


def check_role_assignment(
    actor: AnyActor, catalogue: Catalogue, before: Collection[str], after: Collection[str]
) -> list[Fault]:
    """The faults of changing a person's roles from ``before`` to ``after``.

    It takes `manages access`, and each role that is given or taken may manage only what the actor manages: so only
    administrators make and unmake administrators.
    """
    changed = set(before) ^ set(after)
    if not changed or isinstance(actor, SystemActor):
        return []
    if not manages(actor, catalogue, "access"):
        return [_needs("access", "roles")]
    own = managed_by(catalogue, actor.roles)
    return [
        _beyond(catalogue.role_by_key[key], lacking)
        for key in sorted(changed & catalogue.role_by_key.keys())
        if (lacking := managed_by(catalogue, {key}) - own)
    ]


def check_catalogue_change(actor: AnyActor, before: Catalogue, after: Catalogue) -> list[Fault]:
    """The faults of changing the metadata: all but the roles takes `manages model`, roles take `manages access` and no
    power beyond."""
    if isinstance(actor, SystemActor):
        return []
    faults: list[Fault] = []
    if _without_roles(before) != _without_roles(after) and not manages(actor, before, "model"):
        faults.append(_needs("model", "objects"))
    if before.roles == after.roles:
        return faults
    if not manages(actor, before, "access"):
        return [*faults, _needs("access", "roles")]
    own = managed_by(before, actor.roles)
    for role in after.roles:
        gained = managed_by(after, {role.key}) - managed_by(before, {role.key})
        if gained - own:
            faults.append(_beyond(role, gained - own))
    return faults


def _without_roles(catalogue: Catalogue) -> Catalogue:
    return catalogue.replace(roles=(), version=0)


def loses_administrator(
    catalogue: Catalogue, before: Collection[str], after: Collection[str], *, stays_active: bool
) -> bool:
    """Whether a change to an active person (roles, activity, deletion) takes an administrator away.

    The gateway then counts those left, under a lock on them, and calls ``require_administrator_left``.
    """
    return is_administrator(catalogue, before) and not (stays_active and is_administrator(catalogue, after))


def require_administrator_left(left: int) -> None:
    """Raises ``Conflict`` if no active administrator would be left."""
    if left < 1:
        raise Conflict.of(
            "access.last_administrator",
            "这是最后一位管理员，不能移除、停用或删除",
            "This is the last administrator, who cannot be removed, deactivated or deleted",
            way_out=Text("请先指定另一位管理员", "Make someone else an administrator first"),
            field="roles",
        )


def _scope_for(area: Area) -> str:
    return MODEL_SCOPE if area == "model" else ADMIN_SCOPE


def _needs(area: Area, field: str) -> Fault:
    name = _AREA_NAMES[area]
    return Fault(
        "access.manage_needed",
        Text(f"此修改需要“管理{name.zh}”的权限", f"This change needs a role that manages {name.en}"),
        Text("请联系管理员", "Ask an administrator"),
        field=field,
        rule=f"manages:{area}",
    )


def _beyond(role: RoleDef, lacking: frozenset[Area]) -> Fault:
    names = [_AREA_NAMES[area] for area in sorted(lacking)]
    return Fault(
        "access.beyond_own",
        Text(
            f"角色“{role.label.zh}”可管理{'、'.join(name.zh for name in names)}，超出您自己的权限",
            f"The role “{role.label.en}” manages {', '.join(name.en for name in names)}, which you do not",
        ),
        Text("请由具备该权限的管理员操作", "Ask an administrator who manages it"),
        field="roles",
        rule=role.key,
    )
