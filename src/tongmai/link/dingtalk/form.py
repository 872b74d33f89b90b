"""How DingTalk's options are asked for, in the words of its developers' console."""

from __future__ import annotations

from collections.abc import Mapping

from tongmai.kit import Text
from tongmai.link.source import Asked

FORM: Mapping[str, Asked] = {
    "app_key": Asked(Text("AppKey (Client ID)", "AppKey (Client ID)")),
    "corp_id": Asked(Text("企业 CorpId", "CorpId")),
    "agent_id": Asked(Text("AgentId", "AgentId"), Text("发工作通知用", "For work notifications")),
    "owner_key": Asked(
        Text("回调的加密对象", "Call-backs are encrypted for"),
        Text("不填为 AppKey；较早的应用为 CorpId", "The AppKey without one; the CorpId of older applications"),
    ),
    "process_codes": Asked(
        Text("审批模板", "Approval templates"),
        Text("要读的审批模板的 processCode", "The processCode of each that is read"),
    ),
    "events": Asked(
        Text("事件接收方式", "How events come"),
        choices={
            "stream": Text("Stream 模式（不需公网地址）", "Stream mode (no public address needed)"),
            "http": Text("HTTP 回调", "HTTP call-backs"),
        },
    ),
    "card_template": Asked(
        Text("互动卡片模板", "Card template"), Text("待办以此卡片送达", "Tasks are sent as this card")
    ),
    "robot_code": Asked(Text("机器人编码", "Robot's code")),
    "api_url": Asked(
        Text("接口地址", "API address"), Text("用模拟器时填它的地址", "The simulator's, where one is used")
    ),
    "old_api_url": Asked(Text("旧版接口地址", "Old API address"), Text("用模拟器时同上", "As above")),
    "back_fill_days": Asked(Text("首次回溯（天）", "First reads back (days)")),
    "external_contacts": Asked(
        Text("读外部联系人", "Read external contacts"),
        Text("须有“企业外部联系人读权限”", "Needs the permission to read them"),
    ),
    "writes": Asked(
        Text("可写的外部联系人资料", "Details that may be written"),
        Text(
            "人员的修改可以写回的内容，须有“企业外部联系人写权限”；不选则只读",
            "What people's changes go back to; needs the permission to write. Without any it only reads",
        ),
        {
            "name": Text("姓名 name", "Name"),
            "title": Text("职位 title", "Title"),
            "company_name": Text("企业名称 company_name", "Company company_name"),
            "address": Text("地址 address", "Address"),
            "remark": Text("备注 remark", "Remark"),
            "labels": Text("标签 labels", "Labels"),
        },
    ),
}
