"""An import in sets and chunks, two at a time, gives what writing the rows one by one would give."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from tongmai.records import verify_history

from .desk import Desk, table


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of some ten rows, so that a short file has many of them."""
    monkeypatch.setattr("tongmai.tabular.parsing._MOST_ROWS", 13)
    monkeypatch.setattr("tongmai.tabular.parsing._LEAST_ROWS", 5)


@dataclass
class OneByOne:
    """The rules of the company's customers, row after row, as plainly as can be."""

    merge: bool
    stored: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    def write(self, code: str, name: str, credit: str) -> None:
        wrong = credit != "" and (not credit.lstrip("-").isdigit() or int(credit) < 0)
        present = self.stored.get(code)
        if wrong or not code or (present is not None and not self.merge):
            self.refused += 1
        elif present is None:
            if not name:
                self.refused += 1
                return
            self.stored[code] = (name, credit or "1000", 1)
            self.inserted += 1
        else:
            after = (name or present[0], credit or present[1])
            if after == present[:2]:
                self.unchanged += 1
            else:
                self.stored[code] = (*after, present[2] + 1)
                self.updated += 1

    def account(self) -> dict[str, int]:
        names = ("inserted", "updated", "unchanged", "refused")
        return {name: getattr(self, name) for name in names}


def random_rows(seed: int) -> list[tuple[str, str, str]]:
    """Few codes, so that they repeat within a chunk and from chunk to chunk; blanks and faults among them."""
    chance = random.Random(seed)
    codes = [f"C{n}" for n in range(25)]
    return [
        (
            chance.choice(codes) if chance.random() < 0.97 else "",
            chance.choice(["甲", "乙", "丙", ""]) if chance.random() < 0.9 else "丁",
            chance.choice(["", "1", "2", "3", "-1", "x"]) if chance.random() < 0.6 else "5",
        )
        for _ in range(160)
    ]


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("mode", ["insert", "merge"])
@pytest.mark.parametrize("seed", range(4))
async def test_sets_give_what_single_rows_would(desk: Desk, mode: str, seed: int) -> None:
    rows = random_rows(seed)
    plain = OneByOne(merge=mode == "merge")
    for row in rows:
        plain.write(*row)
    more = {"key": ["code"]} if mode == "merge" else {}
    job = await desk.import_(
        table("编号,名称,授信额度", *(",".join(row) for row in rows)), "customer", mode=mode, **more
    )
    assert job.result is not None
    assert {key: job.result[key] for key in plain.account()} == plain.account()
    assert job.result["read"] == sum(any(row) for row in rows)
    found = {row["code"]: (row["name"], str(int(row["credit"])), row["version"]) for row in await desk.rows("customer")}
    assert found == plain.stored
    assert len(await desk.refused(job)) == plain.refused
    assert (await verify_history(desk.database, desk.workspace)).ok


@pytest.mark.usefixtures("small_chunks")
async def test_many_chunks_that_want_the_same_values_end(desk: Desk) -> None:
    """Two chunks under way hold what the other one waits for: they are done again, one after the other."""
    forth = [f"C{n},甲{n}" for n in range(26)]
    back = [f"C{n},乙{n}" for n in reversed(range(26))]
    job = await desk.import_(table("编号,名称", *forth[:13], *back[13:], *forth[13:], *back[:13]), "customer")
    assert job.result is not None
    assert (job.result["inserted"], job.result["refused"]) == (26, 26)
