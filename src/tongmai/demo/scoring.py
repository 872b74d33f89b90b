"""What the product found, against the hidden truth: signals, classes of health, gaming, late payers, setbacks and
shelves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue

from tongmai.demo.deals import TAGS
from tongmai.demo.findings import Findings
from tongmai.demo.measures import ClassScore, Hits, Score
from tongmai.demo.truth import Truth

# Who bought in so many days before the end is a buyer who may be lost; who has long gone is no prediction.
BUYER_DAYS = 120
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
            execution=(await self._reasons(), await self._parameters(), await self._shelves()),
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
        """Whom the app itself classes so, by its own thresholds."""
        suspects = self.findings.records("person", ("name",), "[month_end_conduct] = 'suspect'")
        return Hits.of("month_end", self.truth.month_end_pushers, {str(row["name"]) async for row in suspects})

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

    async def _reasons(self) -> Hits:
        """Deals that did not go on, each with each of its resistance tags."""
        there = {f"{each.name}|{tag}" for each in self.truth.setbacks for tag in each.tags}
        found: set[str] = set()
        for tag in TAGS:
            stopped = f"[stage] IN ('stalled', 'lost') AND HAS_ANY([resistance], '{tag}')"
            found |= {f"{row['name']}|{tag}" async for row in self.findings.records("opportunity", ("name",), stopped)}
        return Hits.of("setback_reasons", there, found)

    async def _parameters(self) -> Hits:
        """The five parameters that were most often not met (S0-34)."""
        told = Counter(each.parameter for each in self.truth.setbacks if each.parameter)
        rows = await self.findings.grouped(
            "opportunity", ["unmet_parameter"], {"n": "count()"}, "HAS_ANY([resistance], 'technical')"
        )
        found = Counter({str(row["unmet_parameter"]): int(str(row["n"])) for row in rows})
        return Hits.of("unmet_top5", _most(told, 5), _most(found, 5))

    async def _shelves(self) -> Hits:
        """Stores that a signal was made of (S0-06)."""
        signals = self.findings.records("signal", ("title",), "[kind] = 'flagship_off_shelf'")
        found = {str(row["title"]).partition("：")[0] async for row in signals}
        return Hits.of("flagship_off_shelf", self.truth.missing_stores, found)


def _of(kind: str, pairs: Iterable[tuple[str, str]]) -> set[str]:
    return {message for each, message in pairs if each == kind}


def _most(counts: Counter[str], number: int) -> list[str]:
    """The most frequent; of equally frequent ones the first by name."""
    return sorted(counts, key=lambda name: (-counts[name], name))[:number]
