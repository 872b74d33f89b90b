"""Why can (or can't) someone see or do this? The answer names each role, what it grants and whether that holds."""

from __future__ import annotations

from dataclasses import dataclass

from tongmai.access.actors import Action, Actor, Person
from tongmai.access.administration import is_administrator, managed_by, manager_of_field
from tongmai.access.oracle import evaluate_slowly, grant_reaches, grant_reads, row_in_scope
from tongmai.access.policies import allowed
from tongmai.access.policy import grants_on, reads, takes_values, writes
from tongmai.access.token_scopes import allows
from tongmai.access.wording import ACTION_NAMES, scope_name
from tongmai.formula import Moment, Row
from tongmai.kit import Text
from tongmai.model import Catalogue, FieldDef, Grant, ObjectDef, RoleDef, computed_fields, system_fields


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence of the answer. ``role`` and ``scope`` name the grant it speaks of, if it speaks of one."""

    holds: bool
    text: Text
    role: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict and every reason for and against; those that speak for the verdict come first."""

    allowed: bool
    verdict: Text
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    catalogue: Catalogue
    actor: Actor
    definition: ObjectDef
    row: Row | None
    action: Action
    field: FieldDef | None
    moment: Moment | None

    @property
    def writing(self) -> bool:
        return self.action in ("create", "update", "import")


def explain(
    catalogue: Catalogue,
    who: Person | Actor,
    object_key: str,
    row: Row | None,
    action: Action,
    field: str | None = None,
    *,
    moment: Moment | None = None,
) -> Explanation:
    """Whether ``who`` may do ``action`` with ``row`` (with any row, if None) or its ``field``, and by which grants.

    ``row`` holds the stored values, with those on ``ObjectPolicy.paths()``; with a row a ``moment`` is needed.
    """
    actor = who if isinstance(who, Actor) else Actor(who)
    definition = catalogue.object_by_key.get(object_key)
    if definition is None:
        return _refused(Text(f"没有对象“{object_key}”", f"There is no object “{object_key}”"))
    found = _find_field(catalogue, definition, field)
    if field is not None and found is None:
        return _refused(
            Text(f"“{definition.label.zh}”没有字段“{field}”", f"“{definition.label.en}” has no field “{field}”")
        )
    question = _Question(catalogue, actor, definition, row, action, found, moment)
    verdict = _verdict(question)
    reasons = [*_general_reasons(question), *_role_reasons(question)]
    reasons.sort(key=lambda reason: reason.holds != verdict)
    return Explanation(verdict, _verdict_text(question, verdict), tuple(reasons))


def _verdict(question: _Question) -> bool:
    field_key = question.field.key if question.field else None
    if question.row is None:
        return allowed(question.actor, question.catalogue, question.definition.key, question.action, field_key)
    if question.moment is None:
        raise ValueError("to explain a row a moment is needed")
    return evaluate_slowly(
        question.catalogue,
        question.actor,
        question.definition.key,
        question.row,
        question.action,
        field_key,
        moment=question.moment,
    )


def _general_reasons(question: _Question) -> list[Reason]:
    """What does not come from a single grant: the person, the token, the field's own nature."""
    actor, found = question.actor, []
    if not actor.person.active:
        found.append(Reason(False, Text(f"{actor.person.name}已停用", f"{actor.person.name} is not active")))
    if not allows(actor.scopes, question.definition.key, question.action):
        names = "、".join(sorted(actor.scopes or ())), ", ".join(sorted(actor.scopes or ()))
        found.append(
            Reason(
                False, Text(f"令牌的范围（{names[0]}）不含此操作", f"The token's scopes ({names[1]}) leave this out")
            )
        )
    if question.field is not None and question.writing:
        found.extend(_field_nature(question, question.field))
    return found


def _field_nature(question: _Question, field: FieldDef) -> list[Reason]:
    if not takes_values(field):
        return [
            Reason(
                False,
                Text(
                    f"“{field.label.zh}”由系统给出，不能填写",
                    f"“{field.label.en}” is given by the system and cannot be written",
                ),
            )
        ]
    needed = manager_of_field(question.definition.key, field.key)
    if needed and managed_by(question.catalogue, question.actor.roles).isdisjoint(needed):
        text = Text(
            f"“{field.label.zh}”决定权限，只有管理权限（{'或'.join(sorted(needed))}）的人可以修改",
            f"“{field.label.en}” decides on access: only those who manage {' or '.join(sorted(needed))} may write it",
        )
        return [Reason(False, text)]
    return []


def _role_reasons(question: _Question) -> list[Reason]:
    catalogue, roles = question.catalogue, question.actor.roles
    if is_administrator(catalogue, roles):
        text = Text("角色“管理员”可以访问全部内容", "The administrator role has access to everything")
        return [Reason(True, text, "administrator", "all")]
    known = [catalogue.role_by_key[key] for key in sorted(roles) if key in catalogue.role_by_key]
    if not known:
        return [Reason(False, Text("没有分配任何角色", "No role is assigned"))]
    return [reason for role in known for reason in _one_role(question, role)]


def _one_role(question: _Question, role: RoleDef) -> list[Reason]:
    grants = grants_on(role, question.definition.key)
    if not grants:
        label = question.definition.label
        text = Text(
            f"角色“{role.label.zh}”没有“{label.zh}”的任何权限",
            f"The role “{role.label.en}” grants nothing on “{label.en}”",
        )
        return [Reason(False, text, role.key)]
    return [_one_grant(question, role, grant) for grant in grants]


def _one_grant(question: _Question, role: RoleDef, grant: Grant) -> Reason:
    scope = _scope_of(grant, question.action)
    action = ACTION_NAMES[question.action]
    if not _grants_action(grant, question.action) or scope == "none":
        text = Text(
            f"角色“{role.label.zh}”未授予{action.zh}", f"The role “{role.label.en}” does not let {action.en} any"
        )
        return Reason(False, text, role.key, scope)
    name = scope_name(question.definition.key, scope)
    text = Text(f"角色“{role.label.zh}”可{action.zh}{name.zh}", f"The role “{role.label.en}” may {action.en} {name.en}")
    but = _against(question, role, grant)
    if but is None:
        return Reason(True, text, role.key, scope)
    return Reason(False, Text(f"{text.zh}，但{but.zh}", f"{text.en}, but {but.en}"), role.key, scope)


def _against(question: _Question, role: RoleDef, grant: Grant) -> Text | None:
    """Why the grant's action does not give what was asked for; None if it does."""
    if question.row is not None and question.moment is not None:
        person = question.actor.person
        if not grant_reaches(question.catalogue, grant, person, question.row, question.action, question.moment):
            return Text("此记录不在其中", "this record is not among them")
        if question.action in ("update", "delete", "purge") and not _is_readable(question):
            return Text("此记录不可见，因此也不能更改", "this record cannot be seen, and so cannot be changed")
    field = question.field
    if field is None or _is_given_elsewhere(question, field):
        return None
    if question.writing:
        if writes(grant, field):
            return None
        return Text(f"不能写“{field.label.zh}”", f"may not write “{field.label.en}”")
    if grant_reads(question.catalogue, role, grant, field.key):
        return None
    if reads(grant, field):
        return Text(
            f"公式“{field.label.zh}”所用的字段并非都可见",
            f"not all that “{field.label.en}” is made of is visible",
        )
    return Text(f"不能看“{field.label.zh}”", f"may not see “{field.label.en}”")


def _is_given_elsewhere(question: _Question, field: FieldDef) -> bool:
    """Whether any of the person's grants gives the field. Reading and updating want one grant for both; in all else
    the action and the field may come from two grants."""
    if question.action in ("read", "update"):
        return False
    for role, grant in _grants_of(question):
        if question.writing:
            if grant.create and writes(grant, field):
                return True
        elif grant_reads(question.catalogue, role, grant, field.key) and _is_read_by(question, grant):
            return True
    return False


def _grants_action(grant: Grant, action: Action) -> bool:
    flags = {"create": grant.create, "purge": grant.purge, "export": grant.export, "import": grant.import_}
    return flags.get(action, True)


def _is_readable(question: _Question) -> bool:
    return any(_is_read_by(question, grant) for _, grant in _grants_of(question))


def _is_read_by(question: _Question, grant: Grant) -> bool:
    if question.row is None or question.moment is None:
        return grant.read != "none"
    person = question.actor.person
    return row_in_scope(question.catalogue, grant.object, grant.read, person, question.row, question.moment)


def _grants_of(question: _Question) -> list[tuple[RoleDef, Grant]]:
    roles = [
        question.catalogue.role_by_key[key] for key in question.actor.roles & question.catalogue.role_by_key.keys()
    ]
    return [(role, grant) for role in roles for grant in grants_on(role, question.definition.key)]


def _verdict_text(question: _Question, verdict: bool) -> Text:
    person, label, action = question.actor.person.name, question.definition.label, ACTION_NAMES[question.action]
    where = Text("此", "this") if question.row is not None else Text("", "some")
    field = question.field.label if question.field else None
    zh_what = f"{where.zh}“{label.zh}”记录" + (f"的“{field.zh}”" if field else "")
    en_what = (f"“{field.en}” of " if field else "") + f"{where.en} “{label.en}”"
    if verdict:
        return Text(f"{person}可以{action.zh}{zh_what}", f"{person} may {action.en} {en_what}")
    none = where.en if question.row is not None else "any"
    en_what = (f"“{field.en}” of " if field else "") + f"{none} “{label.en}”"
    return Text(f"{person}不能{action.zh}{zh_what}", f"{person} may not {action.en} {en_what}")


def _refused(text: Text) -> Explanation:
    return Explanation(False, text, (Reason(False, text),))


def _find_field(catalogue: Catalogue, definition: ObjectDef, key: str | None) -> FieldDef | None:
    own = (*system_fields(definition.key), *definition.fields, *computed_fields(catalogue, definition.key))
    return next((each for each in own if each.key == key), None)


def _scope_of(grant: Grant, action: Action) -> str:
    if action == "update":
        return grant.update
    return grant.delete if action in ("delete", "purge") else grant.read
