"""What must hold for a change to be taken back."""

from __future__ import annotations

from collections.abc import Iterable

from tongmai.kit import Conflict, Text
from tongmai.schema.journal import Change
from tongmai.schema.names import retired_key
from tongmai.schema.steps import Retired

_SAID = {
    "undone": Text("该变更已撤销", "this change is undone already"),
    "failed": Text("该变更没有生效，无需撤销", "this change never took effect"),
    "applying": Text("该变更正在进行", "this change is under way"),
}


def check_undo(change: Change, kept: Iterable[Retired]) -> None:
    """Raises ``Conflict`` where there is nothing to undo, or what the change retired is past its retention date."""
    said = _SAID.get(change.state)
    if said is not None:
        raise Conflict.of(f"undo.{change.state}", said.zh, said.en)
    there = {(retired_key(each.table), each.column) for each in kept}
    gone = [each for each in change.retired if (retired_key(each.table), each.column) not in there]
    if gone:
        named = ", ".join(each.table if each.column is None else f"{each.table}.{each.column}" for each in gone)
        raise Conflict.of(
            "undo.expired",
            f"保留期已过，{named} 的数据已清除，不能撤销",
            f"the data of {named} was dropped at its retention date, so this cannot be undone",
            way_out=Text("重新添加字段并从备份导入", "add the field again and import from a backup"),
        )
