"""How the options of databases are asked for."""

from __future__ import annotations

from collections.abc import Mapping

from tongmai.kit import Text
from tongmai.link.source import Asked

# Of all kinds that read databases.
READING: Mapping[str, Asked] = {
    "page": Asked(Text("每页行数", "Rows a page")),
    "deleted_every_h": Asked(
        Text("核对删除（小时）", "Look for deletions (hours)"),
        Text("每隔多久核对来源删了哪些行；0 为不核对", "How often rows that are gone are looked for; 0 for never"),
    ),
}
SQL: Mapping[str, Asked] = {
    "url": Asked(
        Text("数据库地址", "Address"),
        Text("不含密码，如 mssql+pymssql://reader@erp:1433/shop", "No password: mssql+pymssql://reader@erp:1433/shop"),
    ),
    "streams": Asked(Text("数据流", "Streams"), Text("一个表或一条查询", "A table or a query each")),
    "streams.key": Asked(Text("键列", "Key columns"), Text("合起来认定一行的列", "They tell one row from all others")),
    "streams.label": Asked(Text("显示名称", "Label")),
    "streams.table": Asked(Text("表", "Table"), Text("如 dbo.Orders；与查询二选一", "dbo.Orders; this or a query")),
    "streams.query": Asked(Text("查询", "Query"), Text("一条 SELECT", "One SELECT")),
    "streams.columns": Asked(Text("列", "Columns"), Text("不填取所有列", "All without any")),
    "streams.changed": Asked(
        Text("时间戳列", "Time-stamp column"),
        Text("每次修改都变大的列；不填则每次全读", "It rises with each change; without it all is read each time"),
    ),
    "streams.overlap_s": Asked(
        Text("往回重读（秒）", "Read again (seconds)"),
        Text(
            "迟到的行由此不漏：慢的事务、不准的时钟",
            "So that no row that comes late is missed: slow transactions, wrong clocks",
        ),
    ),
    "streams.writes": Asked(
        Text("可写列", "Writable columns"),
        Text(
            "人员的修改可以写回的列；不填则只读", "Those that people's changes go back to; without any it is read only"
        ),
    ),
    **READING,
}
