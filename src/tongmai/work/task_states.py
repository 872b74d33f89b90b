"""How a task may move: the whole graph in one place, pure."""

from __future__ import annotations

from typing import Literal, get_args

from tongmai.kit import Conflict, Text

TaskState = Literal["open", "done", "skipped", "cancelled"]
TaskMove = Literal["done", "skip", "snooze", "delegate", "reopen", "cancel"]
TASK_STATES: tuple[TaskState, ...] = get_args(TaskState)

# From where each move starts, and where it leads.
MOVES: dict[TaskMove, tuple[frozenset[TaskState], TaskState]] = {
    "done": (frozenset({"open"}), "done"),
    "skip": (frozenset({"open"}), "skipped"),
    "cancel": (frozenset({"open"}), "cancelled"),
    "snooze": (frozenset({"open"}), "open"),
    "delegate": (frozenset({"open"}), "open"),
    "reopen": (frozenset({"done", "skipped", "cancelled"}), "open"),
}
_STATE_NAMES: dict[TaskState, Text] = {
    "open": Text("待办", "open"),
    "done": Text("已完成", "done"),
    "skipped": Text("已跳过", "skipped"),
    "cancelled": Text("已取消", "cancelled"),
}


def after_move(state: TaskState, move: TaskMove) -> TaskState:
    """Where the move leads. Raises ``Conflict`` where it cannot start from ``state``."""
    starts, leads_to = MOVES[move]
    if state in starts:
        return leads_to
    name = _STATE_NAMES[state]
    way_out = Text("请先重新打开", "Reopen it first") if state != "open" else Text("它还是待办", "It is still open")
    raise Conflict.of(
        "task.state", f"此待办{name.zh}，不能这样操作", f"The task is {name.en}", way_out=way_out, field="state"
    )
