"""The tables of a U8 account book as they are called there, in SQLite, and a small company that trades in it.

Column names are U8's own (data dictionary of U8+ V13: SO_SOMain, SO_SODetails, Customer, Inventory, CurrentStock,
DispatchList, DispatchLists, SaleBillVouch, SaleBillVouchs, Ap_CloseBill). ``ufts`` and ``pubufts`` are SQL Server's
rowversion: eight bytes that rise with every change of any row of the database.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["text", "integer", "money", "moment", "rowversion", "bit"]

# Money and quantities are decimals of four places there.
TABLES: Mapping[str, Mapping[str, Kind]] = {
    "Customer": {
        "cCusCode": "text", "cCusName": "text", "cCusAbbName": "text", "cCCCode": "text", "cDCCode": "text",
        "cTrade": "text", "cCusAddress": "text", "cCusRegCode": "text", "cCusPerson": "text", "cCusPhone": "text",
        "cCusHand": "text", "cCusEmail": "text", "cCusPPerson": "text", "iCusCreLine": "money", "cCusPayCond": "text",
        "dCusDevDate": "moment", "dEndDate": "moment", "dModifyDate": "moment", "pubufts": "rowversion",
    },
    "Inventory": {
        "cInvCode": "text", "cInvAddCode": "text", "cInvName": "text", "cInvStd": "text", "cInvCCode": "text",
        "cComUnitCode": "text", "iInvSCost": "money", "iInvNCost": "money", "dSDate": "moment", "dEDate": "moment",
        "dModifyDate": "moment", "pubufts": "rowversion",
    },
    "SO_SOMain": {
        "ID": "integer", "cSOCode": "text", "cSTCode": "text", "dDate": "moment", "cCusCode": "text",
        "cCusName": "text", "cDepCode": "text", "cPersonCode": "text", "cexch_name": "text", "iExchRate": "money",
        "iTaxRate": "money", "cMemo": "text", "iStatus": "integer", "cMaker": "text", "cVerifier": "text",
        "cCloser": "text", "dPreDateBT": "moment", "dverifydate": "moment", "dmodifysystime": "moment",
        "ufts": "rowversion",
    },
    "SO_SODetails": {
        "iSOsID": "integer", "ID": "integer", "cSOCode": "text", "iRowNo": "integer", "cInvCode": "text",
        "cInvName": "text", "dPreDate": "moment", "iQuantity": "money", "iTaxUnitPrice": "money", "iUnitPrice": "money",
        "iMoney": "money", "iTax": "money", "iSum": "money", "iTaxRate": "money", "iFHQuantity": "money",
        "iKPQuantity": "money", "cMemo": "text", "cSCloser": "text",
    },
    "DispatchList": {
        "DLID": "integer", "cDLCode": "text", "cVouchType": "text", "dDate": "moment", "cSOCode": "text",
        "cCusCode": "text", "cDepCode": "text", "cPersonCode": "text", "cShipAddress": "text", "cMemo": "text",
        "cMaker": "text", "cVerifier": "text", "dmodifysystime": "moment", "ufts": "rowversion",
    },
    "DispatchLists": {
        "AutoID": "integer", "DLID": "integer", "iSOsID": "integer", "cSoCode": "text", "cWhCode": "text",
        "cInvCode": "text", "iQuantity": "money", "iTaxUnitPrice": "money", "iSum": "money",
    },
    "SaleBillVouch": {
        "SBVID": "integer", "cSBVCode": "text", "cVouchType": "text", "dDate": "moment", "cCusCode": "text",
        "cSOCode": "text", "cDLCode": "text", "cPersonCode": "text", "cVerifier": "text", "dGatheringDate": "moment",
        "dmodifysystime": "moment", "ufts": "rowversion",
    },
    "SaleBillVouchs": {
        "AutoID": "integer", "SBVID": "integer", "iSOsID": "integer", "cInvCode": "text", "iQuantity": "money",
        "iSum": "money", "iMoneySum": "money",
    },
    "Ap_CloseBill": {
        "iID": "integer", "cVouchType": "text", "cVouchID": "text", "dVouchDate": "moment", "cDwCode": "text",
        "cPerson": "text", "cSSCode": "text", "cexch_name": "text", "iAmount_f": "money", "iAmount": "money",
        "iRAmount": "money", "cDigest": "text", "cFlag": "text", "cCheckMan": "text", "dmodifysystime": "moment",
        "Ufts": "rowversion",
    },
    "CurrentStock": {
        "AutoID": "integer", "cWhCode": "text", "cInvCode": "text", "cBatch": "text", "iQuantity": "money",
        "fOutQuantity": "money", "fInQuantity": "money", "fAvaQuantity": "money", "bStopFlag": "bit",
    },
}  # fmt: skip
_SQLITE: Mapping[Kind, str] = {
    "text": "TEXT", "integer": "INTEGER", "money": "NUMERIC", "moment": "TEXT", "rowversion": "BLOB", "bit": "INTEGER",
}  # fmt: skip
_NAMES = ("华东机械", "江南化工", "长城电子", "远大物流", "恒信建材", "海纳食品", "北辰仪器", "东方包装")
_CITIES = ("上海", "苏州", "杭州", "宁波", "南京", "无锡")
_PRODUCTS = ("轴承", "阀门", "电机", "减速器", "传感器", "密封圈")
# U8 keeps its moments without a zone, as the wall clock of the company shows them.
_START = datetime(2026, 1, 5, 9, 0)  # noqa: DTZ001


class AccountBook:
    """A database of U8. Not for several threads at once."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._rowversion = 0x1000
        self.connection.create_function("MIN_ACTIVE_ROWVERSION", 0, lambda: (self._rowversion + 1).to_bytes(8, "big"))
        for table, columns in TABLES.items():
            listed = ", ".join(f'"{name}" {_SQLITE[kind]}' for name, kind in columns.items())
            self.connection.execute(f'CREATE TABLE "{table}" ({listed})')

    def add(self, table: str, **values: object) -> None:
        """Adds a row; its rowversion is the next."""
        given = {**values, **self.next_stamp(table)}
        names = ", ".join(f'"{name}"' for name in given)
        marks = ", ".join("?" for _ in given)
        self.connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(given.values()))  # noqa: S608

    def change(self, table: str, key: str, value: object, **values: object) -> int:
        """Changes rows by a column's value; how many. Each gets a rowversion of its own in U8; here one will do."""
        given = {**values, **self.next_stamp(table)}
        listed = ", ".join(f'"{name}" = ?' for name in given)
        done = self.connection.execute(
            f'UPDATE "{table}" SET {listed} WHERE "{key}" = ?',  # noqa: S608
            [*given.values(), value],
        )
        return done.rowcount

    def drop_column(self, table: str, column: str) -> None:
        """As an older version of U8 has it."""
        self.connection.execute(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')

    def next_stamp(self, table: str) -> dict[str, bytes]:
        """The rowversion of the next change, in the columns of a table that hold it."""
        self._rowversion += 1
        stamp = self._rowversion.to_bytes(8, "big")
        return {name: stamp for name, kind in TABLES[table].items() if kind == "rowversion"}


def demo_book(customers: int = 20, orders: int = 100, seed: int = 8) -> AccountBook:
    """A company that trades: customers, products, stock, orders with lines, deliveries, invoices and payments."""
    book, rnd = AccountBook(), random.Random(seed)  # noqa: S311 - sample data
    codes = [_add_customer(book, rnd, number) for number in range(1, customers + 1)]
    products = [_add_product(book, rnd, number) for number in range(1, 13)]
    for number in range(1, orders + 1):
        _add_order(book, rnd, number, rnd.choice(codes), products)
    book.connection.commit()
    return book


def _add_customer(book: AccountBook, rnd: random.Random, number: int) -> str:
    code, city = f"01{number:03d}", rnd.choice(_CITIES)
    name = f"{city}{_NAMES[number % len(_NAMES)]}{number}号有限公司"
    book.add(
        "Customer", cCusCode=code, cCusName=name, cCusAbbName=name.removesuffix("有限公司"), cCCCode="01",
        cTrade="制造业", cCusAddress=f"{city}市工业路{number}号", cCusRegCode=f"9131000000000{number:05d}",
        cCusPerson=f"张{number}", cCusPhone=f"021-5{number:07d}", cCusHand=f"138{number:08d}",
        iCusCreLine=50_000 * (1 + number % 5), dCusDevDate=_iso(_START), dModifyDate=_iso(_START),
    )  # fmt: skip
    return code


def _add_product(book: AccountBook, rnd: random.Random, number: int) -> tuple[str, str, int]:
    code, price = f"P{number:03d}", rnd.randrange(20, 900)
    name = f"{_PRODUCTS[number % len(_PRODUCTS)]} {number}型"
    book.add("Inventory", cInvCode=code, cInvName=name, cInvStd=f"S-{number}", cComUnitCode="01", iInvSCost=price)
    for warehouse in ("01", "02"):
        book.add(
            "CurrentStock", AutoID=number * 10 + int(warehouse), cWhCode=warehouse, cInvCode=code,
            iQuantity=rnd.randrange(0, 500), fAvaQuantity=rnd.randrange(0, 300), bStopFlag=0,
        )  # fmt: skip
    return code, name, price


def _add_order(
    book: AccountBook, rnd: random.Random, number: int, customer: str, products: Sequence[tuple[str, str, int]]
) -> None:
    at = _START + timedelta(days=number * 2, hours=rnd.randrange(8))
    code = f"SO{at:%Y%m}{number:04d}"
    total = 0.0
    book.add(
        "SO_SOMain", ID=number, cSOCode=code, cSTCode="01", dDate=_iso(at), cCusCode=customer, cDepCode="01",
        cPersonCode="001", cexch_name="人民币", iExchRate=1, iTaxRate=13, iStatus=1, cMaker="demo", cVerifier="demo",
        dmodifysystime=_iso(at),
    )  # fmt: skip
    for line in range(1, rnd.randrange(1, 5) + 1):
        product, name, price = rnd.choice(list(products))
        quantity = rnd.randrange(1, 50)
        amount = round(quantity * price * 1.13, 2)
        total += amount
        book.add(
            "SO_SODetails", iSOsID=number * 100 + line, ID=number, cSOCode=code, iRowNo=line, cInvCode=product,
            cInvName=name, dPreDate=_iso(at + timedelta(days=14)), iQuantity=quantity, iUnitPrice=price,
            iTaxUnitPrice=round(price * 1.13, 4), iMoney=quantity * price, iTax=round(quantity * price * 0.13, 2),
            iSum=amount, iTaxRate=13,
        )  # fmt: skip
    if number % 3:
        _deliver(book, number, code, customer, total, at)


def _deliver(book: AccountBook, number: int, code: str, customer: str, total: float, at: datetime) -> None:
    sent, billed = at + timedelta(days=10), at + timedelta(days=12)
    shipped = {"dDate": _iso(sent), "cSOCode": code, "cCusCode": customer, "cVouchType": "05"}
    book.add("DispatchList", DLID=number, cDLCode=f"FH{number:06d}", dmodifysystime=_iso(sent), **shipped)
    book.add("DispatchLists", AutoID=number, DLID=number, iSOsID=number * 100 + 1, cSoCode=code, cWhCode="01")
    book.add(
        "SaleBillVouch", SBVID=number, cSBVCode=f"FP{number:06d}", cVouchType="26", dDate=_iso(billed),
        cCusCode=customer, cSOCode=code, dGatheringDate=_iso(billed + timedelta(days=30)),
        dmodifysystime=_iso(billed),
    )  # fmt: skip
    book.add("SaleBillVouchs", AutoID=number, SBVID=number, iSOsID=number * 100 + 1, iSum=round(total, 2))
    if number % 2:
        paid = billed + timedelta(days=25)
        book.add(
            "Ap_CloseBill", iID=number, cVouchType="48", cVouchID=f"SK{number:06d}", dVouchDate=_iso(paid),
            cDwCode=customer, cexch_name="人民币", iAmount_f=round(total, 2), iAmount=round(total, 2), iRAmount=0,
            cFlag="AR", dmodifysystime=_iso(paid),
        )  # fmt: skip


def _iso(moment: datetime) -> str:
    return moment.isoformat(sep=" ")
