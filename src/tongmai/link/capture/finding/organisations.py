"""Names of companies in running text, by what such names end with."""

from __future__ import annotations

import re
from unicodedata import normalize

_CHINESE = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9（）()·&]{2,30}?(?:有限责任公司|股份有限公司|有限公司|集团公司|集团|公司|合作社|商行|经营部|医院"
    r"|诊所|药房|药店|大学|学校|研究院|研究所|事务所)(?:[\u4e00-\u9fff]{2,8}分公司)?"
)
_FOREIGN = re.compile(
    r"(?<![A-Za-z])(?:(?:[a-z]?[A-Z][\w&'’.-]{0,40}|e-\w{1,40}|&|of|de|van)[ ,]{1,4}){1,6}"
    r"(?:Inc|Ltd|Limited|LLC|Corp|Corporation|Co|GmbH|AG|B\.?V|N\.?V|S\.?A\.?S?|SARL|Pvt\.? Ltd"
    r"|Private Limited|plc|PLC)\b\.?"
)
# What stands before a name in a sentence and is no part of it.
_LEADS = re.compile(r"^(?:由|与|和|为|致|向|给|甲方|乙方|买方|卖方|供方|需方|客户|名称|单位|公司名称|收货单位)[:：\s]*")
_SPAN = re.compile(r"[:：]")


def organisation_in(text: str) -> str | None:
    """The first company name in a text; None where nothing has the form of one."""
    plain = normalize("NFKC", text).strip()
    for part in _SPAN.split(plain):
        match = _CHINESE.search(part)
        if match:
            name = _LEADS.sub("", match.group()).strip()
            if len(name) >= 4:
                return name
    match = _FOREIGN.search(plain)
    return match.group().strip(" ,") if match else None
