"""DingTalk (钉钉): its APIs, events by Stream and by call-back, approvals, messages, to-dos and cards out, its sign-in.

Invariants: a call-back is believed by its signature alone; a frame of the stream is acknowledged after its rows are
stored; nothing here knows our records.
"""

from tongmai.link.dingtalk.channel import DingTalkChannel
from tongmai.link.dingtalk.client import DingTalkClient
from tongmai.link.dingtalk.messages_out import InteractiveCards, Todos, WorkNotifications
from tongmai.link.dingtalk.robot_signature import robot_signature
from tongmai.link.dingtalk.sign_in import DingTalkSignIn
from tongmai.link.dingtalk.source import DINGTALK, DingTalkOptions, DingTalkSource
from tongmai.link.dingtalk.todo_upkeep import TodoUpkeep

__all__ = [
    "DINGTALK",
    "DingTalkChannel",
    "DingTalkClient",
    "DingTalkOptions",
    "DingTalkSignIn",
    "DingTalkSource",
    "InteractiveCards",
    "TodoUpkeep",
    "Todos",
    "WorkNotifications",
    "robot_signature",
]
