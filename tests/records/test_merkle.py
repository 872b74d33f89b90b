from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from tongmai.records.merkle import NO_BLOCK, block_hash, merkle_root

hashes = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=20)


def test_the_root_of_one_row_is_its_leaf() -> None:
    row = sha256(b"row").digest()
    assert merkle_root([row]) == sha256(b"\x00" + row).digest()


def test_the_root_of_three_rows_is_built_as_written_down() -> None:
    a, b, c = (sha256(b"\x00" + bytes([n]) * 32).digest() for n in range(3))
    left = sha256(b"\x01" + a + b).digest()
    assert merkle_root([bytes([n]) * 32 for n in range(3)]) == sha256(b"\x01" + left + c).digest()


@given(hashes, st.data())
def test_any_change_changes_the_root(rows: list[bytes], data: st.DataObject) -> None:
    root = merkle_root(rows)
    place = data.draw(st.integers(0, len(rows) - 1))
    flipped = bytes([rows[place][0] ^ 1]) + rows[place][1:]
    assert merkle_root([*rows[:place], flipped, *rows[place + 1 :]]) != root
    assert merkle_root([*rows, rows[-1]]) != root
    if len(rows) > 1:
        assert merkle_root([*rows[:place], *rows[place + 1 :]]) != root
    if len(rows) > 1 and rows[0] != rows[-1]:
        assert merkle_root([rows[-1], *rows[1:-1], rows[0]]) != root


def test_an_inner_node_cannot_be_passed_off_as_a_row() -> None:
    rows = [bytes([n]) * 32 for n in range(4)]
    inner = [
        sha256(b"\x01" + sha256(b"\x00" + rows[n]).digest() + sha256(b"\x00" + rows[n + 1]).digest()).digest()
        for n in (0, 2)
    ]
    assert merkle_root(inner) != merkle_root(rows)


def test_each_part_of_a_block_counts() -> None:
    root = merkle_root([bytes(32)])
    base = block_hash(NO_BLOCK, 1, 2, 3, 4, root)
    others = [
        block_hash(root, 1, 2, 3, 4, root),
        block_hash(NO_BLOCK, 2, 2, 3, 4, root),
        block_hash(NO_BLOCK, 1, 3, 3, 4, root),
        block_hash(NO_BLOCK, 1, 2, 4, 4, root),
        block_hash(NO_BLOCK, 1, 2, 3, 5, root),
        block_hash(NO_BLOCK, 1, 2, 3, 4, NO_BLOCK),
    ]
    assert len({base, *others}) == 7
