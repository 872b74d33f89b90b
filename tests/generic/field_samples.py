"""For each field type: fields with random options, and what a caller may give for them, good and arbitrary.

A type without an entry here fails the generic suite, so that none goes untested.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tongmai.model import BoundField, FieldDef, Reading, bind_field
from tongmai.model.field_types.choice import folded

READING = Reading(ZoneInfo("Asia/Shanghai"))

# Characters that go wrong most easily: CJK, full width, combining, quotes, separators, backslash, emoji, RTL.
_TRICKY = "通脉重庆ＡＢ１２é\u0301'\"\\;,|、；%$￥()+-=@ \u3000😀א\n\t"
TEXTS = st.text(st.one_of(st.sampled_from(_TRICKY), st.characters(exclude_categories=("Cs",))), max_size=30)
_LINES = st.text(
    st.one_of(st.sampled_from(_TRICKY), st.characters(exclude_categories=("Cs", "Cc"))), min_size=1, max_size=30
)
_WORDS = st.text(st.sampled_from("通脉红黄绿客户A类bC 1'\"\\、，é"), min_size=1, max_size=6)
_IDS = st.uuids(version=4)
_NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12),
    st.decimals(min_value=-(10**9), max_value=10**9, places=2).map(float),
    st.decimals(min_value=-(10**9), max_value=10**9, places=2).map(str),
    st.sampled_from(["1,234.50", "￥1,200", "1.2万", "（35）", "1e3", "０.５", "-0", 0, -0.0, 10**19]),
)
_DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
_MOMENTS = st.datetimes(datetime(1900, 1, 3), datetime(2200, 12, 30))


@dataclass(frozen=True)
class Sample:
    """``options`` draws options; ``given`` draws, for a field, what a caller may well give."""

    options: st.SearchStrategy[dict[str, Any]]
    given: Any

    def field(self, key: str, options: dict[str, Any]) -> BoundField:
        return bind_field(FieldDef(key="f", type=key, label="字段", options=options))


@st.composite
def _choices(draw: st.DrawFn) -> dict[str, Any]:
    labels = draw(st.lists(_WORDS.filter(str.strip), max_size=6, unique_by=folded))
    keys = [f"k{n}" for n in range(len(labels))]
    taken = {folded(key) for key in keys}
    return {
        "choices": [
            {"key": key, "label": {"zh": label, "en": label}, "color": "red"}
            for key, label in zip(keys, labels, strict=True)
            if folded(label) not in taken
        ]
    }


def _keys(field: BoundField) -> list[str]:
    options: Any = field.options
    return [each.key for each in options.choices]


def _one_of(field: BoundField) -> st.SearchStrategy[Any]:
    return st.sampled_from([*_keys(field), None])


def _some_of(field: BoundField) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(_keys(field)), max_size=6) if _keys(field) else st.just([])


def _given(strategy: st.SearchStrategy[Any]) -> Any:
    return lambda field: strategy


def _no_options() -> st.SearchStrategy[dict[str, Any]]:
    return st.just({})


_BOUNDS = st.sampled_from([{}, {"minimum": 0}, {"maximum": "1000.5"}, {"minimum": -5, "maximum": 5}])


def _with(base: st.SearchStrategy[dict[str, Any]], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda first, second: {**first, **second}, base, st.fixed_dictionaries({}, optional=more))


def _relation_options() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"target": st.just("customer"), "many": st.booleans()})


def _related(field: BoundField) -> st.SearchStrategy[Any]:
    return st.lists(_IDS.map(str), max_size=5) if field.is_many else _IDS.map(str)


_PHONES = st.one_of(
    st.integers(3_000_000_000, 9_999_999_999).map(lambda rest: f"1{rest}"),
    st.sampled_from(
        [
            "0571-88888888",
            "(010) 6552 9988 转 801",
            "+1 650-253-0000",
            "400-821-8820",
            "+44 20 7031 3000",
            "86138 0013 8000",
        ]
    ),
)
_EMAILS = st.one_of(
    st.from_regex(r"[a-zA-Z0-9]{1,8}([._+-][a-z0-9]{1,4})?@[a-z]{1,8}(-[a-z0-9]{1,3})?\.(com|com\.cn)", fullmatch=True),
    st.sampled_from(["用户@例子.中国", "O'Neil@b.org", "A.B@C.COM"]),
)
_URLS = st.one_of(
    st.from_regex(
        r"https?://[a-z0-9]{1,8}(\.[a-z]{2,5}){1,2}(:8080)?(/[a-zA-Z0-9%._-]{0,8}){0,2}(\?[a-z]=[0-9])?", fullmatch=True
    ),
    st.sampled_from(["https://例子.中国/客户?名=通脉", "HTTP://A.COM", "https://[2001:db8::1]:8443/x"]),
)
_POINTS = st.fixed_dictionaries({"lat": st.floats(-90, 90), "lng": st.floats(-180, 180)})
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(-1e9, 1e9), _WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_WORDS, inner, max_size=3)),
    max_leaves=6,
)

SAMPLES: dict[str, Sample] = {
    "text": Sample(_with(_no_options(), max_length=st.integers(5, 50)), _given(_LINES)),
    "long_text": Sample(_with(_no_options(), max_length=st.integers(5, 50)), _given(TEXTS)),
    "number": Sample(_with(_BOUNDS, decimals=st.integers(0, 4)), _given(_NUMBERS)),
    "money": Sample(_with(_BOUNDS, decimals=st.integers(0, 4)), _given(_NUMBERS)),
    "percent": Sample(
        _with(st.just({}), decimals=st.integers(0, 4)),
        _given(
            st.one_of(st.integers(-500, 500).map(lambda n: n / 100), st.sampled_from(["35%", "35.5％", "0.35", "-3‰"]))
        ),
    ),
    "date": Sample(
        _no_options(),
        _given(st.one_of(_DAYS.map(str), _DAYS.map(lambda d: f"{d.year}年{d.month}月{d.day}日"), st.just("2026/11/2"))),
    ),
    "datetime": Sample(
        _no_options(),
        _given(
            st.one_of(
                _MOMENTS.map(lambda m: m.isoformat() + "+08:00"),
                _MOMENTS.map(lambda m: m.strftime("%Y/%m/%d %H:%M")),
                st.sampled_from(
                    ["2026-11-02T08:05:00Z", "20261102 080500", "2026年11月2日 下午3点", "1991-09-15 00:30"]
                ),
            )
        ),
    ),
    "duration": Sample(
        _no_options(),
        _given(
            st.one_of(
                st.integers(-(10**8), 10**8),
                st.decimals(0, 10**6, places=6).map(float),
                st.sampled_from(["3天4小时", "1.5h", "P1DT2H3M4.5S", "90:30", "2周", "-1d 2 hours"]),
            )
        ),
    ),
    "boolean": Sample(_no_options(), _given(st.sampled_from([True, False, "是", "N", "1", "√"]))),
    "choice": Sample(_choices(), _one_of),
    "multi_choice": Sample(_choices(), _some_of),
    "phone": Sample(_no_options(), _given(_PHONES)),
    "email": Sample(_no_options(), _given(_EMAILS)),
    "url": Sample(_no_options(), _given(_URLS)),
    "person": Sample(_no_options(), _given(_IDS.map(str))),
    "team": Sample(_no_options(), _given(_IDS.map(lambda each: {"id": str(each), "label": "华东"}))),
    "relation": Sample(_relation_options(), _related),
    "file": Sample(_no_options(), _given(st.lists(_IDS.map(str), max_size=4))),
    "point": Sample(_no_options(), _given(st.one_of(_POINTS, st.just("30.27，120.15")))),
    "auto_number": Sample(st.just({"pattern": "SO-{YYYY}{MM}-{0000}", "editable": True}), _given(_LINES)),
    "json": Sample(_no_options(), _given(_JSON)),
}

# Anything at all, as a caller who means harm or made a mistake may give it.
ANYTHING = st.one_of(
    TEXTS,
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    _JSON,
    st.uuids().map(UUID.__str__),
    st.sampled_from(
        ["1" * 400, "9" * 40, "1e999", "\x00", "\ud800", "=1+1", "2026-02-30", "0000-00-00", "javascript:alert(1)"]
    ),
)
_HOSTILE = ("javascript:alert(1)", "http://user:secret@host/", "2026-11-02T25:00", "1,2,3", "{", "[" * 5000)
ANYTHING |= st.sampled_from(_HOSTILE)
CELLS = st.one_of(
    TEXTS,
    st.floats(allow_nan=True),
    st.floats(0, 80_000),
    st.integers(0, 80_000).map(float),
    st.booleans(),
    st.none(),
    _DAYS,
    _MOMENTS,
    st.times(),
    st.timedeltas(),
    st.sampled_from(["1", "0", "是", "2026/11/2", "46328", "1,234.50", "13800138000", "k1", "k1;k2", " ", "35%"]),
)
