from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tongmai.kit import FixedClock, new_id, new_id_at


def test_ids_made_at_one_standing_moment_strictly_increase() -> None:
    clock = FixedClock(datetime(2026, 11, 2, 1, tzinfo=UTC))
    made = [new_id(clock) for _ in range(5_000)]
    assert made == sorted(set(made))


def test_ids_of_a_moving_clock_increase_and_carry_its_millisecond() -> None:
    moment = datetime(2031, 1, 1, tzinfo=UTC)
    earlier, later = new_id_at(moment), new_id_at(moment + timedelta(milliseconds=5))
    assert earlier < later
    assert (later.int >> 80) - (earlier.int >> 80) == 5


@given(st.datetimes(datetime(1990, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC)))
def test_every_id_is_a_version_7_uuid_and_tells_its_moment(moment: datetime) -> None:
    made = new_id_at(moment)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    # Ids of one process never go back within a second, so an id may be stamped up to a second later than asked.
    told = datetime.fromtimestamp((made.int >> 80) / 1000, UTC)
    assert timedelta(milliseconds=-2) < told - moment < timedelta(seconds=1.1)
