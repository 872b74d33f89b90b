"""What visitors and consultants write to each other, with the wish for a trial lesson planted in some of it (S4-32)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from tongmai.demo.stores.chain import Chain
from tongmai.demo.stores.visitors import Visitor, in_the_day
from tongmai.demo.stores.words import chain_words
from tongmai.demo.talk import Message, Planted, Wording

TRIAL = "trial_booking"
# Of those who book, how many ask for it in the chat, and of them in other words than a dictionary has; of all others,
# who only seem to ask.
_ASKS, _VEILED, _DECOY = 0.75, 0.25, 0.05


def messages_of(chain: Chain, visitors: Sequence[Visitor]) -> list[Message[Visitor]]:
    """All up to the end, oldest first; no two of a visitor share a moment."""
    found = (each for visitor in visitors if visitor.external for each in _messages(chain, visitor))
    return sorted((each for each in found if each.at < chain.end), key=lambda each: (each.at, each.customer.code))


def _messages(chain: Chain, visitor: Visitor) -> Iterator[Message[Visitor]]:
    rnd, words = chain.dice(f"talk {visitor.code}"), chain_words()
    at = visitor.asked + timedelta(seconds=rnd.randint(5, 50))
    if visitor.consent == "agreed":
        yield Message(visitor, at, True, "", "agree")
    yield Message(visitor, at + timedelta(seconds=9), True, rnd.choice(words.customer_says))
    planted = _planted(rnd, visitor)
    if visitor.contacted is None:
        return
    at = visitor.contacted
    yield Message(visitor, at, False, rnd.choice(words.openings))
    for place in range(rnd.randint(1, 4)):
        at += timedelta(seconds=rnd.randint(20, 100))
        if place == 0 and planted is not None:
            yield Message(visitor, at, True, _said(rnd, visitor, planted.wording), planted=planted)
        else:
            by_customer = place % 2 == 0
            yield Message(visitor, at, by_customer, rnd.choice(words.customer_says if by_customer else words.we_say))
    yield from _afterwards(rnd, visitor, max(at, visitor.noted or at))


def _planted(rnd: Random, visitor: Visitor) -> Planted | None:
    drawn = rnd.random()
    if visitor.booked is None:
        return Planted(TRIAL, "decoy") if drawn < _DECOY else None
    if drawn > _ASKS:
        return None
    return Planted(TRIAL, "veiled" if drawn < _ASKS * _VEILED else "plain")


def _said(rnd: Random, visitor: Visitor, wording: Wording) -> str:
    words = chain_words().trial_booking
    listed = {"plain": words.plain, "veiled": words.veiled, "decoy": words.decoys}[wording]
    return rnd.choice(listed).format(mobile=visitor.mobile)


def _afterwards(rnd: Random, visitor: Visitor, last: datetime) -> Iterator[Message[Visitor]]:
    """A word or two on one of the days after."""
    if rnd.random() < 0.5:
        at = in_the_day(last + timedelta(days=rnd.uniform(1, 4)))
        yield Message(visitor, at, False, rnd.choice(chain_words().we_say))
        if rnd.random() < 0.6:
            yield Message(
                visitor, at + timedelta(minutes=rnd.randint(2, 200)), True, rnd.choice(chain_words().customer_says)
            )
