"""The hidden truth, written down beside the workspace: what nobody in the demo company knows, and what to score by."""

from __future__ import annotations

from datetime import date, datetime

from tongmai.demo.talk import Consent, Wording
from tongmai.demo.telling import Story
from tongmai.demo.world import Fate
from tongmai.demo.written import Written

# From so many days on somebody pays late.
_LATE_DAYS = 10


class CustomerTruth(Written):
    """``stops_on``: from that day he orders no more, it may lie ahead; ``shows_from``: from that day it shows;
    ``lull``: he is quiet then, for no reason that matters."""

    code: str
    name: str
    fate: Fate
    stops_on: date | None
    shows_from: date | None
    lull: tuple[date, date] | None
    pays_late: bool


class PlantedTruth(Written):
    """A message in which ``kind`` was planted, or for a decoy only seems to be. ``consent``: without it the text is not
    kept, and nothing can be heard in it."""

    message: str
    kind: str
    wording: Wording
    at: datetime
    customer: str
    consent: Consent


class DealTruth(Written):
    """A deal that stalled or was lost, and what stood in the way; ``parameter`` is empty where no specification did."""

    name: str
    decided: datetime
    tags: tuple[str, ...]
    parameter: str


class Truth(Written):
    """``month_end_pushers`` pull orders to the month's end and take them back, ``backdaters`` hand in visits late: both
    by name. ``setbacks``: deals that did not go on. ``missing_stores`` never put the flagship on the shelf."""

    seed: int
    end: datetime
    customers: tuple[CustomerTruth, ...]
    planted: tuple[PlantedTruth, ...]
    month_end_pushers: tuple[str, ...]
    backdaters: tuple[str, ...]
    setbacks: tuple[DealTruth, ...] = ()
    missing_stores: tuple[str, ...] = ()

    @staticmethod
    def of(story: Story) -> Truth:
        world = story.world
        return Truth(
            seed=world.seed,
            end=world.end,
            customers=tuple(
                CustomerTruth(
                    code=each.code,
                    name=each.name,
                    fate=each.fate,
                    stops_on=each.stops.date() if each.stops else None,
                    shows_from=each.drifts.date() if each.drifts else None,
                    lull=(each.lull[0].date(), each.lull[1].date()) if each.lull else None,
                    pays_late=each.days_late >= _LATE_DAYS,
                )
                for each in world.customers
            ),
            planted=tuple(
                PlantedTruth(
                    message=each.id,
                    kind=each.planted.kind,
                    wording=each.planted.wording,
                    at=each.at,
                    customer=each.customer.code,
                    consent=each.customer.consent,
                )
                for each in story.messages
                if each.planted is not None
            ),
            month_end_pushers=tuple(each.name for each in world.month_end_pushers),
            backdaters=tuple(each.name for each in world.backdaters),
            setbacks=tuple(
                DealTruth(name=each.name, decided=each.decided, tags=each.tags, parameter=each.parameter)
                for each in story.deals
                if each.is_set_back
            ),
            missing_stores=tuple(each.customer.name for each in story.stores if each.never),
        )
