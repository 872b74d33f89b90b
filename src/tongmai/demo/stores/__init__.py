"""The demo chain 童趣成长: made-up stores of early-childhood education and toys with a hidden, documented truth.

Invariants: those of the demo company beside it: the same seed, end and size give the same chain; it comes in through
sources and mappings alone; what is measured against the truth is read like anyone reads records.
"""

from tongmai.demo.stores.chain import MOST_STORES, SIGN_INS, Chain
from tongmai.demo.stores.loading import KEY, ChainLoading
from tongmai.demo.stores.scoring import ChainScore, ChainScorer
from tongmai.demo.stores.systems import stores_running
from tongmai.demo.stores.telling import ChainStory
from tongmai.demo.stores.truth import ChainTruth

__all__ = [
    "KEY",
    "MOST_STORES",
    "SIGN_INS",
    "Chain",
    "ChainLoading",
    "ChainScore",
    "ChainScorer",
    "ChainStory",
    "ChainTruth",
    "stores_running",
]
