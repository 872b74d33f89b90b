"""Yonyou U8 (用友U8): its SQL Server tables as they are called there (S0-10, S0-72, S3-18, S3-20, S3-23).

Read only but for what an administrator opens of the customers' contacts: nothing that U8 reckons with depends on them.
Orders, prices and stock are U8's own business, and are never written.

What changed is told by ``ufts`` and ``pubufts``, SQL Server's rowversion, which rises with every change of a row.
Rows of transactions that are still open stay out until they end (``MIN_ACTIVE_ROWVERSION``), so that none is skipped.
Lines have no rowversion of their own in older versions: they are read with the head's. What was deleted has none at
all: the keys are compared, once a day or as the options say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Annotated, Literal, get_args
from urllib.parse import quote

from pydantic import Field
from sqlalchemy import URL, Boolean, FromClause, literal_column, text

from tongmai.kit import Text
from tongmai.link.source import Asked, Body, SourceContext, SourceKind, SourceOptions, Stream
from tongmai.link.sources.sql_form import READING
from tongmai.link.sources.sql_names import named_table
from tongmai.link.sources.sql_paging import TableStream
from tongmai.link.sources.sql_reading import SqlSource

PASSWORD = "password"  # noqa: S105 - the name of a secret, not one
_WRITTEN = "Customer"


Contact = Literal["cCusAddress", "cCusPerson", "cCusPhone", "cCusHand", "cCusEmail"]


class U8Options(SourceOptions):
    """``writes`` are columns of ``Customer`` that people's changes here may go back to; ``order_url`` is the address of
    an order's page with ``{cSOCode}`` (or another column) in it, for single sign-on users of U8's web client; the order
    opens with one click from the customer's page."""

    host: Annotated[str, Field(min_length=1, max_length=200)]
    port: Annotated[int, Field(ge=1, le=65_535)] = 1433
    database: Annotated[str, Field(pattern=r"^\w{1,100}$")]
    user: Annotated[str, Field(min_length=1, max_length=100)]
    tables: Annotated[tuple[str, ...], Field(max_length=30)] = ()
    page: Annotated[int, Field(ge=1, le=20_000)] = 5_000
    order_url: Annotated[str, Field(pattern=r"^https?://", max_length=500)] | None = None
    deleted_every_h: Annotated[int, Field(ge=0, le=720)] = 24
    writes: Annotated[tuple[Contact, ...], Field(max_length=5)] = ()


@dataclass(frozen=True, slots=True)
class U8Table:
    """A table of U8: its key, its rowversion and its columns with types. A line is read with its head: the rowversion
    stands there, and so does whose it is (``head_columns``)."""

    label: Text
    key: tuple[str, ...]
    rowversion: str | None
    columns: Mapping[str, str]
    head: tuple[str, str] | None = None
    head_columns: Mapping[str, str] = field(default_factory=dict)


def _columns(texts: str = "", numbers: str = "", moments: str = "") -> dict[str, str]:
    kinds = (("text", texts), ("number", numbers), ("datetime", moments))
    return {name: kind for kind, names in kinds for name in names.split()}


TABLES: Mapping[str, U8Table] = {
    "Customer": U8Table(
        Text("客户档案", "Customers"), ("cCusCode",), "pubufts",
        _columns(
            "cCusCode cCusName cCusAbbName cCCCode cDCCode cTrade cCusAddress cCusRegCode cCusPerson cCusPhone cCusHand"
            " cCusEmail cCusPPerson cCusPayCond",
            "iCusCreLine",
            "dCusDevDate dEndDate dModifyDate",
        ),
    ),
    "Inventory": U8Table(
        Text("存货档案", "Products"), ("cInvCode",), "pubufts",
        _columns(
            "cInvCode cInvAddCode cInvName cInvStd cInvCCode cComUnitCode",
            "iInvSCost iInvNCost",
            "dSDate dEDate dModifyDate",
        ),
    ),
    "SO_SOMain": U8Table(
        Text("销售订单", "Sales orders"), ("ID",), "ufts",
        _columns(
            "cSOCode cSTCode cCusCode cCusName cDepCode cPersonCode cexch_name cMemo cMaker cVerifier cCloser",
            "ID iExchRate iTaxRate iStatus",
            "dDate dPreDateBT dverifydate dmodifysystime",
        ),
    ),
    "SO_SODetails": U8Table(
        Text("销售订单行", "Sales order lines"), ("iSOsID",), "ufts",
        _columns(
            "cSOCode cInvCode cInvName cMemo cSCloser",
            "iSOsID ID iRowNo iQuantity iUnitPrice iTaxUnitPrice iMoney iTax iSum iTaxRate iFHQuantity iKPQuantity",
            "dPreDate",
        ),
        ("SO_SOMain", "ID"),
        _columns("cCusCode cPersonCode", moments="dDate"),
    ),
    "DispatchList": U8Table(
        Text("发货单", "Deliveries"), ("DLID",), "ufts",
        _columns(
            "cDLCode cVouchType cSOCode cCusCode cDepCode cPersonCode cShipAddress cMemo cMaker cVerifier", "DLID",
            "dDate dmodifysystime",
        ),
    ),
    "DispatchLists": U8Table(
        Text("发货单行", "Delivery lines"), ("AutoID",), "ufts",
        _columns("cSoCode cWhCode cInvCode", "AutoID DLID iSOsID iQuantity iTaxUnitPrice iSum"),
        ("DispatchList", "DLID"),
    ),
    "SaleBillVouch": U8Table(
        Text("销售发票", "Invoices"), ("SBVID",), "ufts",
        _columns(
            "cSBVCode cVouchType cCusCode cSOCode cDLCode cPersonCode cVerifier", "SBVID",
            "dDate dGatheringDate dmodifysystime",
        ),
    ),
    "SaleBillVouchs": U8Table(
        Text("销售发票行", "Invoice lines"), ("AutoID",), "ufts",
        _columns("cInvCode", "AutoID SBVID iSOsID iQuantity iSum iMoneySum"),
        ("SaleBillVouch", "SBVID"),
        _columns("cSBVCode cCusCode cPersonCode", moments="dDate"),
    ),
    "Ap_CloseBill": U8Table(
        Text("收付款单", "Payments"), ("iID",), "Ufts",
        _columns(
            "cVouchType cVouchID cDwCode cPerson cSSCode cexch_name cDigest cFlag cCheckMan",
            "iID iAmount_f iAmount iRAmount",
            "dVouchDate dmodifysystime",
        ),
    ),
    "CurrentStock": U8Table(
        Text("现存量", "Stock"), ("AutoID",), None,
        _columns("cWhCode cInvCode cBatch bStopFlag", "AutoID iQuantity fOutQuantity fInQuantity fAvaQuantity"),
    ),
}  # fmt: skip


def table_stream(name: str, known: U8Table) -> TableStream:
    """How a table is read."""
    columns = tuple(dict.fromkeys((*known.columns, *known.key)))
    changed = known.rowversion
    if changed is None:
        return TableStream(named_table(f"dbo.{name}", "mssql"), known.key, columns, None)
    of_head = (*known.head_columns, changed)
    rows = named_table(f"dbo.{name}", "mssql") if known.head is None else _with_head(name, columns, of_head, known.head)
    settled = literal_column(f"{changed} < MIN_ACTIVE_ROWVERSION()", Boolean)
    return TableStream(
        rows, known.key, (*columns, *of_head), changed, where=settled, hidden=frozenset({changed}), may_lack=False
    )


def _with_head(name: str, columns: tuple[str, ...], of_head: tuple[str, ...], head: tuple[str, str]) -> FromClause:
    """Lines with the rowversion of their head, and whose it is."""
    table, join = head
    listed = ", ".join((*(f"d.{each}" for each in columns), *(f"h.{each}" for each in of_head)))
    rows = text(
        f"SELECT {listed} FROM dbo.{name} AS d"  # noqa: S608 - constants of this file
        f" INNER JOIN dbo.{table} AS h ON h.{join} = d.{join}"
    )
    return rows.columns().subquery(name)


def _chosen(options: SourceOptions) -> dict[str, U8Table]:
    assert isinstance(options, U8Options)
    return {name: known for name, known in TABLES.items() if not options.tables or name in options.tables}


def _streams(options: SourceOptions) -> tuple[Stream, ...]:
    return tuple(
        Stream(name, known.label, {**known.columns, **known.head_columns}) for name, known in _chosen(options).items()
    )


def _open(context: SourceContext) -> SqlSource:
    options = U8Options.model_validate(context.definition.options)
    url = URL.create(
        "mssql+pymssql",
        username=options.user,
        password=context.secrets[PASSWORD],
        host=options.host,
        port=options.port,
        database=options.database,
    )
    streams = {name: table_stream(name, known) for name, known in _chosen(options).items()}
    if _WRITTEN in streams:
        streams[_WRITTEN] = replace(streams[_WRITTEN], writes=frozenset(options.writes))
    every = timedelta(hours=options.deleted_every_h)
    return SqlSource(url, streams, options.page, context.zone, context.clock, every)


def _link(options: SourceOptions, stream: str, body: Body) -> str | None:
    """The order's page, for rows that name an order."""
    assert isinstance(options, U8Options)
    found = options.order_url
    code = body.get("cSOCode") or body.get("cSoCode")
    if found is None or not code:
        return None
    for name, value in {**body, "cSOCode": code}.items():
        found = found.replace("{" + name + "}", quote(str(value if value is not None else ""), safe=""))
    # What a row of this table does not tell would lead to no order.
    return None if "{" in found else found


_FORM: Mapping[str, Asked] = {
    "host": Asked(Text("服务器", "Host")),
    "port": Asked(Text("端口", "Port")),
    "database": Asked(Text("账套数据库", "Database"), Text("如 UFDATA_001_2026", "Like UFDATA_001_2026")),
    "user": Asked(Text("用户名", "User"), Text("只读账号即可", "An account that may only read will do")),
    "tables": Asked(
        Text("要读的表", "Tables"),
        Text("不选则全部", "All without any"),
        {name: Text(f"{known.label.zh} {name}", f"{known.label.en} {name}") for name, known in TABLES.items()},
    ),
    "order_url": Asked(
        Text("订单页地址", "Address of an order's page"),
        Text("如 http://u8/order?code={cSOCode}，点开即到 U8 订单", "http://u8/order?code={cSOCode} opens the order"),
    ),
    "writes": Asked(
        Text("可写的客户资料", "Contacts that may be written"),
        Text(
            "人员的修改可以写回的列，账号须有写权限；不选则只读",
            "Columns that people's changes go back to; the account must be allowed to write. Without any it only reads",
        ),
        {
            "cCusAddress": Text("地址 cCusAddress", "Address cCusAddress"),
            "cCusPerson": Text("联系人 cCusPerson", "Contact cCusPerson"),
            "cCusPhone": Text("电话 cCusPhone", "Phone cCusPhone"),
            "cCusHand": Text("手机 cCusHand", "Mobile cCusHand"),
            "cCusEmail": Text("邮箱 cCusEmail", "Mail cCusEmail"),
        },
    ),
    **READING,
}

KIND = SourceKind(
    key="u8",
    label=Text("用友 U8", "Yonyou U8"),
    options=U8Options,
    secrets={PASSWORD: Text("数据库密码", "the database password")},
    streams=_streams,
    open=_open,
    link=_link,
    form=_FORM,
    pushes=True,
    opened_by=lambda stream, path: path if stream == "Customer" and path in get_args(Contact) else None,
)
