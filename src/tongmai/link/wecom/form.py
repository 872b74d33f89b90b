"""How WeCom's options are asked for, in the words of its administrators' console."""

from __future__ import annotations

from collections.abc import Mapping

from tongmai.kit import Text
from tongmai.link.source import Asked

FORM: Mapping[str, Asked] = {
    "corp_id": Asked(Text("企业 ID", "Corp id"), Text("管理后台“我的企业”页底部", "At the foot of “My company”")),
    "agent_id": Asked(Text("应用 AgentId", "AgentId"), Text("发应用消息和侧边栏用", "For messages and the side-bar")),
    "base_url": Asked(
        Text("接口地址", "API address"), Text("用模拟器时填它的地址", "The simulator's, where one is used")
    ),
    "archive": Asked(
        Text("会话内容存档", "Message archive"),
        Text("由谁取出解密后的消息", "Where decrypted messages are read from"),
        {
            "none": Text("不读", "Not read"),
            "folder": Text("文件夹中的 JSON 行", "JSON lines in a folder"),
            "http": Text("存档服务的地址", "An archive service"),
        },
    ),
    "archive_folder": Asked(
        Text("存档文件夹", "Archive folder"),
        Text("相对于数据目录的 inbox，或 TONGMAI_SOURCE_FOLDERS 中的路径", "Below inbox, or in TONGMAI_SOURCE_FOLDERS"),
    ),
    "archive_url": Asked(
        Text("存档服务地址", "Archive's address"), Text("模拟器为 …/archive/lines", "…/archive/lines")
    ),
    "archive_files_url": Asked(
        Text("存档文件地址", "Address of its files"), Text("语音、图片等文件的地址", "Of voices, pictures and files")
    ),
    "consent": Asked(
        Text("客户同意情况", "Consent"),
        choices={
            "ask": Text("向企业微信逐对查询", "Asked of WeCom for each pair"),
            "archive": Text("只看存档中的同意消息", "Read from the archive alone"),
        },
    ),
    "voices": Asked(
        Text("语音转文字", "Voices to text"),
        choices={
            "here": Text("本机模型", "A model on this machine"),
            "service": Text("公司的语音服务", "The company's service"),
            "off": Text("不转", "Off"),
        },
    ),
    "writes": Asked(
        Text("可写的客户备注", "Notes that may be written"),
        Text(
            "人员的修改可以写回的内容，写到拉取时的跟进人名下；不选则只读",
            "What people's changes go back to, in the notes of the member who followed when it was pulled."
            " Without any it only reads",
        ),
        {
            "remark": Text("备注 remark", "Remark"),
            "remark_corp_name": Text("备注企业 remark_corp_name", "Company remark_corp_name"),
            "remark_mobiles": Text("备注手机 remark_mobiles", "Mobiles remark_mobiles"),
            "description": Text("描述 description", "Description"),
            "corp_tags": Text("企业标签 corp_tags", "The corporation's tags corp_tags"),
        },
    ),
    "back_fill_days": Asked(Text("首次回溯（天）", "First reads back (days)")),
}
