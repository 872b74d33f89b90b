"""Strategies that write formulas: typed by construction, so that each one parses, over the fields of ``desk``."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .formula_desk import ME, OTHER

Texts = SearchStrategy[str]

_WORDS = st.sampled_from(
    ["华东", "Abc", "abc", "王 芳", "a1b2", "2026-0001", " x　", "O'Neil", "12.50", "-3", "★", "🙂z", "a/b/c"]
)
_NUMBERS = st.one_of(
    st.integers(-20, 40).map(str),
    st.sampled_from(
        ["0.1", "35%", "2.5", "-0.005", "1000000", "0.0000000001", "99999999999999999", "12345678.9012345678"]
    ),
)
_DATES = st.dates(date(2019, 12, 20), date(2027, 1, 10)).map(lambda day: f"'{day}'")
_SPANS = st.sampled_from(["3天", "48h", "30分钟", "1天12小时", "90s", "0.5h", "2w"])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _call(name: str, *args: Texts) -> Texts:
    return st.tuples(*args).map(lambda found: f"{name}({', '.join(found)})")


def _infix(left: Texts, signs: list[str], right: Texts) -> Texts:
    return st.tuples(left, st.sampled_from(signs), right).map(lambda t: f"({t[0]} {t[1]} {t[2]})")


def numbers(depth: int) -> Texts:
    leaf = st.one_of(_NUMBERS, st.sampled_from(["金额", "[最近沟通间隔]", "品类数", "amount", "(BLANK + 1)"]))
    if depth == 0:
        return leaf
    n, t, d, m, b = numbers(depth - 1), texts(depth - 1), dates(depth - 1), moments(depth - 1), conditions(depth - 1)
    small = st.integers(-2, 5).map(str)
    return st.one_of(
        leaf,
        _infix(n, ["+", "-", "*", "/"], n),
        n.map(lambda x: f"-({x})"),
        _call("ROUND", n, st.sampled_from(["0", "1", "2", "-2", "10"])),
        _call("四舍五入", n),
        _call("ROUND_UP", n, st.sampled_from(["0", "2", "-1"])),
        _call("ROUND_DOWN", n, st.sampled_from(["0", "3", "-3"])),
        st.tuples(st.sampled_from(["ABS", "INT", "CEILING", "FLOOR", "SIGN"]), n).map(lambda t: f"{t[0]}({t[1]})"),
        _call("MOD", n, n),
        _call("MIN", n, n),
        _call("MAX", n, n, n),
        _call("SUM", n, n),
        _call("AVERAGE", n, n, n),
        _call("CLAMP", n, small, n),
        _call("COALESCE", n, n),
        _call("IF", b, n, n),
        _call("IF", b, n),
        _call("SWITCH", n, n, n, n),
        _call("LEN", t),
        _call("FIND", t, t),
        _call("VALUE", t),
        st.tuples(
            st.sampled_from(["YEAR", "QUARTER", "MONTH", "DAY", "WEEKDAY", "WEEK", "DAYS_SINCE", "DAYS_UNTIL"]), d
        ).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(st.sampled_from(["HOUR", "MINUTE", "HOURS_SINCE"]), m).map(lambda t: f"{t[0]}({t[1]})"),
        _call("DAYS_BETWEEN", d, d),
        _call("MONTHS_BETWEEN", d, d),
        _call("HOURS_BETWEEN", m, m),
        _call("WORKDAYS_BETWEEN", near_dates(), near_dates()),
        _call("工作日间隔", near_dates(), st.just("今天()")),
        _call("COUNT", st.just("[标签]")),
        st.tuples(st.sampled_from(["IN_DAYS", "IN_HOURS"]), spans(depth - 1)).map(lambda t: f"{t[0]}({t[1]})"),
        _infix(spans(depth - 1), ["/"], spans(depth - 1)),
    )


def texts(depth: int) -> Texts:
    leaf = st.one_of(
        _WORDS.map(_quoted), st.sampled_from(["名称", "[备注]", "note", "''", "LABEL(等级)", "LABEL(level, 'en')"])
    )
    if depth == 0:
        return leaf
    t, n, b = texts(depth - 1), numbers(depth - 1), conditions(depth - 1)
    few = st.integers(-1, 6).map(str)
    return st.one_of(
        leaf,
        _infix(t, ["&"], st.one_of(t, n, dates(depth - 1), moments(depth - 1), st.just("等级"))),
        _call("LEFT", t, few),
        _call("RIGHT", t, n),
        _call("MID", t, few, few),
        st.tuples(st.sampled_from(["UPPER", "LOWER", "TRIM"]), t).map(lambda x: f"{x[0]}({x[1]})"),
        _call("REPLACE", t, t, t),
        _call("SPLIT_PART", t, st.sampled_from(["'/'", "'-'", "'b'"]), few),
        _call("REPEAT", t, few),
        _call("TEXT", st.one_of(n, b, dates(depth - 1), moments(depth - 1))),
        _call("THOUSANDS", n),
        _call("THOUSANDS", n, st.integers(-3, 6).map(str)),
        _call("IF", b, t, t),
        _call("COALESCE", t, t),
    )


def near_dates() -> Texts:
    """Within the years of the test's calendar."""
    return st.one_of(_DATES, st.sampled_from(["[签约日期]", "到期日", "TODAY()", "DATE(创建时间)", "创建时间"]))


def dates(depth: int) -> Texts:
    leaf = st.one_of(
        st.sampled_from(["[签约日期]", "到期日", "TODAY()", "创建时间", "DATE('2026-02-28')", "DATE('2024-02-29')"]),
        _DATES.map(lambda d: f"DATE({d})"),
    )
    if depth == 0:
        return leaf
    d, b = dates(depth - 1), conditions(depth - 1)
    days = st.one_of(
        st.integers(-400, 400).map(str), st.sampled_from(["金额", "99999999", "2.7", "-2.7", "[最近沟通间隔]"])
    )
    period = st.sampled_from(["'day'", "'周'", "'month'", "'季度'", "'year'"])
    plain = d.map(lambda x: f"DATE({x})")
    return st.one_of(
        leaf,
        _infix(plain, ["+", "-"], days),
        _infix(plain, ["+", "-"], st.sampled_from(["3天", "1周"])),
        _call("ADD_MONTHS", d, st.one_of(st.integers(-30, 30).map(str), days)),
        _call("START_OF", d, period),
        _call("END_OF", d, period),
        _call("MAKE_DATE", st.integers(2019, 2028).map(str), st.integers(0, 13).map(str), st.integers(27, 32).map(str)),
        _call(
            "ADD_WORKDAYS",
            near_dates(),
            st.one_of(st.integers(-30, 30).map(str), st.sampled_from(["[最近沟通间隔]", "99999"])),
        ),
        _call("IF", b, plain, plain),
    )


def moments(depth: int) -> Texts:
    leaf = st.one_of(
        st.sampled_from(["创建时间", "[最近联系]", "NOW()", "DATETIME(TODAY(), 8, 30)", "DATETIME(签约日期)"]),
        _DATES.map(lambda d: f"DATETIME({d})"),
    )
    if depth == 0:
        return leaf
    m = moments(depth - 1)
    part = st.integers(-1, 61).map(str)
    return st.one_of(
        leaf,
        _infix(m, ["+", "-"], spans(depth - 1)),
        _call("DATETIME", dates(depth - 1), part, part),
        _call("COALESCE", m, m),
    )


def spans(depth: int) -> Texts:
    leaf = st.one_of(_SPANS, st.just("用时"))
    if depth == 0:
        return leaf
    s, n, m = spans(depth - 1), numbers(depth - 1), moments(depth - 1)
    return st.one_of(
        leaf,
        _infix(s, ["+", "-"], s),
        _infix(s, ["*", "/"], n),
        _infix(m, ["-"], m),
        _call("DURATION", n, st.sampled_from(["'天'", "'hour'", "'second'"])),
        s.map(lambda x: f"-({x})"),
    )


def conditions(depth: int) -> Texts:
    leaf = st.sampled_from(
        [
            "启用",
            "等级 = '红标'",
            "等级 != 'gold'",
            "等级 IN ('红标', 'Green')",
            "负责人 = ME()",
            "负责人 != 我()",
            "负责人 IN MY_PEOPLE()",
            "负责人 = 协助人",
            "负责人 != 协助人",
            "标签 包含 '重点'",
            "HAS_ANY(标签, '华东', 'new')",
            "HAS_ALL(标签, '重点', '华东')",
            "备注 为空",
            "备注 不为空",
            "启用 = 真",
            "启用 IS BLANK",
            "TRUE",
            "[最近沟通间隔] <= 7 AND 品类数 >= 3",
            "名称 = ''",
            "名称 IN ('Abc', BLANK)",
            f"负责人 = '{OTHER}'",
            f"'{ME}' = 协助人",
            "负责人 NOT IN MY_PEOPLE()",
            "IS_WORKDAY(签约日期)",
            "MY_TEAM() IN MY_TEAMS()",
            "HAS_ANY(标签, 标签)",
            "HAS_ALL(标签, 标签)",
            "等级 = 等级",
        ]
    )
    if depth == 0:
        return leaf
    n, t, d, m, s = (kind(depth - 1) for kind in (numbers, texts, dates, moments, spans))
    b = conditions(depth - 1).map(lambda x: f"({x})")
    order = ["=", "!=", "<", "<=", ">", ">="]
    patterns = st.sampled_from(
        ["'^[a-z0-9]+$'", "'b|华'", "'\\d{2,4}-'", "'^.{2}$'", "'[^a-z]'", "'(ab?c?)'", "'\\s'", "'王\\s*芳'"]
    )
    return st.one_of(
        leaf,
        _infix(n, order, n),
        _infix(t, order, t),
        _infix(d, order, st.one_of(d, _DATES)),
        _infix(m, order, st.one_of(m, d)),
        _infix(s, order, s),
        _infix(b, ["AND", "OR", "且", "||"], b),
        b.map(lambda x: f"NOT ({x})"),
        _infix(b, ["=", "!="], b),
        st.tuples(st.sampled_from(["CONTAINS", "STARTS_WITH", "ENDS_WITH"]), t, t).map(
            lambda x: f"{x[0]}({x[1]}, {x[2]})"
        ),
        _call("MATCHES", t, patterns),
        st.one_of(n, t, d, m).map(lambda x: f"({x}) IS BLANK"),
        st.tuples(n, n, n).map(lambda x: f"{x[0]} BETWEEN {x[1]} AND {x[2]}"),
        st.tuples(n, n, n).map(lambda x: f"{x[0]} IN ({x[1]}, {x[2]}, BLANK)"),
        st.tuples(t, t).map(lambda x: f"{x[0]} NOT IN ({x[1]}, 'Abc')"),
        _call("IF", b, b, b),
        _call("IS_WORKDAY", near_dates()),
    )


def formulas(depth: int) -> Texts:
    return st.one_of(*(kind(depth) for kind in (conditions, numbers, texts, dates, moments, spans)))


def _number(low: int, high: int) -> SearchStrategy[Decimal]:
    return st.decimals(low, high, places=2)


def rows() -> SearchStrategy[dict[str, object]]:
    day = st.dates(date(2023, 1, 1), date(2027, 1, 10))
    moment = st.datetimes(datetime(2023, 1, 1), datetime(2027, 1, 10)).map(lambda m: m.replace(tzinfo=UTC))
    word = st.one_of(_WORDS, st.just("Abc"))
    amount = st.one_of(
        _number(-1000, 100_000),
        st.sampled_from([Decimal("0"), Decimal("0.3333333333"), Decimal(10) ** 19, Decimal("-99999999999999999.5")]),
    )
    person = st.sampled_from([ME, OTHER])
    return st.fixed_dictionaries(
        {},
        optional={
            "amount": amount,
            "gap": st.integers(-3, 30),
            "kinds": st.integers(0, 9),
            "name": word,
            "note": word,
            "signed": day,
            "due": day,
            "created": moment,
            "seen": moment,
            "span": st.integers(0, 10**6).map(lambda n: Decimal(n) / 4),
            "active": st.booleans(),
            "level": st.sampled_from(["red", "gold", "green"]),
            "owner": person,
            "helper": person,
            "tags": st.lists(st.sampled_from(["key", "east", "new"]), unique=True),
        },
    )
