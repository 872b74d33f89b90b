"""What a token may be narrowed to. A scope never gives what the person's roles do not; it only takes away.

``read`` and ``write`` mean all objects, ``read:customer`` and ``write:customer`` one; writing includes reading, since
nobody changes what cannot be seen. ``model`` allows changing the model, ``admin`` the rest of the platform.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tongmai.access.actors import Action
from tongmai.kit import Fault, Text
from tongmai.model import Catalogue

MODEL_SCOPE = "model"
ADMIN_SCOPE = "admin"
_WORDS = ("read", "write")
_READING: frozenset[Action] = frozenset({"read", "export"})


def allows(scopes: frozenset[str] | None, object_key: str, action: Action) -> bool:
    """Whether a token with these scopes may do this with the object at all. None narrows nothing."""
    if scopes is None or not scopes.isdisjoint({"write", f"write:{object_key}"}):
        return True
    return action in _READING and not scopes.isdisjoint({"read", f"read:{object_key}"})


def narrowing(scopes: frozenset[str] | None, object_key: str) -> str:
    """What is left for an object: ``all``, ``read`` or ``none``. Three policies at most for each set of roles."""
    if allows(scopes, object_key, "update"):
        return "all"
    return "read" if allows(scopes, object_key, "read") else "none"


def only_reads(scopes: frozenset[str] | None) -> bool:
    """Whether a token with these scopes may change nothing at all."""
    return scopes is not None and all(scope.partition(":")[0] == "read" for scope in scopes)


def check_scopes(scopes: Iterable[str], catalogue: Catalogue) -> list[Fault]:
    """All faults of a new token's scopes: none given, unknown words, unknown objects."""
    given = sorted(set(scopes))
    if not given:
        return [
            Fault(
                "token.no_scope",
                Text("令牌至少需要一个权限范围", "A token needs at least one scope"),
                Text("例如 read 或 write:customer", "For example read or write:customer"),
                field="scopes",
            )
        ]
    return [_unknown(scope) for scope in given if not _is_known(scope, catalogue.object_by_key)]


def _is_known(scope: str, objects: Collection[str]) -> bool:
    word, colon, object_key = scope.partition(":")
    if not colon:
        return word in (*_WORDS, MODEL_SCOPE, ADMIN_SCOPE)
    return word in _WORDS and object_key in objects


def _unknown(scope: str) -> Fault:
    shown = scope if len(scope) <= 80 else f"{scope[:80]}…"
    return Fault(
        "token.unknown_scope",
        Text(f"未知的权限范围“{shown}”", f"Unknown scope “{shown}”"),
        Text(
            "可用：read、write、read:对象、write:对象、model、admin",
            "Use read, write, read:object, write:object, model or admin",
        ),
        field="scopes",
    )
