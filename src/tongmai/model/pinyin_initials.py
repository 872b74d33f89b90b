"""First letters of the pinyin of Chinese characters, for search by initials (通脉 → tm).

``pinyin_initials.txt`` holds the initial of each character's first reading in pypinyin's dictionary (a test compares
them), because loading that library takes half a second. The characters of the table below have several: readings
that make at least 3 % of the character's occurrences in pypinyin's 47,000 phrases, and common surnames (单 shàn, 查
zhā). The dictionary's rare readings are left out: they would double the index and find what nobody means.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

_SEVERAL = (
    "万wm 乐ly 乘cs 仇cq 会hk 传cz 伺cs 伽gjq 便bp 俟qs 冯fp 刨pb 刹sc 剿jc 匙sc 匮kg 区qo "
    "卒zc 单ds 卡kq 厦sx 参cs 叨dt 召zs 叶yx 吁xy 吓xh 否fp 吭kh 呷gx 咳kh 喔ow 喳zc 嗒dt "
    "囤dt 圈qj 坏hp 埶ys 堡bp 壳kq 奇qj 宿sx 尉wy 尾wy 尿ns 屏pb 属sz 巷xh 弟dt 強qj 弹dt "
    "强qj 恶ew 扁bp 扒bp 扛kg 折zs 拗an 捰wl 揭jq 擿tz 攒zc 暴bp 曝pb 曾cz 朘zj 朝cz 杓bs "
    "柚yz 查cz 栅zs 栖qx 校xj 椎cz 槛kj 汤ts 沓dt 泊pb 澄cd 率ls 畜cx 疟ny 盛sc 省sx 石sd "
    "磅bp 禅cs 秘mb 粘zn 粥zy 系xj 絜jx 繁fp 纚ls 纤xq 纶lg 给gj 翟dz 耙bp 腌ya 臭cx 艾ay "
    "苣jq 茄jq 茜qx 莞gw 莩fp 蔓mw 藏cz 蛤hg 螫sz 行xh 被bp 裨bp 裳sc 裼tx 褚cz 覃tq 解jx "
    "调dt 贾jg 蹊qx 车cj 轧yzg 辗nz 辟pb 遗yw 酖zd 重zc 铛dc 镐gh 长zc 阿ae 陂bp 降jx 隗kw "
    "靓jl 颈jg 颤cz 骠bp 鹄gh 鹘gh 龈ky"
)

# Character → all its initials, for characters that have more than one.
SEVERAL_INITIALS: MappingProxyType[str, str] = MappingProxyType({each[0]: each[1:] for each in _SEVERAL.split()})


# What stands for "no reading".
NONE = "."


@lru_cache(maxsize=1)
def initial_by_code() -> MappingProxyType[int, str]:
    """Code point → initial of the first reading, for ``str.translate``. Each line of the file is a first code point and
    the initials from there on.
    """
    found: dict[int, str] = {}
    for line in files("tongmai.model").joinpath("pinyin_initials.txt").read_text("ascii").splitlines():
        first, letters = line.split()
        found.update(enumerate(letters, int(first, 16)))
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def initials_by_code() -> Mapping[int, str]:
    """Code point → all initials of the character, for ``str.translate``."""
    return {**initial_by_code(), **{ord(character): letters for character, letters in SEVERAL_INITIALS.items()}}


def spelled(run: str) -> str:
    """The first initial of every character of Chinese text; ``.`` for one without a reading."""
    letters = run.translate(initial_by_code())
    return letters if letters.isascii() else "".join(each if each.isascii() else NONE for each in letters)


def initials(character: str) -> str:
    """All initials of a character; ``.`` where there is none."""
    return SEVERAL_INITIALS.get(character) or spelled(character)
