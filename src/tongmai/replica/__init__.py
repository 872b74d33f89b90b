"""The columnar replica: a workspace's records and history as Parquet, for recomputes and boards that read all of it.

Invariants: only what a complete manifest names is ever read, and only if it is byte for byte what was written; the
rows are one snapshot of the database, known by the last sealed epoch it holds whole; nothing is read but through the
policies of an actor; without a replica, or with a damaged one, everything still works, in PostgreSQL.
"""

from tongmai.replica.duck import Duck
from tongmai.replica.engine import ReplicaEngine
from tongmai.replica.environment import FIRST_DAY, calendar_digits
from tongmai.replica.extract import extracted
from tongmai.replica.manifest import Damaged, Manifest
from tongmai.replica.reader import ReplicaReader
from tongmai.replica.replica import Replica, Status, replica_folder
from tongmai.replica.replicas import Replicas
from tongmai.replica.shelf import Shelf

__all__ = [
    "FIRST_DAY",
    "Damaged",
    "Duck",
    "Manifest",
    "Replica",
    "ReplicaEngine",
    "ReplicaReader",
    "Replicas",
    "Shelf",
    "Status",
    "calendar_digits",
    "extracted",
    "replica_folder",
]
