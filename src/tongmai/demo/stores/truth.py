"""The hidden truth of the demo chain, written down beside the workspace: what to score by."""

from __future__ import annotations

from datetime import datetime

from tongmai.demo.stores.chain import Fate
from tongmai.demo.stores.telling import ChainStory
from tongmai.demo.stores.words import chain_words
from tongmai.demo.talk import Consent, Wording
from tongmai.demo.written import Written


class StoreTruth(Written):
    """``is_slow``: enquiries wait there for hours; ``lacks_flagship``: it never came on the shelf, stock or not."""

    number: str
    name: str
    fate: Fate
    is_slow: bool
    lacks_flagship: bool


class WishTruth(Written):
    """A message in which a trial lesson was asked for, or for a decoy only seems to be."""

    message: str
    wording: Wording
    at: datetime
    consent: Consent


class ChainTruth(Written):
    """``pretenders`` enter friends as referrers, ``absentees`` tap visits from elsewhere: by name. ``dead`` and
    ``runs_out`` are goods by code."""

    seed: int
    end: datetime
    stores: tuple[StoreTruth, ...]
    wishes: tuple[WishTruth, ...]
    pretenders: tuple[str, ...]
    absentees: tuple[str, ...]
    dead: tuple[str, ...]
    runs_out: tuple[str, ...]

    @staticmethod
    def of(story: ChainStory) -> ChainTruth:
        chain, words = story.chain, chain_words()
        return ChainTruth(
            seed=chain.seed,
            end=chain.end,
            stores=tuple(
                StoreTruth(
                    number=each.number,
                    name=each.name,
                    fate=each.fate,
                    is_slow=each.is_slow,
                    lacks_flagship=each.shelf == "missing",
                )
                for each in chain.stores
            ),
            wishes=tuple(
                WishTruth(message=each.id, wording=each.planted.wording, at=each.at, consent=each.customer.consent)
                for each in story.messages
                if each.planted is not None
            ),
            pretenders=tuple(each.name for each in chain.pretenders),
            absentees=(chain.absent_manager.name,),
            dead=tuple(words.dead),
            runs_out=tuple(words.runs_out),
        )
