"""How people and spreadsheets write things, case by case."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tongmai.model import FIELD_TYPES, BoundField, FieldDef, Reading, Refused, bind_field

READING = Reading(ZoneInfo("Asia/Shanghai"))


def field(key: str, /, **options: Any) -> BoundField:
    return bind_field(FieldDef(key="f", type=key, label="字段", options=options))  # type: ignore[arg-type]


def refused(bound: BoundField, cell: Any) -> str:
    with pytest.raises(Refused) as found:
        bound.parse_text(cell, READING)
    return found.value.faults[0].code


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1234.5", "1234.5"),
        ("1,234,567.89", "1234567.89"),
        ("￥1,200", "1200"),
        ("-¥1,200.00", "-1200"),
        ("1.2万", "12000"),
        ("3亿", "300000000"),
        ("1,200元", "1200"),
        ("（1,200）", "-1200"),
        ("１２．５", "12.5"),
        ("1.5E+3", "1500"),
        ("  7 ", "7"),
        (".5", "0.5"),
        ("007", "7"),
        (12.5, "12.5"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_numbers(written: Any, number: str) -> None:
    assert field("number").parse_text(written, READING) == Decimal(number)


@pytest.mark.parametrize(
    "written",
    ["1.234,5", "12,34", "1 2 3x", "abc", "--1", "1e999", "0x10", "1_000", "∞", "NaN", "½万万", float("nan"), "٣x"],
)
def test_what_is_no_number(written: Any) -> None:
    assert refused(field("number"), written) == "number.unreadable"


def test_limits_of_numbers_name_the_rule() -> None:
    assert refused(field("number"), "1" * 21) == "number.too_large"
    assert refused(field("money"), "1.005") == "number.too_many_decimals"
    assert refused(field("number", minimum=0, maximum=10), "11") == "number.out_of_bounds"
    assert refused(field("number", decimals=0), "1.5") == "number.too_many_decimals"
    assert str(field("money").parse("5", READING)) == "5.00"
    assert str(field("number").parse("5.500", READING)) == "5.5"
    assert str(field("number").parse(-0.0, READING)) == "0"


@pytest.mark.parametrize("value", [True, [], {}, [[1]], pytest.param(10**5000, id="huge"), "9" * 10_000])
def test_other_json_is_no_number_and_the_message_stays_short(value: Any) -> None:
    with pytest.raises(Refused) as found:
        field("number").parse(value, READING)
    assert len(found.value.faults[0].text.en) < 120


@pytest.mark.parametrize(
    ("written", "fraction"),
    [("35%", "0.35"), ("35.5％", "0.355"), ("0.35", "0.35"), ("1", "1"), (1.2, "1.2"), ("120%", "1.2")],
)
def test_percentages(written: Any, fraction: str) -> None:
    assert field("percent").parse_text(written, READING) == Decimal(fraction)


def test_a_percentage_without_its_sign_is_asked_about() -> None:
    assert refused(field("percent"), "35") == "percent.ambiguous"
    assert field("percent").parse(35, READING) == 35


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-02",
        "2026/11/2",
        "2026.11.2",
        "2026年11月2日",
        "2026年11月02号",
        "20261102",
        "２０２６-１１-０２",
        " 2026-11-2 ",
        "2026/11/2 0:00:00",
        "2026-11-02T00:00:00",
        46328.0,
        datetime(2026, 11, 2),
        date(2026, 11, 2),
    ],
)
def test_days(written: Any) -> None:
    assert field("date").parse_text(written, READING) == date(2026, 11, 2)


@pytest.mark.parametrize(
    "written",
    ["2026-02-30", "26-11-02", "11/2/2026", "2026-11-02 08:00", "2026-13-01", "today", 46328.5, 60.0, -1.0, True],
)
def test_what_is_no_day(written: Any) -> None:
    assert refused(field("date"), written) == "date.unreadable"


def test_days_out_of_range() -> None:
    assert refused(field("date"), "1899-12-31") == "date.out_of_range"
    assert refused(field("date"), "2201-01-01") == "date.out_of_range"


def test_the_day_that_spreadsheets_invented() -> None:
    assert field("date").parse_text(59.0, READING) == date(1900, 2, 28)
    assert field("date").parse_text(61.0, READING) == date(1900, 3, 1)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-02 08:05",
        "2026/11/2 8:05",
        "2026年11月2日 8时5分",
        "2026年11月2日8点5分",
        "2026-11-02T08:05:00+08:00",
        "2026-11-02T00:05:00Z",
        "2026-11-02 00:05:00 +0000",
        "20261102 0805",
        "20261102080500",
        "2026-11-02 上午8:05",
        46328 + 8 / 24 + 5 / 1440,
        datetime(2026, 11, 2, 8, 5),
    ],
)
def test_moments(written: Any) -> None:
    assert field("datetime").parse_text(written, READING) == datetime(2026, 11, 2, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["2026-11-02 25:00", "2026-11-02 8:61", "08:05", "2026-11-02 08:05 +99:00", "now", True]
)
def test_what_is_no_moment(written: Any) -> None:
    assert refused(field("datetime"), written) == "datetime.unreadable"


def test_moments_are_written_in_the_zone_and_unambiguously() -> None:
    moments = field("datetime")
    value = datetime(2026, 11, 2, 0, 5, tzinfo=UTC)
    assert moments.to_text(value, "zh", READING) == "2026-11-02 08:05:00"
    assert moments.to_json_value(value) == "2026-11-02T00:05:00+00:00"
    berlin = Reading(ZoneInfo("Europe/Berlin"))
    for hour in (0, 1):
        twice = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        assert moments.parse_text(moments.to_text(twice, "en", berlin), berlin) == twice


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("3天4小时", 273_600),
        ("90分钟", 5400),
        ("1.5h", 5400),
        ("1:30:00", 5400),
        ("P1DT2H", 93_600),
        ("2周", 1_209_600),
        ("-1d", -86_400),
        (timedelta(minutes=90), 5400),
        (time(1, 30), 5400),
        (0.5, 43_200),
    ],
)
def test_durations(written: Any, seconds: int) -> None:
    assert field("duration").parse_text(written, READING) == seconds


def test_a_bare_number_is_no_duration_in_a_cell_but_seconds_in_json() -> None:
    assert refused(field("duration"), "90") == "duration.unreadable"
    assert field("duration").parse(90, READING) == 90


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013 8000", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        (13800138000.0, "+8613800138000"),
        ("0571-88888888", "+8657188888888"),
        ("(010)65529988 转 801", "+861065529988;ext=801"),
        ("400-821-8820", "+864008218820"),
        ("+1 650-253-0000", "+16502530000"),
        ("+852 2123 4567", "+85221234567"),
    ],
)
def test_telephone_numbers(written: Any, canonical: str) -> None:
    assert field("phone").parse_text(written, READING) == canonical


@pytest.mark.parametrize(
    "written", ["1380013800", "23800138000", "1-800-FLOWERS", "12", "+86 1", "13800138000x", "0" * 80]
)
def test_what_is_no_telephone_number(written: str) -> None:
    assert refused(field("phone"), written) == "phone.unreadable"


def test_a_field_for_mobiles_takes_no_land_line() -> None:
    """S2-23."""
    assert refused(field("phone", kind="mobile"), "0571-88888888") == "phone.not_a_mobile"
    assert field("phone", kind="mobile").parse("13800138000", READING) == "+8613800138000"


@pytest.mark.parametrize(
    "written",
    [
        "javascript:alert(1)",
        "ftp://a.com",
        "https://user:pw@a.com",
        "http://",
        "https://a b.com",
        "www.a.com",
        "//a.com",
        "https://a.com\\@b.com",
    ],
)
def test_what_is_no_web_address(written: str) -> None:
    assert refused(field("url"), written) == "url.unreadable"


@pytest.mark.parametrize(
    "written", ["a@b", "a@localhost", "@b.com", "a b@c.com", "a@b..com", "a@-b.com", "x" * 300 + "@b.com", 5.0]
)
def test_what_is_no_address(written: Any) -> None:
    assert refused(field("email"), written) == "email.unreadable"


def test_text_is_trimmed_composed_and_free_of_controls() -> None:
    text = field("text", max_length=5)
    assert text.parse("  cafe\u0301\u3000", READING) == "café"
    assert refused(text, "a\x00b") == "text.control_character"
    assert refused(text, "a\nb") == "text.control_character"
    assert refused(text, "\ud800") == "text.control_character"
    assert refused(text, "x" * 6) == "text.too_long"
    with pytest.raises(Refused):
        text.parse(12, READING)
    assert text.parse_text(12.0, READING) == "12"
    assert text.parse_text(True, READING) == "是"
    assert field("long_text").parse("a\r\n b\n\n", READING) == "a\n b"


CHOICES = [
    {"key": "red", "label": {"zh": "红标", "en": "Red"}},
    {"key": "old", "label": {"zh": "停用", "en": "Old"}, "active": False},
    {"key": "ab", "label": {"zh": "A、B类", "en": "A and B"}},
]


def test_options_are_read_by_key_and_by_label_whatever_the_width_and_case() -> None:
    choice = field("choice", choices=CHOICES)
    assert [choice.parse(word, READING) for word in ("red", "红标", "RED ", "ＲＥＤ")] == ["red"] * 4
    assert refused(choice, "old") == "choice.retired"
    assert refused(choice, "蓝标") == "choice.unknown"
    with pytest.raises(Refused) as found:
        choice.parse("红票", READING)
    assert found.value.faults[0].way_out is not None
    assert "红标" in found.value.faults[0].way_out.zh


def test_several_options_in_a_cell_may_hold_the_separator_in_a_label() -> None:
    several = field("multi_choice", choices=CHOICES)
    assert several.parse_text("A、B类；红标", READING) == ["red", "ab"]
    assert several.parse_text("红标、red", READING) == ["red"]
    with pytest.raises(Refused) as found:
        several.parse(["blue", "green", "red"], READING)
    assert len(found.value.faults) == 2


@pytest.mark.parametrize(
    ("word", "answer"), [("是", True), ("否", False), ("Y", True), ("ｎ", False), (1.0, True), (0, False)]
)
def test_yes_and_no(word: Any, answer: bool) -> None:
    assert field("boolean").parse_text(word, READING) is answer


def test_json_is_limited_in_size_and_depth() -> None:
    bound = field("json")
    deep: Any = []
    for _ in range(30):
        deep = [deep]
    for value, code in (
        (deep, "json.too_deep"),
        ({"a": "x" * 70_000}, "json.too_large"),
        ({"a\x00": 1}, "json.control_character"),
        ([float("nan")], "json.unreadable"),
    ):
        with pytest.raises(Refused) as found:
            bound.parse(value, READING)
        assert found.value.faults[0].code == code
    assert bound.parse_text('{"a": [1, 2.5, null]}', READING) == {"a": [1, 2.5, None]}
    assert refused(bound, "[" * 100_000) == "json.unreadable"


def test_places_on_earth() -> None:
    point = field("point")
    assert point.parse({"lat": 30.27, "lng": 120.15}, READING) == {"lat": 30.27, "lng": 120.15}
    for wrong in ({"lat": 91, "lng": 0}, {"lat": 0}, {"lat": "1", "lng": 2}, {"lat": True, "lng": 0}, [1, 2], "here"):
        with pytest.raises(Refused):
            point.parse(wrong, READING)


HUGE = "9" * 3_000_000


@pytest.mark.parametrize("key", [key for key in FIELD_TYPES if key not in ("formula", "json", "long_text")])
@pytest.mark.parametrize("value", [HUGE, "一二，" * 500_000, [HUGE] * 3, [[]] * 300_000, {"id": HUGE}])
def test_huge_values_are_refused_with_few_words(key: str, value: Any) -> None:
    options = {"target": "x", "many": True} if key == "relation" else {}
    if key in ("choice", "multi_choice"):
        options = {"choices": [{"key": f"k{n}", "label": f"选项{n}"} for n in range(1000)]}
    with pytest.raises(Refused) as found:
        field(key, **options).parse(value, READING)
    assert len(found.value.faults) <= 201
    assert all(len(fault.text.zh + fault.text.en) < 300 for fault in found.value.faults)


def test_a_line_turns_no_other_around() -> None:
    """With such a mark a name shows as another one, and the sentence it stands in from its end."""
    assert field("text").parse("报价\u202egpj.\u2066exe\u2069 ", READING) == "报价gpj.exe"
    assert field("text").parse("مرحبا", READING) == "مرحبا"
