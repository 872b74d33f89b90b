"""The fingerprint of a block of history: a Merkle root over its rows' hashes, chained to the block before."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

NO_BLOCK = bytes(32)
"""What the first block is chained to."""

_LEAF, _NODE = b"\x00", b"\x01"


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """The root over the hashes in their order.

    Leaves and nodes are told apart by a prefix (RFC 6962, section 2.1), so that no inner node can be passed off as a
    row; an odd one at the end of a level goes up as it is.
    """
    if not hashes:
        return sha256().digest()
    level = [sha256(_LEAF + each).digest() for each in hashes]
    while len(level) > 1:
        pairs = [sha256(_NODE + level[n] + level[n + 1]).digest() for n in range(0, len(level) - 1, 2)]
        level = [*pairs, level[-1]] if len(level) % 2 else pairs
    return level[0]


def block_hash(previous: bytes, epoch: int, rows: int, first_seq: int, last_seq: int, root: bytes) -> bytes:
    """``sha256(previous ‖ epoch ‖ rows ‖ first_seq ‖ last_seq ‖ root)``, numbers as 8 bytes, highest first."""
    numbers = b"".join(each.to_bytes(8, "big") for each in (epoch, rows, first_seq, last_seq))
    return sha256(previous + numbers + root).digest()
