"""The demo company 绍越医械: a made-up distributor of medical devices with a hidden, documented truth.

Invariants: the same seed, end and size give the same company; it is told in the vendors' own formats and comes in
through sources and mappings, nothing is inserted behind them; what is measured against the truth is read like anyone
reads records.
"""
