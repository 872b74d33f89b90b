"""Text: counted in characters (code points). Letters A–Z are the only ones whose case is looked at or changed."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlglot import exp

from tongmai.formula.automaton import matcher
from tongmai.formula.catalogue.entry import Function, takes
from tongmai.formula.catalogue.number import round_
from tongmai.formula.moment import Moment
from tongmai.formula.numbers import in_range, plain
from tongmai.formula.tree import Call, Literal, Tree, is_blank
from tongmai.formula.types import TEXT, Kind

if TYPE_CHECKING:
    from tongmai.formula.sql.writer import SqlWriter

MOST_TEXT = 65_536
MOST_REPEATS = 1_000
_UNIT_TEXT = 64
_SPACES = " \t\n\r\u00a0\u3000"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TO_LOWER = str.maketrans(_UPPER, _UPPER.lower())
_TO_UPPER = str.maketrans(_UPPER.lower(), _UPPER)
# Without escapes, which engines read differently; the spaces stand in it as they are.
_NUMBER = f"^[{_SPACES}]*([+-]?[0-9]{{1,17}}(?:[.][0-9]{{1,10}})?)[{_SPACES}]*$"
_READ_NUMBER = re.compile(_NUMBER.removesuffix("$"))


def fold(text: str) -> str:
    return text.translate(_TO_LOWER)


def left(text: str, count: Decimal) -> str:
    return text[: int(count)] if count >= 1 else ""


def right(text: str, count: Decimal) -> str:
    return text[-int(count) :] if count >= 1 else ""


def middle(text: str, start: Decimal, count: Decimal) -> str:
    if start < 1 or count < 1:
        return ""
    first = int(start) - 1
    return text[first : first + int(count)]


def find(needle: str, text: str) -> Decimal | None:
    at = fold(text).find(fold(needle))
    return Decimal(at + 1) if needle and at >= 0 else None


def contains(text: str, needle: str) -> bool:
    return bool(needle) and fold(needle) in fold(text)


def starts_with(text: str, start: str) -> bool:
    return bool(start) and fold(text).startswith(fold(start))


def ends_with(text: str, end: str) -> bool:
    return bool(end) and fold(text).endswith(fold(end))


def replace(text: str, old: str, new: str) -> str:
    return text.replace(old, new[:_UNIT_TEXT])[:MOST_TEXT] if old else text


def repeat(text: str, count: Decimal) -> str:
    return text[:_UNIT_TEXT] * min(int(count), MOST_REPEATS) if count >= 1 else ""


def split_part(text: str, separator: str, number: Decimal) -> str:
    parts = text.split(separator)
    return parts[int(number) - 1] if 1 <= number < len(parts) + 1 else ""


def value(text: str) -> Decimal | None:
    found = _READ_NUMBER.fullmatch(text)
    return in_range(Decimal(found[1])) if found else None


def matches(text: str, pattern: str) -> bool:
    return matcher(pattern).found_in(text)


def as_text(moment: Moment, value: object) -> str | None:
    """Numbers without useless zeros, dates as 2026-01-31, moments to the minute in the workspace's zone."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return moment.local(value).isoformat(" ", "minutes")[:16]
    if isinstance(value, date):
        return value.isoformat()
    return plain(value) if isinstance(value, Decimal | int) else str(value)


def thousands(value: Decimal, places: Decimal | None = None) -> str | None:
    """``1234.5`` with two places is ``1,234.50``; without any told, as many as there are."""
    number = Decimal(plain(value)) if places is None else round_(value, places)
    return None if number is None else f"{number if number else abs(number):,f}"


def _as_text_rewrite(args: tuple[Tree, ...]) -> Tree:
    if is_blank(args[0]):
        return Literal(None, TEXT)
    return args[0] if args[0].type.kind is Kind.TEXT else Call("TEXT", args, TEXT)


def _as_text_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    tree = call.args[0]
    kind = tree.type.kind
    if kind is Kind.NUMBER:
        return writer.number_as_text(writer.number(tree))
    if kind is Kind.BOOLEAN:
        return writer.template("CASE WHEN {0} THEN '是' WHEN NOT {0} THEN '否' END", writer.value(tree))
    if kind is Kind.DATETIME:
        return writer.date_as_text(writer.local(writer.value(tree)), with_time=True)
    return writer.date_as_text(writer.value(tree), with_time=False)


def _thousands_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    number = writer.number(call.args[0])
    if len(call.args) == 1:
        return writer.grouped(number, None)
    places = writer.constant_places(call.args[1])
    return writer.grouped(writer.round_to(number, places, "half"), max(places, 0))


def _left_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    text, count = call.args
    return writer.template("LEFT({0}, {1})", writer.text(text), writer.integer(count, 1, MOST_TEXT))


def _right_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    text, count = call.args
    return writer.template("RIGHT({0}, {1})", writer.text(text), writer.integer(count, 1, MOST_TEXT))


def _middle_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    text, start, count = call.args
    return writer.template(
        "SUBSTR({0}, {1}, {2})",
        writer.text(text), writer.integer(start, 1, 1_000_000_000), writer.integer(count, 1, 1_000_000_000),
    )  # fmt: skip


def _repeat_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    text, count = call.args
    return writer.template(
        f"REPEAT(LEFT({{0}}, {_UNIT_TEXT}), {{1}})", writer.text(text), writer.integer(count, 1, MOST_REPEATS)
    )


def _split_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    text, separator, number = call.args
    return writer.template(
        "SPLIT_PART({0}, {1}, {2})",
        writer.text(text),
        writer.value(separator),
        writer.integer(number, 1, 1_000_000_000),
    )


def _matches_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    text, pattern = call.args
    assert isinstance(pattern, Literal)
    return writer.matches(writer.text(text), str(pattern.value))


_FOLD = f"TRANSLATE({{}}, '{_UPPER}', '{_UPPER.lower()}')"
_FOLD_0, _FOLD_1 = _FOLD.replace("{}", "{0}"), _FOLD.replace("{}", "{1}")

FUNCTIONS = (
    Function(
        "LEN",
        ("长度", "文本长度"),
        "text",
        takes("text value"),
        "number",
        zh="字符数；空为 0。",
        en="How many characters; 0 for blank.",
        example="LEN('通脉')",
        shows="2",
        python=lambda text: Decimal(len(text)),
        sql="CAST(LENGTH({0}) AS NUMERIC)",
        duckdb="CAST(LENGTH({0}) AS DECIMAL(38, 10))",
        spark="CAST(LENGTH({0}) AS DECIMAL(38, 10))",
    ),
    Function(
        "LEFT",
        ("左取", "取左"),
        "text",
        takes("text value", "number count"),
        "text",
        zh="开头的几个字符。",
        en="The first characters.",
        example="LEFT('2026-0001', 4)",
        shows="2026",
        python=left,
        sql=_left_sql,
    ),
    Function(
        "RIGHT",
        ("右取", "取右"),
        "text",
        takes("text value", "number count"),
        "text",
        zh="结尾的几个字符。",
        en="The last characters.",
        example="RIGHT('2026-0001', 4)",
        shows="0001",
        python=right,
        sql=_right_sql,
    ),
    Function(
        "MID",
        ("SUBSTRING", "截取", "取中间"),
        "text",
        takes("text value", "number start", "number count"),
        "text",
        zh="从第几个字符（1 起）取几个字符。",
        en="So many characters from a place (the first is 1).",
        example="MID('A-华东-7', 3, 2)",
        shows="华东",
        python=middle,
        sql=_middle_sql,
    ),
    Function(
        "UPPER",
        ("大写",),
        "text",
        takes("text value"),
        "text",
        zh="字母 a–z 变大写。",
        en="Letters a–z in upper case.",
        example="UPPER('Sku-7b')",
        shows="SKU-7B",
        python=lambda text: text.translate(_TO_UPPER),
        sql=f"TRANSLATE({{0}}, '{_UPPER.lower()}', '{_UPPER}')",
    ),
    Function(
        "LOWER",
        ("小写",),
        "text",
        takes("text value"),
        "text",
        zh="字母 A–Z 变小写。",
        en="Letters A–Z in lower case.",
        example="LOWER('Sku-7B')",
        shows="sku-7b",
        python=fold,
        sql=_FOLD_0,
    ),
    Function(
        "TRIM",
        ("去空格", "去除空格"),
        "text",
        takes("text value"),
        "text",
        zh="去掉两端的空格（含全角空格）、制表符和换行。",
        en="Without spaces (also full-width), tabs and line ends at both sides.",
        example="TRIM('  王芳　')",
        shows="王芳",
        python=lambda text: text.strip(_SPACES),
        sql=f"BTRIM({{0}}, '{_SPACES}')",
        duckdb=f"TRIM({{0}}, '{_SPACES}')",
        spark=f"BTRIM({{0}}, '{_SPACES}')",
    ),
    Function(
        "CONTAINS",
        ("包含",),
        "text",
        takes("text value", "text part"),
        "boolean",
        zh="文本里是否有这一段，不分大小写；列表里是否有这一项。也可写 值 包含 段。",
        en="Whether a text has this part, in either case; whether a list has this item.",
        example="CONTAINS('WeCom 群', 'wecom')",
        shows="TRUE",
        python=contains,
        sql=f"{{1}} <> '' AND STRPOS({_FOLD_0}, {_FOLD_1}) > 0",
        spark=f"{{1}} <> '' AND INSTR({_FOLD_0}, {_FOLD_1}) > 0",
    ),
    Function(
        "STARTS_WITH",
        ("开头是",),
        "text",
        takes("text value", "text start"),
        "boolean",
        zh="是否以这一段开头，不分大小写。",
        en="Whether it starts with this part, in either case.",
        example="STARTS_WITH('HT-2026', 'ht')",
        shows="TRUE",
        python=starts_with,
        sql=f"{{1}} <> '' AND STARTS_WITH({_FOLD_0}, {_FOLD_1})",
        spark=f"{{1}} <> '' AND STARTSWITH({_FOLD_0}, {_FOLD_1})",
    ),
    Function(
        "ENDS_WITH",
        ("结尾是",),
        "text",
        takes("text value", "text end"),
        "boolean",
        zh="是否以这一段结尾，不分大小写。",
        en="Whether it ends with this part, in either case.",
        example="ENDS_WITH('合同.PDF', '.pdf')",
        shows="TRUE",
        python=ends_with,
        sql=f"{{1}} <> '' AND RIGHT({_FOLD_0}, LENGTH({{1}})) = {_FOLD_1}",
    ),
    Function(
        "FIND",
        ("查找位置",),
        "text",
        takes("text part", "text value"),
        "number",
        zh="这一段第一次出现在第几个字符，不分大小写；没有则为空。",
        en="At which character the part first stands, in either case; blank if nowhere.",
        example="FIND('华', '中华')",
        shows="2",
        python=find,
        sql=f"NULLIF(CASE WHEN {{0}} <> '' THEN STRPOS({_FOLD_1}, {_FOLD_0}) END, 0)",
        spark=f"NULLIF(CASE WHEN {{0}} <> '' THEN INSTR({_FOLD_1}, {_FOLD_0}) END, 0)",
    ),
    Function(
        "REPLACE",
        ("SUBSTITUTE", "替换"),
        "text",
        takes("text value", "text old", "text new"),
        "text",
        zh=f"把每一处旧文本换成新文本（新文本取前 {_UNIT_TEXT} 个字符）。",
        en=f"Puts the new text for every old one (the first {_UNIT_TEXT} characters of the new text).",
        example="REPLACE('138-0000', '-', '')",
        shows="1380000",
        python=replace,
        sql=(
            "CASE WHEN {1} = '' THEN {0}"
            f" ELSE LEFT(REPLACE({{0}}, {{1}}, LEFT({{2}}, {_UNIT_TEXT})), {MOST_TEXT}) END"
        ),
        cost=3,
    ),
    Function(
        "CONCAT",
        ("连接", "拼接"),
        "text",
        takes("joinable value"),
        "text",
        repeats=1,
        zh="把各参数连成一段文本，空的不算；同 &。",
        en="All arguments as one text, blanks left out; as &.",
        example="CONCAT('合同', 7)",
        shows="合同7",
        rewrites=lambda args: Call("&", args, TEXT),
    ),
    Function(
        "TEXT",
        ("转文本", "文本"),
        "text",
        takes("textable value"),
        "text",
        zh="数字、日期、是否变成文本：1.50 → 1.5，2026-01-31，2026-01-31 08:30，是/否。",
        en="Numbers, dates and yes/no as text: 1.50 → 1.5, 2026-01-31, 2026-01-31 08:30, 是/否.",
        example="TEXT(1.50)",
        shows="1.5",
        python=as_text,
        wants_moment=True,
        sees_blank=True,
        rewrites=_as_text_rewrite,
        sql=_as_text_sql,
    ),
    Function(
        "THOUSANDS",
        ("千分位",),
        "text",
        takes("number value", "places places?"),
        "text",
        zh="数字按千分位写成文本；写了小数位就四舍五入并补足。",
        en="A number as text with its thousands apart; with places it is rounded to them and shows all of them.",
        example="THOUSANDS(26642.1, 2)",
        shows="26,642.10",
        python=thousands,
        sql=_thousands_sql,
    ),
    Function(
        "VALUE",
        ("转数字", "数值"),
        "text",
        takes("text value"),
        "number",
        zh="文本变成数字；不是数字则为空。",
        en="A number out of a text; blank if it is none.",
        example="VALUE(' 12.50 ')",
        shows="12.5",
        python=value,
        sql=f"CAST(SUBSTRING({{0}} FROM '{_NUMBER}') AS NUMERIC)",
        duckdb=f"CAST(NULLIF(REGEXP_EXTRACT({{0}}, '{_NUMBER}', 1), '') AS DECIMAL(38, 10))",
        spark=f"CAST(NULLIF(REGEXP_EXTRACT({{0}}, '{_NUMBER}', 1), '') AS DECIMAL(38, 10))",
        cost=3,
    ),
    Function(
        "SPLIT_PART",
        ("分段", "取分段"),
        "text",
        takes("text value", "constant separator", "number number"),
        "text",
        zh="按分隔符分开后的第几段（1 起）。",
        en="The part of this number (the first is 1) between separators.",
        example="SPLIT_PART('华东/上海/徐汇', '/', 2)",
        shows="上海",
        python=split_part,
        sql=_split_sql,
    ),
    Function(
        "REPEAT",
        ("REPT", "重复"),
        "text",
        takes("text value", "number count"),
        "text",
        zh=f"重复几次（最多 {MOST_REPEATS} 次，文本取前 {_UNIT_TEXT} 个字符）。",
        en=f"Repeated so many times (at most {MOST_REPEATS}; the first {_UNIT_TEXT} characters of the text).",
        example="REPEAT('★', 3)",
        shows="★★★",
        python=repeat,
        sql=_repeat_sql,
        cost=3,
    ),
    Function(
        "MATCHES",
        ("匹配", "正则匹配"),
        "text",
        takes("text value", "pattern pattern"),
        "boolean",
        zh="文本里是否有符合模式的一段。模式是正则表达式的安全子集：. [ ] \\d \\w \\s ^ $ ( ) | * + ? {2,4}。",
        en="Whether a part fits the pattern, of which these are understood: . [ ] \\d \\w \\s ^ $ ( ) | * + ? {2,4}.",
        example="MATCHES('13800000000', '^1\\d{10}$')",
        shows="TRUE",
        python=matches,
        sql=_matches_sql,
        cost=20,
    ),
)
