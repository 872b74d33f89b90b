"""What the product found at the demo chain, against its hidden truth. Each finding is the app's own: a class, a signal,
a metric against the threshold that the app sets."""

from __future__ import annotations

from dataclasses import dataclass

from tongmai.demo.findings import Findings
from tongmai.demo.measures import Hits
from tongmai.demo.stores.talks import TRIAL
from tongmai.demo.stores.truth import ChainTruth

# The app's rule tells of an enquiry that waits for so long (S2-44); here the median of a store's.
_SLOW_HOURS = 2
_BEHIND = ("urgent", "watch")


@dataclass(frozen=True, slots=True)
class ChainScore:
    """``withheld`` wishes were said where no consent lets the text be kept; of those in other words than a dictionary
    has (``veiled``) it tells apart how many were heard. ``found`` is all else, a kind each."""

    wishes: Hits
    withheld: int
    veiled: Hits
    found: tuple[Hits, ...]

    def document(self) -> dict[str, object]:
        return {
            "wishes": self.wishes.document(),
            "withheld_without_consent": self.withheld,
            "veiled": self.veiled.document(),
            "found": [each.document() for each in self.found],
        }


@dataclass(frozen=True)
class ChainScorer:
    """What ``findings`` show, measured by ``truth``."""

    findings: Findings
    truth: ChainTruth

    async def score(self) -> ChainScore:
        real = [each for each in self.truth.wishes if each.wording != "decoy"]
        audible = [each for each in real if each.consent == "agreed"]
        heard = {message for _, message in await self.findings.heard([TRIAL])}
        veiled = {each.message for each in audible if each.wording == "veiled"}
        return ChainScore(
            wishes=Hits.of(TRIAL, {each.message for each in audible}, heard),
            withheld=len(real) - len(audible),
            veiled=Hits.of("veiled", veiled, veiled & heard),
            found=(
                await self._sinking(),
                await self._slow(),
                await self._classed("referral_conduct", "pretend_referrers", self.truth.pretenders),
                await self._classed("visit_conduct", "visits_elsewhere", self.truth.absentees),
                await self._shelves(),
                await self._goods("goods_not_selling", self.truth.dead, "[sold_30] = 0 AND [goods_on_hand] > 0"),
                await self._goods("goods_run_out", self.truth.runs_out, "[days_of_cover] < 3"),
            ),
        )

    async def _sinking(self) -> Hits:
        """Stores that the app classes as far behind their plan (S4-05)."""
        there = {each.number for each in self.truth.stores if each.fate == "sinking"}
        rows = self.findings.records("store", ("number",), f"[sell_through_level] IN {_BEHIND}")
        return Hits.of("sinking_stores", there, {str(row["number"]) async for row in rows})

    async def _slow(self) -> Hits:
        there = {each.number for each in self.truth.stores if each.is_slow}
        rows = self.findings.records("store", ("number",), f"[first_contact] > {_SLOW_HOURS}h")
        return Hits.of("slow_stores", there, {str(row["number"]) async for row in rows})

    async def _classed(self, segment: str, kind: str, there: tuple[str, ...]) -> Hits:
        suspects = self.findings.records("person", ("name",), f"[{segment}] = 'suspect'")
        return Hits.of(kind, there, {str(row["name"]) async for row in suspects})

    async def _shelves(self) -> Hits:
        """Stores that a signal was made of (S0-06)."""
        there = {each.name for each in self.truth.stores if each.lacks_flagship}
        signals = self.findings.records("signal", ("title",), "[kind] = 'store_flagship_off_shelf'")
        return Hits.of("flagship_off_shelf", there, {str(row["title"]).partition("：")[0] async for row in signals})

    async def _goods(self, kind: str, there: tuple[str, ...], condition: str) -> Hits:
        rows = self.findings.records("goods", ("code",), f"{condition} AND [kind] = 'goods'")
        return Hits.of(kind, there, {str(row["code"]) async for row in rows})
