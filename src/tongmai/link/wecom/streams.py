"""What WeCom tells of, by stream, and what mappings usually want of each."""

from __future__ import annotations

from tongmai.kit import Text
from tongmai.link.source import Stream
from tongmai.link.vendors.card_actions import CARD_ACTIONS

STREAMS = (
    Stream("departments", Text("部门", "Departments"), {"id": "number", "name": "text", "parentid": "number"}),
    Stream("members", Text("成员", "Members"), {"userid": "text", "name": "text", "mobile": "text", "email": "text"}),
    Stream(
        "customers",
        Text("客户（外部联系人）", "Customers"),
        {"external_userid": "text", "name": "text", "corp_name": "text", "follow_user": "json"},
    ),
    Stream("consents", Text("存档同意", "Consent"), {"customer": "text", "member": "text", "answer": "text"}),
    Stream(
        "messages",
        Text("会话存档", "Archived messages"),
        {
            "id": "text",
            "at": "datetime",
            "kind": "text",
            "direction": "text",
            "member": "text",
            "customer": "text",
            "room": "text",
            "text": "text",
            "files": "json",
            "withheld": "text",
            "revoked_at": "datetime",
        },
        dated=True,
    ),
    Stream(
        "revocations",
        Text("消息撤回", "Messages taken back"),
        {"message": "text", "by": "text", "at": "datetime"},
        told=True,
    ),
    Stream(
        "talks",
        Text("沟通情况", "Talks"),
        {
            "customer": "text",
            "questions": "number",
            "waiting_since": "datetime",
            "median_latency_s": "number",
            "quotes_sent": "number",
            "quotes_answered": "number",
            "quote_open_since": "datetime",
            "last_customer_at": "datetime",
            "last_member_at": "datetime",
        },
        told=True,
    ),
    Stream("calls", Text("通话记录", "Calls"), {"at": "datetime", "total_duration": "number", "caller.userid": "text"}),
    Stream("moments", Text("客户朋友圈", "Moments"), {"moment_id": "text", "creator": "text", "at": "datetime"}),
    Stream(
        "moment_interactions",
        Text("朋友圈互动", "Interactions with Moments"),
        {"moment_id": "text", "kind": "text", "external_userid": "text", "userid": "text", "at": "datetime"},
    ),
    Stream(
        "approvals",
        Text("审批", "Approvals"),
        {
            "sp_no": "text",
            "sp_name": "text",
            "status": "text",
            "node": "number",
            "node_since": "datetime",
            "finished_at": "datetime",
            "applyer.userid": "text",
            "at": "datetime",
            "form": "json",
        },
    ),
    Stream(
        "events",
        Text("事件回调", "Events"),
        {"Event": "text", "ChangeType": "text", "at": "datetime"},
        passes=True,
        told=True,
    ),
    CARD_ACTIONS,
)

# Call-backs bring them, or the reading of messages.
TOLD = frozenset(each.key for each in STREAMS if each.told)
_ARCHIVED = frozenset({"messages", "consents", "revocations", "talks"})
# Where the corporation has no archive of its messages.
WITHOUT_ARCHIVE = tuple(each for each in STREAMS if each.key not in _ARCHIVED)
