"""The demo companies: 绍越医械, a made-up distributor of medical devices, and 童趣成长, a chain of stores, each with a
hidden, documented truth.

Invariants: the same seed, end and size give the same company; it is told in the vendors' own formats and comes in
through sources and mappings, nothing is inserted behind them; what is measured against the truth is read like anyone
reads records.
"""

from tongmai.demo.companies import DemoCompany, SalesCompany, StoreCompany
from tongmai.demo.findings import Findings
from tongmai.demo.intake import ZONE, AddPerson
from tongmai.demo.measures import Hits, Score
from tongmai.demo.stores import MOST_STORES, Chain, ChainScore
from tongmai.demo.world import World

__all__ = [
    "MOST_STORES",
    "ZONE",
    "AddPerson",
    "Chain",
    "ChainScore",
    "DemoCompany",
    "Findings",
    "Hits",
    "SalesCompany",
    "Score",
    "StoreCompany",
    "World",
]
