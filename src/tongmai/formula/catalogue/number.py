"""Numbers: rounding, extremes, powers. All results lie in the range of ``numbers`` or are blank."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import TYPE_CHECKING

from sqlglot import exp

from tongmai.formula.catalogue.entry import Checked, Function, SqlBuilder, takes
from tongmai.formula.numbers import EXACT, SIGNIFICANT, divide, from_float
from tongmai.formula.tree import Call

if TYPE_CHECKING:
    from tongmai.formula.sql.writer import SqlWriter

MOST_PLACES = 10
_LN_10 = 2.302585092994046


def _rounded(value: Decimal, places: Decimal, rounding: str) -> Decimal | None:
    count = int(places)
    if not -MOST_PLACES <= count <= MOST_PLACES:
        return None
    return Decimal(value).quantize(Decimal(1).scaleb(-count), rounding=rounding, context=EXACT) + 0


def round_(value: Decimal, places: Decimal = Decimal(0)) -> Decimal | None:
    return _rounded(value, places, ROUND_HALF_UP)


def round_up(value: Decimal, places: Decimal = Decimal(0)) -> Decimal | None:
    return _rounded(value, places, ROUND_UP)


def round_down(value: Decimal, places: Decimal = Decimal(0)) -> Decimal | None:
    return _rounded(value, places, ROUND_DOWN)


def _whole(value: Decimal, rounding: str) -> Decimal:
    return Decimal(value).quantize(Decimal(1), rounding=rounding, context=EXACT)


def modulo(value: Decimal, divisor: Decimal) -> Decimal | None:
    """Has the divisor's sign, as in Excel."""
    if not divisor:
        return None
    rest = EXACT.remainder(Decimal(value), Decimal(divisor))
    return rest + divisor if rest and (rest < 0) != (divisor < 0) else rest


def power(base: Decimal, exponent: Decimal) -> Decimal | None:
    """By exponential and logarithm in floating point, the same in every engine; 12 significant digits."""
    if exponent == 0:
        return Decimal(1)
    if base == 0:
        return Decimal(0) if exponent > 0 else None
    whole = exponent == int(exponent)
    if base < 0 and not whole:
        return None
    logarithm = float(exponent) * math.log(abs(float(base)))
    if logarithm > 40:
        return None
    size = from_float(math.exp(max(logarithm, -60.0)))
    return -size if size is not None and base < 0 and int(exponent) % 2 else size


def exponential(value: Decimal) -> Decimal | None:
    return None if value > 40 else from_float(math.exp(max(float(value), -60.0)))


def logarithm(value: Decimal) -> Decimal | None:
    return from_float(math.log(float(value))) if value > 0 else None


def logarithm_10(value: Decimal) -> Decimal | None:
    return from_float(math.log(float(value)) / _LN_10) if value > 0 else None


def root(value: Decimal) -> Decimal | None:
    return from_float(math.sqrt(float(value))) if value >= 0 else None


def total(*values: Decimal | None) -> Decimal | None:
    """Blanks are left out; blank where all are blank."""
    found = [value for value in values if value is not None]
    return sum(found, Decimal(0)) if found else None


def average(*values: Decimal | None) -> Decimal | None:
    found = [value for value in values if value is not None]
    return divide(sum(found, Decimal(0)), len(found)) if found else None


def least(*values: Decimal | None) -> Decimal | None:
    return min((value for value in values if value is not None), default=None)


def greatest(*values: Decimal | None) -> Decimal | None:
    return max((value for value in values if value is not None), default=None)


def clamp(value: Decimal, low: Decimal, high: Decimal) -> Decimal:
    return max(low, min(value, high))


def _round_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    return writer.round_to(writer.number(call.args[0]), _places(writer, call), "half")


def _round_up_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    return writer.round_to(writer.number(call.args[0]), _places(writer, call), "up")


def _round_down_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    return writer.round_to(writer.number(call.args[0]), _places(writer, call), "down")


def _places(writer: SqlWriter, call: Call) -> int:
    return writer.constant_places(call.args[1]) if len(call.args) > 1 else 0


def _total_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    """A sum that leaves blanks out but is blank where all are."""
    added = f"CASE WHEN COALESCE({{*}}) IS NOT NULL THEN {_added(len(call.args))} END"
    return writer.template(added, *(writer.number(arg) for arg in call.args))


def _average_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    counted = " + ".join(f"CASE WHEN {{{n}}} IS NULL THEN 0 ELSE 1 END" for n in range(len(call.args)))
    quotient = writer.quotient_text(
        writer.range_text(f"({_added(len(call.args))})"), writer.number_text(f"({counted})")
    )
    return writer.template(quotient, *(writer.number(arg) for arg in call.args))


def _added(count: int) -> str:
    return " + ".join(f"COALESCE({{{n}}}, 0)" for n in range(count))


def _power_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    base, exponent = (writer.number(arg) for arg in call.args)
    return writer.template(
        "CASE WHEN {1} = 0 AND {0} IS NOT NULL THEN 1 WHEN {0} = 0 THEN CASE WHEN {1} > 0 THEN 0 END"
        " WHEN {0} < 0 AND {1} <> " + writer.truncation("{1}") + " THEN NULL"
        " WHEN CAST({1} AS DOUBLE PRECISION) * LN(ABS(CAST({0} AS DOUBLE PRECISION))) > 40 THEN NULL"
        " ELSE " + writer.significant(
            "EXP(GREATEST(CAST({1} AS DOUBLE PRECISION) * LN(ABS(CAST({0} AS DOUBLE PRECISION))), -60))"
        ) + " * CASE WHEN {0} < 0 AND " + writer.is_odd("{1}") + " THEN -1 ELSE 1 END END",
        base, exponent,
    )  # fmt: skip


def _guarded(function: str, guard: str) -> SqlBuilder:
    """A function of floating point where ``guard`` holds, else blank."""

    def build(writer: SqlWriter, call: Call) -> exp.Expression:
        body = writer.significant(function.replace("{x}", "CAST({0} AS DOUBLE PRECISION)"))
        return writer.template(f"CASE WHEN {guard} THEN {body} END", writer.number(call.args[0]))

    return build


def _modulo_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    value, divisor = (writer.number(arg) for arg in call.args)
    return writer.template(
        "CASE WHEN {1} = 0 THEN NULL WHEN MOD({0}, {1}) <> 0 AND (MOD({0}, {1}) < 0) <> ({1} < 0)"
        " THEN MOD({0}, {1}) + {1} ELSE MOD({0}, {1}) END",
        value,
        divisor,
    )


FUNCTIONS = (
    Function(
        "ROUND",
        ("四舍五入",),
        "number",
        takes("number value", "places places?"),
        "number",
        zh="四舍五入到几位小数（默认 0，负数为整数位），.5 向远离 0 的方向进。小数位须写定。",
        en="Rounds to so many places (a constant; 0 if left out, negative for tens), halves away from zero.",
        example="ROUND(2.345, 2)",
        shows="2.35",
        python=round_,
        sql=_round_sql,
        checked=Checked.WIDE,
    ),
    Function(
        "ROUND_UP",
        ("ROUNDUP", "向上舍入"),
        "number",
        takes("number value", "places places?"),
        "number",
        zh="向远离 0 的方向舍入到几位小数。",
        en="Rounds away from zero to so many places.",
        example="ROUND_UP(2.341, 2)",
        shows="2.35",
        python=round_up,
        sql=_round_up_sql,
        checked=Checked.ALWAYS,
    ),
    Function(
        "ROUND_DOWN",
        ("ROUNDDOWN", "TRUNC", "向下舍入", "截断"),
        "number",
        takes("number value", "places places?"),
        "number",
        zh="向 0 的方向舍入到几位小数。",
        en="Rounds towards zero to so many places.",
        example="ROUND_DOWN(-2.349, 2)",
        shows="-2.34",
        python=round_down,
        sql=_round_down_sql,
    ),
    Function(
        "ABS",
        ("绝对值",),
        "number",
        takes("number value"),
        "number",
        zh="绝对值。",
        en="The value without its sign.",
        example="ABS(-3.5)",
        shows="3.5",
        python=abs,
        sql="ABS({0})",
    ),
    Function(
        "INT",
        ("取整",),
        "number",
        takes("number value"),
        "number",
        zh="不大于它的最大整数，同 FLOOR。",
        en="The largest whole number not above it, as FLOOR.",
        example="INT(-2.5)",
        shows="-3",
        python=lambda value: _whole(value, ROUND_FLOOR),
        sql="FLOOR({0})",
        checked=Checked.WIDE,
    ),
    Function(
        "CEILING",
        ("CEIL", "向上取整"),
        "number",
        takes("number value"),
        "number",
        zh="不小于它的最小整数。",
        en="The smallest whole number not below it.",
        example="CEILING(2.1)",
        shows="3",
        python=lambda value: _whole(value, ROUND_CEILING),
        sql="CEIL({0})",
        checked=Checked.WIDE,
    ),
    Function(
        "FLOOR",
        ("向下取整",),
        "number",
        takes("number value"),
        "number",
        zh="不大于它的最大整数。",
        en="The largest whole number not above it.",
        example="FLOOR(2.9)",
        shows="2",
        python=lambda value: _whole(value, ROUND_FLOOR),
        sql="FLOOR({0})",
        checked=Checked.WIDE,
    ),
    Function(
        "SIGN",
        ("正负号",),
        "number",
        takes("number value"),
        "number",
        zh="正数为 1，负数为 -1，零为 0。",
        en="1 for positive, -1 for negative, 0 for zero.",
        example="SIGN(-8)",
        shows="-1",
        python=lambda value: Decimal((value > 0) - (value < 0)),
        sql="SIGN({0})",
    ),
    Function(
        "MOD",
        ("余数", "取余"),
        "number",
        takes("number value", "number divisor"),
        "number",
        zh="余数，符号与除数相同；除数为 0 时为空。",
        en="The remainder, with the divisor's sign; blank for divisor 0.",
        example="MOD(-7, 3)",
        shows="2",
        python=modulo,
        sql=_modulo_sql,
    ),
    Function(
        "POWER",
        ("乘方", "幂"),
        "number",
        takes("number base", "number exponent"),
        "number",
        zh=f"乘方，同 底 ^ 指数；按浮点计算，保留 {SIGNIFICANT} 位有效数字；超出范围为空。",
        en=f"A power, as base ^ exponent; in floating point, {SIGNIFICANT} significant digits; blank out of range.",
        example="POWER(2, 10)",
        shows="1024",
        python=power,
        sql=_power_sql,
        checked=Checked.ALWAYS,
        cost=5,
    ),
    Function(
        "SQRT",
        ("平方根",),
        "number",
        takes("number value"),
        "number",
        zh="平方根；负数为空。",
        en="The square root; blank for negative numbers.",
        example="SQRT(2.25)",
        shows="1.5",
        python=root,
        sql=_guarded("SQRT({x})", "{0} >= 0"),
        cost=3,
    ),
    Function(
        "LN",
        ("自然对数",),
        "number",
        takes("number value"),
        "number",
        zh="自然对数；不大于 0 时为空。",
        en="The natural logarithm; blank for zero and below.",
        example="LN(1)",
        shows="0",
        python=logarithm,
        sql=_guarded("LN({x})", "{0} > 0"),
        cost=3,
    ),
    Function(
        "LOG10",
        ("对数",),
        "number",
        takes("number value"),
        "number",
        zh="以 10 为底的对数；不大于 0 时为空。",
        en="The logarithm to base 10; blank for zero and below.",
        example="LOG10(1000)",
        shows="3",
        python=logarithm_10,
        sql=_guarded(f"LN({{x}}) / {_LN_10}", "{0} > 0"),
        cost=3,
    ),
    Function(
        "EXP",
        ("指数",),
        "number",
        takes("number value"),
        "number",
        zh="e 的多少次方；超出范围为空。",
        en="e to the power of the value; blank out of range.",
        example="EXP(0)",
        shows="1",
        python=exponential,
        sql=_guarded("EXP(GREATEST({x}, -60))", "{0} <= 40"),
        cost=3,
        checked=Checked.ALWAYS,
    ),
    Function(
        "SUM",
        ("求和", "合计"),
        "number",
        takes("number value"),
        "number",
        repeats=1,
        zh="各参数之和，空的不算；全为空时为空。",
        en="The sum of the arguments; blanks are left out, blank if all are.",
        example="SUM(1, BLANK, 2)",
        shows="3",
        python=total,
        sees_blank=True,
        checked=Checked.ALWAYS,
        sql=_total_sql,
    ),
    Function(
        "AVERAGE",
        ("AVG", "平均", "平均值"),
        "number",
        takes("number value"),
        "number",
        repeats=1,
        zh="各参数的平均值，空的不算。",
        en="The mean of the arguments; blanks are left out.",
        example="AVERAGE(1, BLANK, 4)",
        shows="2.5",
        python=average,
        sees_blank=True,
        sql=_average_sql,
    ),
    Function(
        "MIN",
        ("最小", "最小值"),
        "number",
        takes("number value"),
        "number",
        repeats=1,
        zh="最小的参数，空的不算。",
        en="The least argument; blanks are left out.",
        example="MIN(3, BLANK, 2)",
        shows="2",
        python=least,
        sees_blank=True,
        sql="LEAST({*})",
    ),
    Function(
        "MAX",
        ("最大", "最大值"),
        "number",
        takes("number value"),
        "number",
        repeats=1,
        zh="最大的参数，空的不算。",
        en="The greatest argument; blanks are left out.",
        example="MAX(3, BLANK, 2)",
        shows="3",
        python=greatest,
        sees_blank=True,
        sql="GREATEST({*})",
    ),
    Function(
        "CLAMP",
        ("限制范围",),
        "number",
        takes("number value", "number low", "number high"),
        "number",
        zh="把值限制在下限和上限之间。",
        en="The value brought between low and high.",
        example="CLAMP(120, 0, 100)",
        shows="100",
        python=clamp,
        sql="CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL AND {2} IS NOT NULL THEN GREATEST({1}, LEAST({0}, {2})) END",
    ),
)
