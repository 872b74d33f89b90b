"""Names become identifiers in one way only, and no name is anything but a name."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongmai.kit import Invalid
from tongmai.store import Database, quote_ident

_NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: len(name.encode()) <= 63
)


@given(name=_NAMES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_name_comes_back_from_postgresql_as_it_was(database: Database, name: str) -> None:
    async with database.read() as tx:
        row = await tx.fetch_row(f"SELECT 1 AS {quote_ident(name)}")
    assert row is not None
    assert list(row.keys()) == [name]


@pytest.mark.parametrize("name", ["", "a" * 64, "长" * 22, "a\0b", "\ud800"])
def test_what_postgresql_would_cut_or_refuse_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="cannot be a name"):
        quote_ident(name)
