"""The demo company 绍越医械: a made-up distributor of medical devices with a hidden, documented truth.

Invariants: the same seed, end and size give the same company; it is told in the vendors' own formats and comes in
through sources and mappings, nothing is inserted behind them; what is measured against the truth is read like anyone
reads records.
"""

from tongmai.demo.findings import Findings
from tongmai.demo.loading import KEY, ZONE, AddPerson, Loading
from tongmai.demo.measures import Hits, Score
from tongmai.demo.people import SIGN_INS
from tongmai.demo.scoring import Scorer
from tongmai.demo.systems import running
from tongmai.demo.telling import Story
from tongmai.demo.truth import Truth
from tongmai.demo.world import World

__all__ = [
    "KEY",
    "SIGN_INS",
    "ZONE",
    "AddPerson",
    "Findings",
    "Hits",
    "Loading",
    "Score",
    "Scorer",
    "Story",
    "Truth",
    "World",
    "running",
]
