"""Company names as they are meant: 华东（上海）机械有限公司 and 上海华东机械股份有限公司 compared as people do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

from rapidfuzz import fuzz

from tongmai.kit import simplified

# What tells the legal form, not the company. Longest first.
_FORMS = (
    "有限责任公司", "股份有限公司", "集团股份公司", "集团有限公司", "合伙企业", "个体工商户", "股份公司", "有限公司",
    "总公司", "分公司", "子公司", "责任公司", "集团公司", "公司", "集团", "股份", "有限", "总厂", "经营部", "商行",
)  # fmt: skip
# What a company does, at the end of its name: many share it, and it tells none of them apart. Longest first.
_TRADES = (
    "社区卫生服务中心", "社区卫生服务站", "中心卫生院", "综合门诊部", "口腔门诊部", "口腔诊所", "骨科诊所", "医药连锁",
    "医疗器械", "医疗科技", "口腔医院", "人民医院", "卫生院", "门诊部", "大药房", "诊所", "药房", "药店", "医院",
    "连锁", "器械", "医疗", "医药", "科技", "电子", "机械", "机电", "化工", "物流", "建材", "食品", "包装", "仪器",
    "贸易", "商贸", "实业", "工业", "设备", "材料", "服饰", "超市",
)  # fmt: skip
_ENGLISH_FORMS = re.compile(
    r"\b(co|company|corp|corporation|inc|incorporated|ltd|limited|llc|plc|gmbh|group|holdings?)\b\.?", re.IGNORECASE
)
_PROVINCES = (
    "北京", "上海", "天津", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古",
    "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
)  # fmt: skip
_CITIES = (
    "深圳", "广州", "杭州", "南京", "苏州", "无锡", "宁波", "温州", "武汉", "成都", "西安", "青岛", "济南", "郑州",
    "长沙", "合肥", "福州", "厦门", "东莞", "佛山", "昆明", "沈阳", "大连", "哈尔滨", "长春", "石家庄", "太原", "南昌",
    "贵阳", "兰州", "南宁", "海口", "常州", "徐州", "南通", "嘉兴", "绍兴", "金华", "台州", "泉州", "烟台", "潍坊",
    "珠海", "中山", "惠州", "洛阳", "芜湖",
)  # fmt: skip
_REGION = re.compile(f"({'|'.join((*_PROVINCES, *_CITIES))})(省|市|自治区|特别行政区)?")
_NOISE = re.compile(r"[\s\-_·•.,，。、'\"“”&＆/\\|*#()（）\[\]【】<>《》]+")
_BRACKETED = re.compile(r"[(（\[【]([^)）\]】]{1,20})[)）\]】]")


@dataclass(frozen=True, slots=True)
class CompanyName:
    """``core`` is what is left without form, region and marks; ``regions`` are what was taken out; ``whole`` keeps all
    but the marks."""

    whole: str
    core: str
    regions: frozenset[str]


@lru_cache(maxsize=262_144)
def company_name(text: str) -> CompanyName:
    """Reads a name. Full-width letters, traditional characters, marks, case and blanks do not matter."""
    plain = simplified(normalize("NFKC", text)).lower().strip()
    whole = _NOISE.sub("", plain)
    regions: set[str] = set()

    def take(match: re.Match[str]) -> str:
        regions.add(match.group(1))
        return ""

    # A bracket that holds a region only places the company; any other is part of its name.
    core = _BRACKETED.sub(lambda match: match.group(1), plain)
    core = _ENGLISH_FORMS.sub(" ", core)
    core = _NOISE.sub("", core)
    without = _REGION.sub(take, core)
    core = _without_form(without) or _without_form(core) or whole
    return CompanyName(whole, core, frozenset(regions))


def likeness(one: str, other: str) -> float:
    """0 … 1: how surely two names mean one company. 1 only if they are equal but for form and marks.

    Regions that contradict each other (上海 and 北京) tell companies apart; one that only one name has does not. The
    trade that both end with (诊所) counts for nothing: 江北安康诊所 and 江北瑞金诊所 are half alike.
    """
    first, second = company_name(one), company_name(other)
    if first.whole == second.whole:
        return 1.0
    contradict = bool(first.regions and second.regions and not first.regions & second.regions)
    if first.core == second.core and len(first.core) >= 2:
        if contradict:
            return 0.55
        return 1.0 if first.regions == second.regions else 0.92
    score = fuzz.ratio(*_telling(first.core, second.core)) / 100
    shorter, longer = sorted((first.core, second.core), key=len)
    if len(shorter) >= 2 and shorter in longer:
        # An abbreviation: the more of the name it keeps, the surer.
        score = max(score, 0.6 + 0.25 * len(shorter) / len(longer))
    return round(min(score * (0.6 if contradict else 1.0), 0.95), 3)


def _telling(one: str, other: str) -> tuple[str, str]:
    """Two names without the trade that both end with, where more than a sign is left of each."""
    for trade in _TRADES:
        if one.endswith(trade) and other.endswith(trade) and min(len(one), len(other)) > len(trade) + 1:
            return one.removesuffix(trade), other.removesuffix(trade)
    return one, other


def _without_form(name: str) -> str:
    while True:
        for form in _FORMS:
            if name.endswith(form) and len(name) > len(form):
                name = name.removesuffix(form)
                break
        else:
            return name
