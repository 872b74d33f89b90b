"""What passes over WeCom: talks with what was planted in them, words of consent, calls, Moments and who liked them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from tongmai.demo.people import Colleague
from tongmai.demo.talk import Message, Planted
from tongmai.demo.words import phrases
from tongmai.demo.world import Customer, World

# Of the talks: those in which something is planted at a customer who stays, and at one who is drifting away.
_PLANTED, _PLANTED_IN_DRIFT, _DECOY = 0.04, 0.16, 0.014
_VEILED = 0.28
_OF_DRIFT = ("competitor", "competitor_annual", "price_objection", "purchase_freeze", "owner_changed")
_POSTS_A_WEEK = 3
# How far back Moments go: as far as the history of classes needs them.
_POST_DAYS = 84


@dataclass(frozen=True, slots=True)
class Call:
    customer: Customer
    at: datetime
    seconds: int


@dataclass
class Post:
    """A Moment that a sales person published; ``likes`` and ``comments`` by customers with their moments."""

    id: str
    by: Colleague
    at: datetime
    text: str
    likes: list[tuple[Customer, datetime]] = field(default_factory=list)
    comments: list[tuple[Customer, datetime]] = field(default_factory=list)


def messages_of(world: World) -> list[Message[Customer]]:
    """All messages, oldest first; no two of a customer share a moment."""
    found = [each for customer in world.customers if customer.external for each in _messages(world, customer)]
    return sorted(found, key=lambda each: (each.at, each.customer.code))


def calls_of(world: World) -> list[Call]:
    found: list[Call] = []
    for customer in world.customers:
        rnd = world.dice(f"calls {customer.code}")
        found += [
            Call(customer, at, rnd.randint(20, 600))
            for at in _moments(world, customer, customer.talk_gap * 4.5, rnd)
            if rnd.random() < customer.energy(at)
        ]
    return sorted(found, key=lambda each: (each.at, each.customer.code))


def posts_of(world: World) -> list[Post]:
    """Three a week of each sales person, with who liked or commented them."""
    posts = {each.phone: list(_posts(world, each)) for each in world.sellers}
    for customer in world.customers:
        if customer.external and customer.likes:
            _react(world, customer, posts[customer.seller.phone])
    return sorted((each for listed in posts.values() for each in listed), key=lambda each: (each.at, each.id))


def _messages(world: World, customer: Customer) -> Iterator[Message[Customer]]:
    rnd = world.dice(f"talks {customer.code}")
    first = world.talks_from + timedelta(minutes=rnd.randint(1, 600))
    if customer.consent != "never":
        yield Message(customer, first, True, "", "agree")
    last = first
    for begun in _moments(world, customer, customer.talk_gap, rnd):
        # Who has grown quiet is still written to now and then, and answers less.
        if rnd.random() > max(0.22, customer.energy(begun)):
            continue
        for message in _talk(rnd, customer, max(begun, last + timedelta(minutes=5))):
            if message.at < world.end:
                yield message
                last = message.at
    if customer.consent == "withdrawn":
        yield Message(customer, last + timedelta(minutes=1), True, "", "disagree")


def _moments(world: World, customer: Customer, gap: float, rnd: Random) -> Iterator[datetime]:
    at = world.talks_from + timedelta(days=rnd.expovariate(1 / gap))
    while at < world.end:
        hour, minute, second = rnd.randint(8, 19), rnd.randint(0, 59), rnd.randint(0, 49)
        moment = at.replace(hour=hour, minute=minute, second=second, microsecond=0)
        if world.talks_from <= moment < world.end:
            yield moment
        at += timedelta(days=max(0.6, rnd.expovariate(1 / gap)))


def _talk(rnd: Random, customer: Customer, at: datetime) -> Iterator[Message[Customer]]:
    """A talk: mostly begun by us, with two to five messages; what is planted, the customer says."""
    answers = customer.fate != "silent" and rnd.random() < 0.35 + 0.62 * customer.energy(at)
    if rnd.random() < 0.7 or not answers:
        yield Message(customer, at, False, rnd.choice(phrases().openings))
    if not answers:
        return
    planted, words = _planted(rnd, customer, at), phrases()
    by_customer = True
    for place in range(rnd.randint(1, 4)):
        at += timedelta(seconds=rnd.randint(20, 900))
        if place == 0 and planted is not None:
            yield Message(customer, at, True, *_said(rnd, planted))
        else:
            yield Message(customer, at, by_customer, rnd.choice(words.customer_says if by_customer else words.we_say))
        by_customer = not by_customer


def _planted(rnd: Random, customer: Customer, at: datetime) -> Planted | None:
    drifting = customer.drifts is not None and at >= customer.drifts
    drawn = rnd.random()
    if drawn < (_PLANTED_IN_DRIFT if drifting else _PLANTED):
        kind = rnd.choice(_OF_DRIFT if drifting else tuple(phrases().plain))
        return Planted(kind, "veiled" if rnd.random() < _VEILED else "plain")
    if drawn > 1 - _DECOY:
        return Planted(rnd.choice(tuple(phrases().decoys)), "decoy")
    return None


def _said(rnd: Random, planted: Planted) -> tuple[str, str, Planted]:
    words = {"plain": phrases().plain, "veiled": phrases().veiled, "decoy": phrases().decoys}[planted.wording]
    return rnd.choice(words[planted.kind]), "text", planted


def _posts(world: World, seller: Colleague) -> Iterator[Post]:
    rnd = world.dice(f"posts {seller.phone}")
    texts = ("新品到货", "临床案例分享", "安装教学视频", "套餐活动", "学术会议回顾")
    for number in range(_POST_DAYS * _POSTS_A_WEEK // 7):
        at = (
            world.end
            - timedelta(days=_POST_DAYS)
            + timedelta(days=number * 7 / _POSTS_A_WEEK, hours=rnd.uniform(0, 12))
        )
        if at < world.end:
            moment = at.replace(microsecond=0)
            yield Post(f"mom{seller.phone[-5:]}{number:04d}", seller, moment, rnd.choice(texts))


def _react(world: World, customer: Customer, posts: Sequence[Post]) -> None:
    rnd = world.dice(f"likes {customer.code}")
    for post in posts:
        # One reaction a post is the most that the vendor tells of a like; the liveliest comment as well.
        wish = customer.likes * customer.energy(post.at) / _POSTS_A_WEEK
        for reactions, share in ((post.likes, 0.78), (post.comments, 0.4)):
            at = post.at + timedelta(minutes=rnd.randint(2, 900))
            if rnd.random() < wish * share and at < world.end:
                reactions.append((customer, at))
