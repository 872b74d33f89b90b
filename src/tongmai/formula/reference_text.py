"""The rules of the language, as the function reference opens with them."""

from __future__ import annotations

from tongmai.kit import Text

_ZH = """
# 公式参考

公式用在筛选、条件、校验、默认值、公式字段、权限和指标里，写法处处相同，结果也处处相同：
数据库、程序、列式副本和浏览器各算一遍，逐条比对。本文件由程序生成：`python -m tongmai.formula.function_reference`。

## 写法

- 字段：`品类数`、`[最近沟通间隔]`（名称里有空格或符号时加方括号），用中文名、英文名或 key 都可以。
- 关联：`客户.负责人.团队`，最多 4 级。
- 文本：`'红标'`、`"红标"`、`“红标”`；引号写两次表示引号本身。选项可直接写它的文字：`等级 = '红标'`。
- 数字：`1234.5`、`35%`（即 0.35）；不写千位逗号。
- 时长：`3天`、`48小时`、`30分钟`、`1天12小时`，或 `3d`、`48h`、`30m`。月和年长短不一，用 `加月(日期, 月数)`。
- 日期：`'2026-01-31'`、`'2026-01-31 08:30'`（按工作区时区），用在需要日期的地方。
- 是否与空：`TRUE` `真` `是`，`FALSE` `假` `否`，`BLANK` `空`。
- 运算从松到紧：`OR` `或`，`AND` `且`，`NOT` `非`，比较，`&`，`+ -`，`* /`，负号，`^`。
- 比较：`= != < <= > >=`，`包含`，`IN (…)` `属于`，`NOT IN`，`IS BLANK` `为空`，`不为空`，`介于 a 和 b`。
- 全角标点（，；（）【】“”＝＜＞）与半角同样看待。

## 空

- 只有“真”和“假”两种判断结果。除 `=` 和 `!=` 外，与空比较都不成立；空等于空；`NOT` 是完全的取反。条件为空按不成立算。
- 空文本就是空。
- 算术里有空，结果为空；除以 0 为空；超出范围为空。`SUM` `MIN` `MAX` `AVERAGE` 不算空的参数。
- 文本函数和 `&` 把空当作空文本。
- 当前的人没有团队时，`我的团队()` 不等于任何团队，也不等于空。

## 数字

- 十进制小数，整数部分最多 17 位（字段本身可到 20 位），小数最多 10 位。
- 加减精确；乘除保留 10 位小数，.5 向远离 0 的方向进。
- `POWER` `SQRT` `LN` `LOG10` `EXP` 和距离按双精度浮点计算，保留 12 位有效数字；各引擎的末位可能相差 1。
- Spark 的乘法只保留 6 位小数（其十进制类型所限）。

## 日期与时间

- 日期没有时区；日期时间是一个时刻，按工作区时区读出年月日时分。两者比较时，先取时刻在当地的日期。
- 日期 - 日期 = 天数；日期 ± 数字 = 几天前后；时刻 - 时刻 = 时长；时刻 ± 时长 = 时刻。不足一天的数字舍去。
- 日期从 0001-01-02 到 9999-12-30，超出为空。
- 时钟拨回时重复的一小时取较晚的一次；拨快时不存在的时间顺延。
- 工作日按国务院的放假和调休通知，加上公司自己的例外。

## 文本

- 按字符计数。`=` 完全相等；排序按字符编码。`CONTAINS` `STARTS_WITH` `ENDS_WITH` `FIND` 不分字母大小写（仅 A–Z）。
- 公式最多 10,000 个字符、500 个步骤、50 层嵌套；引用的公式字段展开后计算。
"""

_EN = """
# Formula reference

Formulas serve filters, conditions, validations, defaults, formula fields, policies and metrics, written the same way
everywhere and with the same answer everywhere: database, program, columnar replica and browser are compared case by
case. This file is generated: `python -m tongmai.formula.function_reference`.

## Writing

- Fields: `品类数`, `[Days since contact]` (brackets where a name has spaces or signs), by Chinese label, English
  label or key.
- Relations: `customer.owner.team`, at most 4.
- Text: `'red'`, `"red"`, `“red”`; a quote written twice stands for itself. A choice is written in its own
  words: `level = 'Red'`.
- Numbers: `1234.5`, `35%` (0.35); no thousands separators.
- Durations: `3d`, `48h`, `30m`, `1d12h`, or `3天`, `48小时`. Months and years vary in length: `ADD_MONTHS(date,
  months)`.
- Dates: `'2026-01-31'`, `'2026-01-31 08:30'` (in the workspace's zone), where a date is wanted.
- Yes/no and blank: `TRUE`, `FALSE`, `BLANK`.
- Operators from loose to tight: `OR`, `AND`, `NOT`, comparison, `&`, `+ -`, `* /`, sign, `^`.
- Comparison: `= != < <= > >=`, `IN (…)`, `NOT IN`, `BETWEEN a AND b`, `IS BLANK`, `IS NOT BLANK`.
- Full-width punctuation （，；（）【】“”＝＜＞） is taken like half-width.

## Blank

- Logic has two values. A comparison with blank does not hold, but for `=` and `!=`, where blank equals blank;
  `NOT` is the true
  complement. A blank condition does not hold.
- An empty text is blank.
- Arithmetic with blank is blank; so is division by 0, and what leaves the range. `SUM` `MIN` `MAX` `AVERAGE`
  leave blanks out.
- Text functions and `&` take blank for an empty text.
- Where the acting person has no team, `MY_TEAM()` equals no team, and not blank either.

## Numbers

- Decimals of at most 17 digits before the point (fields themselves hold 20) and 10 after it. Sums are exact;
  products and quotients
  keep 10 places, halves rounded away from zero.
- `POWER` `SQRT` `LN` `LOG10` `EXP` and distances are worked out in double precision and kept to 12 significant
  digits; engines may
  differ by one in the last.
- Spark's products keep 6 places only (a limit of its decimal type).

## Dates and times

- A date has no zone; a date-time is an instant, read in the workspace's zone. Where the two are compared, the
  instant's local date counts.
- date - date = days; date ± number = days later or earlier; instant - instant = duration; instant ± duration =
  instant. Parts of a
  day in a number are cut off.
- Dates run from 0001-01-02 to 9999-12-30; what leaves that range is blank.
- Where clocks are set back the later of the two hours is meant; a time that a clock skips is moved on.
- Working days follow the State Council's notices (holidays and make-up days) and the company's own exceptions.

## Text

- Counted in characters. `=` is exact; the order is by code point. `CONTAINS` `STARTS_WITH` `ENDS_WITH` `FIND`
  do not mind the case of A–Z.
- A formula has at most 10,000 characters, 500 steps and 50 levels, counted with the formula fields it refers to
  put in place.
"""

PREFACE = Text(_ZH, _EN)
