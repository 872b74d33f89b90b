import pytest

from tongmai.kit import TooMany
from tongmai.web.rate import Rate, RateLimit


class Hand:
    """A clock hand the test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_burst_is_taken_and_then_the_sustained_rate() -> None:
    hand = Hand()
    limit = RateLimit(Rate(per_second=2, burst=3), hand)
    for _ in range(3):
        limit.take("a")
    with pytest.raises(TooMany) as refused:
        limit.take("a")
    assert refused.value.extra["retry_after"] >= 1
    hand.at += 0.5
    limit.take("a")
    with pytest.raises(TooMany):
        limit.take("a")


def test_one_persons_haste_does_not_slow_another() -> None:
    limit = RateLimit(Rate(per_second=1, burst=1), Hand())
    limit.take("a")
    limit.take("b")
    with pytest.raises(TooMany):
        limit.take("a")


def test_those_who_rest_are_forgotten() -> None:
    hand = Hand()
    limit = RateLimit(Rate(per_second=1, burst=2), hand)
    for n in range(1000):
        limit.take(str(n))
    hand.at += 61
    limit.take("last")
    assert limit.remembered() == 1
