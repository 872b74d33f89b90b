"""The company's trade as rows of a U8 account book (its tables and columns as they are called there)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tongmai.demo.approvals import REBATE, Approval
from tongmai.demo.products import WAREHOUSES, products
from tongmai.demo.trade import Invoice, Line, Order, order_codes
from tongmai.demo.world import World, area_code
from tongmai.simulators.u8 import AccountBook

_RECEIPT = "48"
_BY_BANK, _BY_REBATE = "03", "FL"
_OLD_STOCK = 400


@dataclass
class U8Writer:
    """Fills one account book. People stand in it by name, as the company keeps its person codes."""

    world: World
    orders: Sequence[Order]
    invoices: Sequence[Invoice]
    approvals: Sequence[Approval]
    book: AccountBook = field(default_factory=AccountBook)
    _upto: datetime | None = field(default=None, init=False)
    _codes: dict[int, str] = field(default_factory=dict, init=False)
    _bills: dict[int, str] = field(default_factory=dict, init=False)
    _sales: dict[str, list[Order]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._codes = {id(each): code for each, code in zip(self.orders, order_codes(self.orders), strict=True)}
        self._sales = defaultdict(list)
        for each in self.orders:
            if not each.is_return:
                self._sales[each.customer.code].append(each)
        self._bills = {id(each): f"FP{each.at:%y%m}{number:05d}" for number, each in enumerate(self.invoices, 1)}

    def bring_up(self, moment: datetime) -> None:
        """Adds all that happened since the last time, up to the moment."""
        if self._upto is None:
            self._archives()
        for number, order in enumerate(self.orders, 1):
            if self._is_new(order.at, moment):
                self._order(number, order)
        for number, invoice in enumerate(self.invoices, 1):
            if self._is_new(invoice.at, moment):
                self._invoice(number, invoice)
        paid = enumerate(self._receipts(), 1)
        for number, (at, values) in paid:
            if self._is_new(at, moment):
                self._receipt(number, at, values)
        self._stock(moment)
        self.book.connection.commit()
        self._upto = moment

    def _is_new(self, at: datetime, moment: datetime) -> bool:
        return at <= moment and (self._upto is None or at > self._upto)

    def _archives(self) -> None:
        begun = _told(self.world.start)
        for customer in self.world.customers:
            self.book.add(
                "Customer", cCusCode=customer.code, cCusName=customer.name, cCusAbbName=customer.name[:20],
                cCCCode=customer.kind, cDCCode=area_code(customer.city), cTrade=customer.trade,
                cCusAddress=customer.address, cCusPerson=customer.contact, cCusHand=customer.phone,
                cCusPPerson=customer.seller.name, iCusCreLine=customer.credit, dCusDevDate=begun, dModifyDate=begun,
            )  # fmt: skip
        for each in products():
            self.book.add(
                "Inventory", cInvCode=each.code, cInvName=each.name, cInvStd=each.name.rpartition(" ")[2],
                cInvCCode=each.category, cComUnitCode="01", iInvSCost=each.price,
                iInvNCost=float(each.cost), dSDate=begun, dModifyDate=begun,
            )  # fmt: skip

    def _order(self, number: int, order: Order) -> None:
        code, at = self._codes[id(order)], _told(order.at)
        who = order.customer.seller.name
        self.book.add(
            "SO_SOMain", ID=number, cSOCode=code, cSTCode="02" if order.is_return else "01", dDate=at,
            cCusCode=order.customer.code, cCusName=order.customer.name, cDepCode="01", cPersonCode=who,
            cexch_name="人民币", iExchRate=1, iTaxRate=13, iStatus=1, cMaker=who, cVerifier="何会计",
            cMemo="退货" if order.is_return else "", dverifydate=at, dmodifysystime=at,
        )  # fmt: skip
        for row, line in enumerate(order.lines, 1):
            self._order_line(number, row, code, line, order.at)
        if not order.is_return:
            self._dispatch(number, code, order)

    def _order_line(self, number: int, row: int, code: str, line: Line, at: datetime) -> None:
        price, before_tax = line.product.price, line.product.price * line.quantity
        self.book.add(
            "SO_SODetails", iSOsID=number * 10 + row, ID=number, cSOCode=code, iRowNo=row, cInvCode=line.product.code,
            cInvName=line.product.name, dPreDate=_told(at + timedelta(days=2)), iQuantity=line.quantity,
            iUnitPrice=price, iTaxUnitPrice=round(price * 1.13, 4), iMoney=before_tax,
            iTax=float(line.amount) - before_tax, iSum=float(line.amount), iTaxRate=13, iFHQuantity=line.quantity,
        )  # fmt: skip

    def _dispatch(self, number: int, code: str, order: Order) -> None:
        sent = _told(order.at + timedelta(hours=20))
        self.book.add(
            "DispatchList", DLID=number, cDLCode=f"FH{number:08d}", cVouchType="05", dDate=sent, cSOCode=code,
            cCusCode=order.customer.code, cPersonCode=order.customer.seller.name,
            cShipAddress=order.customer.address, dmodifysystime=sent,
        )  # fmt: skip
        for row, line in enumerate(order.lines, 1):
            self.book.add(
                "DispatchLists", AutoID=number * 10 + row, DLID=number, iSOsID=number * 10 + row, cSoCode=code,
                cWhCode=_warehouse(order.customer.city), cInvCode=line.product.code, iQuantity=line.quantity,
                iSum=float(line.amount),
            )  # fmt: skip

    def _invoice(self, number: int, invoice: Invoice) -> None:
        self.book.add(
            "SaleBillVouch", SBVID=number, cSBVCode=self._bills[id(invoice)], cVouchType="26", dDate=_told(invoice.at),
            cCusCode=invoice.customer.code, cPersonCode=invoice.customer.seller.name, cVerifier="何会计",
            cSOCode=self._codes[id(invoice.orders[-1])], dGatheringDate=_told(invoice.due),
            dmodifysystime=_told(invoice.at),
        )  # fmt: skip
        self.book.add(
            "SaleBillVouchs", AutoID=number, SBVID=number, iQuantity=1, iSum=float(invoice.amount),
            iMoneySum=float(invoice.amount),
        )  # fmt: skip

    def _receipts(self) -> Iterator[tuple[datetime, dict[str, object]]]:
        """Money that came, and rebates set off against invoices."""
        for invoice in self.invoices:
            if invoice.paid is not None:
                yield invoice.paid, {
                    "cDwCode": invoice.customer.code, "cPerson": invoice.customer.seller.name, "cSSCode": _BY_BANK,
                    "iAmount": float(invoice.amount), "cDigest": f"货款 {self._bills[id(invoice)]}",
                }  # fmt: skip
        for approval in self.approvals:
            if approval.template == REBATE and approval.used is not None:
                at, amount = approval.used
                yield at, {
                    "cDwCode": approval.customer.code, "cPerson": approval.customer.seller.name,
                    "cSSCode": _BY_REBATE, "iAmount": float(amount),
                    "cDigest": self._set_off(approval.customer.code, at),
                }  # fmt: skip

    def _set_off(self, customer: str, at: datetime) -> str:
        """Against the latest order that had been placed by then."""
        placed = [each for each in self._sales[customer] if each.at <= at]
        return f"返利冲抵货款 {self._codes[id(placed[-1])]}" if placed else "返利冲抵货款"

    def _receipt(self, number: int, at: datetime, values: dict[str, object]) -> None:
        self.book.add(
            "Ap_CloseBill", iID=number, cVouchType=_RECEIPT, cVouchID=f"SK{number:08d}", dVouchDate=_told(at),
            cexch_name="人民币", iAmount_f=values["iAmount"], iRAmount=0, cFlag="AR", cCheckMan="何会计",
            dmodifysystime=_told(at), **values,
        )  # fmt: skip

    def _stock(self, moment: datetime) -> None:
        """What lies in the warehouses: read whole each time, as U8 keeps no version of it."""
        rnd = self.world.dice(f"stock {moment:%Y%m%d}")
        self.book.connection.execute('DELETE FROM "CurrentStock"')
        for place, warehouse in enumerate(WAREHOUSES):
            for number, each in enumerate(products()):
                quantity = rnd.randrange(0, _OLD_STOCK)
                self.book.add(
                    "CurrentStock", AutoID=place * 1000 + number, cWhCode=warehouse, cInvCode=each.code,
                    iQuantity=quantity, fAvaQuantity=quantity, bStopFlag=0,
                )  # fmt: skip


def _warehouse(city: str) -> str:
    return WAREHOUSES[{"杭州": 1, "嘉兴": 1, "湖州": 1, "宁波": 2, "台州": 2}.get(city, 0)]


def _told(moment: datetime) -> str:
    """U8 keeps its moments without a zone, as the company's clocks show them."""
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
