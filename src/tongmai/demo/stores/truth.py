"""The hidden truth of the demo chain, written down beside the workspace: what to score by."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tongmai.demo.stores.chain import Fate
from tongmai.demo.stores.telling import ChainStory
from tongmai.demo.stores.words import chain_words
from tongmai.demo.talk import Consent, Wording


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoreTruth(_Written):
    """``is_slow``: enquiries wait there for hours; ``lacks_flagship``: it never came on the shelf, stock or not."""

    number: str
    name: str
    fate: Fate
    is_slow: bool
    lacks_flagship: bool


class WishTruth(_Written):
    """A message in which a trial lesson was asked for, or for a decoy only seems to be."""

    message: str
    wording: Wording
    at: datetime
    consent: Consent


class ChainTruth(_Written):
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

    def write(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.model_dump_json(indent=1), encoding="utf-8")

    @staticmethod
    def read(file: Path) -> ChainTruth:
        return ChainTruth.model_validate_json(file.read_bytes())
