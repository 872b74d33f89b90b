"""What the product found, against the hidden truth: signals, classes of health, gaming, late payers."""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from tongmai.demo.findings import Findings, label_of
from tongmai.demo.measures import ClassScore, Hits, Score
from tongmai.demo.truth import Truth

# Who bought in so many days before the end is a buyer who may be lost; who has long gone is no prediction.
BUYER_DAYS = 120
# A seller stands out who has so much of his orders on a month's last two days, and so much of them comes back.
_LAST_DAYS_SHARE, _RETURNED_SHARE = 0.30, 0.10
# One who tells so many of his visits so long after them.
_LATE_VISITS_SHARE, _LATE_VISIT = 0.30, timedelta(days=3)
# A customer whose paid instalments were so many days late on average.
_LATE_DAYS = 7
_BY_CODE: JsonValue = {"field": "customer.code", "name": "code"}


@dataclass(frozen=True)
class Scorer:
    """What ``findings`` show, measured by ``truth``."""

    findings: Findings
    truth: Truth

    async def score(self) -> Score:
        real = [each for each in self.truth.planted if each.wording != "decoy"]
        audible = [each for each in real if each.consent == "agreed"]
        kinds = sorted({each.kind for each in self.truth.planted})
        heard = await self.findings.heard(kinds)
        there = {(each.kind, each.message) for each in audible}
        veiled = {each.message for each in audible if each.wording == "veiled"}
        classes, base = await self._classes()
        return Score(
            signals=(
                *(Hits.of(kind, _of(kind, there), _of(kind, heard)) for kind in kinds),
                Hits("all", len(there), len(heard), len(there & heard)),
            ),
            withheld=len(real) - len(audible),
            veiled=Hits.of("veiled", veiled, veiled & {message for _, message in there & heard}),
            classes=classes,
            base_rate=base,
            gaming=(await self._pushers(), await self._backdaters(), await self._late_payers()),
        )

    async def _classes(self) -> tuple[tuple[ClassScore, ...], float | None]:
        leaving = {each.code for each in self.truth.customers if each.fate == "leaving"}
        since = (self.truth.end - timedelta(days=BUYER_DAYS)).date()
        bought = await self.findings.grouped("order", [_BY_CODE], {"n": "count()"}, f"[placed] >= '{since}'")
        buyers = {str(row["code"]) for row in bought}
        counts: dict[str, Counter[bool]] = defaultdict(Counter)
        async for row in self.findings.records("customer", ("code", "customer_health"), "[orders_ever] > 0"):
            if row["code"] in buyers:
                counts[str(row["customer_health"])][row["code"] in leaving] += 1
        total = sum(each.total() for each in counts.values())
        base = sum(each[True] for each in counts.values()) / total if total else None
        found = (
            ClassScore(key, each.total(), each[True], each[True] / each.total() / base if base else None)
            for key, each in sorted(counts.items())
        )
        return tuple(found), base

    async def _pushers(self) -> Hits:
        orders, late, back = Counter[str](), Counter[str](), Counter[str]()
        zone = ZoneInfo(self.findings.workspace.zone)
        async for row in self.findings.records("order", ("placed", "owner"), "TRUE"):
            owner = label_of(row["owner"])
            orders[owner] += 1
            late[owner] += _is_month_end(datetime.fromisoformat(str(row["placed"])).astimezone(zone))
        returned = await self.findings.grouped(
            "order_line", ["owner"], {"n": "count_distinct(order)"}, "[quantity] < 0"
        )
        for row in returned:
            back[label_of(row["owner"])] = int(str(row["n"]))
        found = {
            who
            for who, count in orders.items()
            if late[who] / count > _LAST_DAYS_SHARE and back[who] / count > _RETURNED_SHARE
        }
        return Hits.of("month_end", self.truth.month_end_pushers, found)

    async def _backdaters(self) -> Hits:
        visits, late = Counter[str](), Counter[str]()
        for who, after in await self.findings.visits_told():
            visits[who] += 1
            late[who] += after > _LATE_VISIT
        found = {who for who, count in visits.items() if late[who] / count > _LATE_VISITS_SHARE}
        return Hits.of("backdated_visits", self.truth.backdaters, found)

    async def _late_payers(self) -> Hits:
        rows = await self.findings.grouped(
            "payment_plan", [_BY_CODE], {"late": "avg(overdue_days)"}, "[paid_date] IS NOT BLANK"
        )
        late = {str(row["code"]): float(str(row["late"])) for row in rows if row["late"] is not None}
        there = {each.code for each in self.truth.customers if each.pays_late and each.code in late}
        return Hits.of("late_payers", there, {code for code, days in late.items() if days > _LATE_DAYS})


def _of(kind: str, pairs: Iterable[tuple[str, str]]) -> set[str]:
    return {message for each, message in pairs if each == kind}


def _is_month_end(at: datetime) -> bool:
    return at.day >= calendar.monthrange(at.year, at.month)[1] - 1
