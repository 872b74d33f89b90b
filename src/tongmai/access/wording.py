"""The words for actions and scopes in refusals and explanations."""

from __future__ import annotations

from tongmai.access.actors import Action
from tongmai.kit import Text
from tongmai.model import PERSON, TEAM

ACTION_NAMES: dict[Action, Text] = {
    "read": Text("查看", "see"),
    "create": Text("新建", "create"),
    "update": Text("修改", "change"),
    "delete": Text("删除", "delete"),
    "purge": Text("彻底清除", "purge"),
    "export": Text("导出", "export"),
    "import": Text("导入", "import"),
}

_SCOPES: dict[str, Text] = {
    "own": Text("本人负责的记录", "one's own records"),
    "team": Text("本团队的记录", "the own team's records"),
    "subtree": Text("本团队及下级团队的记录", "records of the own team and those below"),
    "all": Text("全部记录", "all records"),
}
_PERSON_SCOPES = {
    "own": Text("本人", "oneself"),
    "team": Text("本团队的人", "the people of the own team"),
    "subtree": Text("本团队及下级团队的人", "the people of the own team and those below"),
}
_TEAM_SCOPES = {
    "own": Text("本团队", "the own team"),
    "team": Text("本团队", "the own team"),
    "subtree": Text("本团队及下级团队", "the own team and those below"),
}
_BY_OBJECT = {PERSON: _PERSON_SCOPES, TEAM: _TEAM_SCOPES}


def scope_name(object_key: str, scope: str) -> Text:
    """A grant's scope in words."""
    if scope.startswith("formula:"):
        formula = scope.removeprefix("formula:").strip()
        return Text(f"满足“{formula}”的记录", f"records for which “{formula}” holds")
    return _BY_OBJECT.get(object_key, {}).get(scope, _SCOPES[scope])
