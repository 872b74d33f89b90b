"""The built-in objects of work: tasks, signals, content and its uses, captures. Ordinary records, with history and
policies.

What one is about is told by ``subject_object`` and ``subject_id`` (texts) and ``subject``, its title then. The owner is
who has to act. States move only through the rooms ``work`` and ``rules``.
"""

from __future__ import annotations

from functools import lru_cache

from pydantic import JsonValue

from tongmai.kit import Text
from tongmai.model.definitions import FieldDef, Grant, ObjectDef

TASK = "task"
SIGNAL = "signal"
CONTENT = "content"
CONTENT_USE = "content_use"
CAPTURE = "capture"
WORK_OBJECTS = (TASK, SIGNAL, CONTENT, CONTENT_USE, CAPTURE)

# Texts that rules make in two languages: the field, and the one that has the English where that is another text.
_IN_ENGLISH = {"title": "title_en", "detail": "detail_en"}
_TOLD = (TASK, SIGNAL)

# Keys of things made by rules and sources: long enough for `rule:firing:action:person`, short enough for an index.
LONGEST_KEY = 200

_Choice = tuple[str, str, str, str]
_TASK_STATES: tuple[_Choice, ...] = (
    ("open", "待办", "Open", "blue"),
    ("done", "已完成", "Done", "green"),
    ("skipped", "已跳过", "Skipped", "grey"),
    ("cancelled", "已取消", "Cancelled", "grey"),
)
_GAPS: tuple[_Choice, ...] = (
    ("customer", "客户动态", "Customer dynamics", "blue"),
    ("strategy", "策略执行", "Strategy execution", "purple"),
    ("collaboration", "协作响应", "Collaboration response", "orange"),
)
_LEVELS: tuple[_Choice, ...] = (
    ("info", "提示", "Info", "blue"),
    ("yellow", "关注", "Attention", "yellow"),
    ("red", "紧急", "Urgent", "red"),
)
_SIGNAL_STATES: tuple[_Choice, ...] = (
    ("new", "新", "New", "blue"),
    ("seen", "已看", "Seen", "grey"),
    ("acted", "已处理", "Acted on", "green"),
    ("dismissed", "已忽略", "Dismissed", "grey"),
    ("expired", "已过期", "Expired", "grey"),
)
_CONTENT_KINDS: tuple[_Choice, ...] = (
    ("script", "话术包", "Script pack", "blue"),
    ("service", "服务包", "Service pack", "green"),
    ("solution", "解决方案", "Solution", "purple"),
    ("material", "资料", "Material", "grey"),
)
_CONTENT_STATES: tuple[_Choice, ...] = (
    ("draft", "草稿", "Draft", "grey"),
    ("published", "已发布", "Published", "green"),
    ("retired", "已下架", "Retired", "grey"),
)
_USES: tuple[_Choice, ...] = (
    ("pushed", "推送", "Pushed", "blue"),
    ("opened", "打开", "Opened", "cyan"),
    ("used", "使用", "Used", "green"),
    ("confirmed", "确认", "Confirmed", "purple"),
)
_CAPTURE_KINDS: tuple[_Choice, ...] = (
    ("quotation", "报价单", "Quotation", "blue"),
    ("contract", "合同", "Contract", "purple"),
    ("invoice", "发票", "Invoice", "green"),
    ("order", "订单", "Order", "cyan"),
    ("photo", "照片", "Photo", "orange"),
    ("speech", "录音", "Recording", "yellow"),
    ("other", "其他", "Other", "grey"),
)
_CAPTURE_STATES: tuple[_Choice, ...] = (
    ("reading", "识别中", "Being read", "blue"),
    ("found", "待关联", "To be attached", "orange"),
    ("attached", "已关联", "Attached", "green"),
    ("refused", "无法识别", "Not readable", "red"),
    ("dismissed", "已忽略", "Dismissed", "grey"),
)


@lru_cache(maxsize=1)
def work_objects() -> tuple[ObjectDef, ...]:
    """Tasks, signals, content, its uses and captures, in the order the screen lists them."""
    return (_task(), _signal(), _content(), _content_use(), _capture())


def baseline_grant(object_key: str) -> Grant | None:
    """What a role that grants nothing on a work object may do with it all the same: read its people's own tasks and
    the signals that concern them, and what is published."""
    scope = _BASELINE.get(object_key)
    return None if scope is None else Grant.model_validate({"object": object_key, "read": scope, "fields": "read"})


_BASELINE = {
    TASK: "own",
    SIGNAL: "formula: owner = ME() OR CONTAINS(people, ME())",
    CONTENT: 'formula: state = "published"',
    CONTENT_USE: "own",
    CAPTURE: "own",
}


def english_of(definition: ObjectDef, field_key: str) -> str | None:
    """The field that says the same in English, for those of tasks and signals; what is blank there is said in one
    language. None for other fields, and in a workspace whose own object bears such a key."""
    found = _IN_ENGLISH.get(field_key) if definition.builtin and definition.key in _TOLD else None
    field = None if found is None else definition.by_key.get(found)
    return found if field is not None and field.builtin else None


def _task() -> ObjectDef:
    return _object(
        TASK,
        Text("待办", "Task"),
        Text("待办", "Tasks"),
        "check-square",
        (
            _field("title", "text", "标题", "Title", required=True, searchable=True),
            _field("kind", "text", "种类", "Kind", options={"max_length": 100}),
            _choice("state", "状态", "State", _TASK_STATES, required=True, indexed=True, default='"open"'),
            _field("due_at", "datetime", "截止时间", "Due at", indexed=True),
            _field("snoozed_until", "datetime", "稍后提醒", "Snoozed until"),
            _field("detail", "long_text", "说明", "Detail", options={"max_length": 10_000}),
            *_english(),
            *_subject(),
            _field("form", "json", "需填写的字段", "Fields to fill in"),
            _field("content", "text", "内容包", "Content pack", options={"max_length": LONGEST_KEY}),
            _field("result", "json", "填写结果", "Result"),
            _field("reason", "text", "原因", "Reason", options={"max_length": 1_000}),
            _field("done_at", "datetime", "完成时间", "Done at"),
            *_closing(),
            _field("breached_at", "datetime", "超时时间", "Overdue since"),
            _field("breach", "json", "超时通知", "Tell when overdue"),
            _field("delegated_from", "person", "转交自", "Delegated from"),
            _field("asked_by", "person", "请求人", "Asked by", indexed=True),
            _field("files", "file", "佐证材料", "Evidence", options={"max_files": 10}),
            *_origin(),
            _field("key", "text", "唯一键", "Key", unique=True, options={"max_length": LONGEST_KEY}),
        ),
    )


def _signal() -> ObjectDef:
    return _object(
        SIGNAL,
        Text("信号", "Signal"),
        Text("信号", "Signals"),
        "bell",
        (
            _field("title", "text", "标题", "Title", required=True, searchable=True),
            _field("kind", "text", "种类", "Kind", indexed=True, options={"max_length": 100}),
            _choice("gap", "反映的缺口", "Gap", _GAPS),
            _choice("level", "级别", "Level", _LEVELS),
            _choice("state", "状态", "State", _SIGNAL_STATES, required=True, indexed=True, default='"new"'),
            _field("detail", "long_text", "说明", "Detail", options={"max_length": 10_000}),
            *_english(),
            _field("reason", "text", "原因", "Reason", options={"max_length": 1_000}),
            *_subject(),
            _field("evidence", "json", "依据", "Evidence"),
            _field("buttons", "json", "操作", "Actions"),
            _field("people", "relation", "相关人员", "People", options={"target": "person", "many": True}),
            *_origin(),
            _field("rule_version", "number", "规则版本", "Rule version", options={"decimals": 0}),
            _field("episode", "text", "情节", "Episode", unique=True, options={"max_length": LONGEST_KEY}),
            _field("started_at", "datetime", "开始时间", "Started at", indexed=True),
            _field("ended_at", "datetime", "结束时间", "Ended at"),
            _field("expires_at", "datetime", "过期时间", "Expires at", indexed=True),
            _field("closed_at", "datetime", "解决时间", "Closed at", indexed=True),
            *_closing(),
            _field("changed", "json", "期间更新的字段", "Fields updated meanwhile"),
        ),
    )


def _content() -> ObjectDef:
    return _object(
        CONTENT,
        Text("内容", "Content"),
        Text("内容", "Content packs"),
        "book-open",
        (
            _field("title", "text", "标题", "Title", required=True, searchable=True),
            _field("key", "text", "唯一键", "Key", required=True, unique=True, options={"max_length": LONGEST_KEY}),
            _choice("kind", "种类", "Kind", _CONTENT_KINDS, default='"script"'),
            _field("edition", "number", "版次", "Edition", default="0", options={"decimals": 0, "minimum": "0"}),
            _field("body", "long_text", "正文", "Body", searchable=True, options={"format": "markdown"}),
            _field("files", "file", "附件", "Files"),
            _field("target", "json", "适用范围", "Meant for"),
            _field("must_read", "boolean", "须阅读确认", "Must be confirmed", default="FALSE"),
            _choice("state", "状态", "State", _CONTENT_STATES, required=True, indexed=True, default='"draft"'),
            _field("published_at", "datetime", "发布时间", "Published at"),
        ),
    )


def _content_use() -> ObjectDef:
    """S0-25, S0-58: what was done with a pack, one record each time, so that metrics count it; made by ``work`` only.
    The owner is who did it, or before whom it was put."""
    return _object(
        CONTENT_USE,
        Text("内容使用", "Content use"),
        Text("内容使用", "Content uses"),
        "mouse-pointer-click",
        (
            _field("title", "text", "标题", "Title", searchable=True),
            _field("content", "relation", "内容", "Content", options={"target": CONTENT}),
            _choice("event", "动作", "Event", _USES, required=True, indexed=True),
            _field("edition", "number", "版次", "Edition", options={"decimals": 0}),
            _field("happened_at", "datetime", "时间", "Happened at", required=True, indexed=True),
            *_subject(),
        ),
    )


def _capture() -> ObjectDef:
    """S0-27: a file that was read, with what it says and where; made and moved by ``link.capture`` only."""
    return _object(
        CAPTURE,
        Text("抓取", "Capture"),
        Text("抓取", "Captures"),
        "scan-text",
        (
            _field("title", "text", "标题", "Title", required=True, searchable=True),
            _choice("kind", "种类", "Kind", _CAPTURE_KINDS, default='"other"'),
            _choice("state", "状态", "State", _CAPTURE_STATES, required=True, indexed=True, default='"reading"'),
            _field("file", "file", "原文件", "Original", options={"max_files": 1, "max_bytes": 512 * 1024 * 1024}),
            _field("pages", "file", "页面图片", "Pictures of pages", options={"max_files": 100}),
            _field("found", "json", "识别结果", "What was found"),
            _field("text", "long_text", "全文", "Text", options={"max_length": 100_000}),
            _field("read_by", "text", "识别方式", "Read by", options={"max_length": 100}),
            _field("reason", "text", "说明", "Remarks", options={"max_length": 1_000}),
            *_subject(),
            _field("target_object", "text", "写入对象", "Written to object", options={"max_length": 60}),
            _field("target_id", "text", "写入记录 ID", "Written to record", indexed=True, options={"max_length": 36}),
            _field("target", "text", "写入", "Written to"),
            _field("attached_at", "datetime", "关联时间", "Attached at"),
        ),
    )


def _object(key: str, label: Text, plural: Text, icon: str, fields: tuple[FieldDef, ...]) -> ObjectDef:
    return ObjectDef(key=key, label=label, plural=plural, title="title", icon=icon, builtin=True, fields=fields)


def _english() -> tuple[FieldDef, ...]:
    return (
        _field("title_en", "text", "英文标题", "Title in English", searchable=True),
        _field("detail_en", "long_text", "英文说明", "Detail in English", options={"max_length": 10_000}),
    )


def _subject() -> tuple[FieldDef, ...]:
    return (
        _field("subject_object", "text", "所属对象", "About object", options={"max_length": 60}),
        _field("subject_id", "text", "所属记录 ID", "About record", indexed=True, options={"max_length": 36}),
        _field("subject", "text", "关于", "About", searchable=True),
    )


def _closing() -> tuple[FieldDef, ...]:
    """S0-43: who resolved it, and how long it had been open."""
    return (
        _field("closed_by", "person", "解决人", "Closed by"),
        _field("took", "duration", "用时", "Took"),
    )


def _origin() -> tuple[FieldDef, ...]:
    return (
        _field("rule", "text", "规则", "Rule", indexed=True, options={"max_length": 60}),
        _field("firing", "text", "触发", "Firing", options={"max_length": 60}),
    )


def _choice(key: str, zh: str, en: str, choices: tuple[_Choice, ...], **more: object) -> FieldDef:
    options: list[JsonValue] = [
        {"key": word, "label": {"zh": label_zh, "en": label_en}, "color": colour}
        for word, label_zh, label_en, colour in choices
    ]
    return _field(key, "choice", zh, en, options={"choices": options}, **more)


def _field(key: str, kind: str, zh: str, en: str, **more: object) -> FieldDef:
    return FieldDef.model_validate({"key": key, "type": kind, "label": Text(zh, en), "builtin": True, **more})
