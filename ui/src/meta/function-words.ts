/** Functions that give what they are given, moved or chosen: what is compared with them is one of its values. */
export const SAME_KIND: ReadonlySet<string> = new Set(
  "ADD_DAYS COALESCE DATE END_OF_MONTH LABEL MAX MIN ROUND START_OF".split(" "),
);

/** How a call of a function reads: its parts by number, in Chinese and in English. What is not told here keeps its name. */
export const CALLS: Readonly<Record<string, readonly [string, string]>> = {
  ISBLANK: ["{0}为空", "{0} is blank"],
  // What only says of which kind a value is, or what stands for it where there is none, is left out.
  DATE: ["{0}", "{0}"],
  TEXT: ["{0}", "{0}"],
  LABEL: ["{0}", "{0}"],
  ROUND: ["{0}", "{0}"],
  COALESCE: ["{0}", "{0}"],
  NOW: ["现在", "now"],
  TODAY: ["今天", "today"],
  DAY: ["{0}的日期", "the day of month of {0}"],
  MONTH: ["{0}的月份", "the month of {0}"],
  YEAR: ["{0}的年份", "the year of {0}"],
  START_OF: ["{0}所在{1}的第一天", "the first day of the {1} of {0}"],
  END_OF_MONTH: ["{0}所在月的最后一天", "the last day of the month of {0}"],
  DAYS_UNTIL: ["距{0}的天数", "days until {0}"],
  DAYS_SINCE: ["{0}至今的天数", "days since {0}"],
  DAYS_BETWEEN: ["从{0}到{1}的天数", "days from {0} to {1}"],
  IN_HOURS: ["{0}的小时数", "hours of {0}"],
  LEN: ["{0}的字数", "the length of {0}"],
  COUNT: ["{0}的个数", "the number of {0}"],
  MIN: ["{*}中最小的", "the least of {*}"],
  MAX: ["{*}中最大的", "the greatest of {*}"],
  HAS_ANY: ["{0} 含有 {rest}", "{0} has {rest}"],
  HAS_ALL: ["{0} 同时含有 {rest}", "{0} has all of {rest}"],
  CONTAINS: ["{0} 包含 {1}", "{0} contains {1}"],
  STARTS_WITH: ["{0} 开头是 {1}", "{0} starts with {1}"],
  ENDS_WITH: ["{0} 结尾是 {1}", "{0} ends with {1}"],
  IF: ["（若 {0}，则为 {1}，否则为 {2}）", "(if {0}, then {1}, else {2})"],
  ME: ["本人", "me"],
  MY_TEAM: ["本团队", "my team"],
};
