"""A refusal that names what is missing, in the words of ``explain``."""

from __future__ import annotations

from tongmai.access.actors import Action, AnyActor, SystemActor
from tongmai.access.explain import explain
from tongmai.access.wording import ACTION_NAMES
from tongmai.kit import Denied, Fault, Text
from tongmai.model import Catalogue

_WAY_OUT = Text("如需此权限，请联系管理员", "Ask an administrator if you need this")


def refusal(
    actor: AnyActor, catalogue: Catalogue, object_key: str, action: Action, *fields: str, record: bool = False
) -> Denied:
    """The error to raise where the actor may not do ``action``: with the object (or, if ``record``, this record), or
    with each of ``fields``; one fault a field. The caller has found that it is refused."""
    if fields:
        return Denied(tuple(_fault(actor, catalogue, object_key, action, each, record) for each in fields))
    return Denied((_fault(actor, catalogue, object_key, action, None, record),))


def _fault(
    actor: AnyActor, catalogue: Catalogue, object_key: str, action: Action, field: str | None, record: bool
) -> Fault:
    definition = catalogue.object_by_key.get(object_key)
    known = {} if definition is None else definition.by_key
    target = known[field].label if field in known else Text.same(field or object_key)
    if field is None and definition is not None:
        target = definition.label
    this = Text("此", "this ") if record else Text("", "")
    verb = ACTION_NAMES[action]
    text = Text(f"没有权限{verb.zh}{this.zh}“{target.zh}”", f"Not permitted to {verb.en} {this.en}“{target.en}”")
    why = None if isinstance(actor, SystemActor) or record else _why(actor, catalogue, object_key, action, field)
    if why is not None:
        text = Text(f"{text.zh}：{why[1].zh}", f"{text.en}: {why[1].en}")
    code = f"access.{action}" if field is None else f"access.{action}_field"
    return Fault(code, text, _WAY_OUT, field, rule=why[0] if why is not None else "policy")


def _why(
    actor: AnyActor, catalogue: Catalogue, object_key: str, action: Action, field: str | None
) -> tuple[str, Text] | None:
    """The roles to blame and the first reason against; nothing that tells of a record's content."""
    assert not isinstance(actor, SystemActor)
    against = [each for each in explain(catalogue, actor, object_key, None, action, field).reasons if not each.holds]
    if not against:
        return None
    blamed = sorted({each.role for each in against if each.role is not None})
    return (f"role:{','.join(blamed)}" if blamed else "policy", against[0].text)
