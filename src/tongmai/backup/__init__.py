"""Backup and restore of a workspace: one file with everything that is the company's, checked before it is trusted.

Invariants: a backup is of one moment, appears under its name only when it is whole, and bears the SHA-256 of each
part; a restore reads and checks all of it before it touches anything, replaces nothing unasked, and is one transaction:
until it commits, others work with what was there. No password is ever on a command line.
"""

from tongmai.backup.archive import SUFFIX, read_manifest
from tongmai.backup.manifest import Manifest
from tongmai.backup.restoring import Restored, restore
from tongmai.backup.saving import BackedUp, OnProgress, back_up, back_up_all

__all__ = [
    "SUFFIX",
    "BackedUp",
    "Manifest",
    "OnProgress",
    "Restored",
    "back_up",
    "back_up_all",
    "read_manifest",
    "restore",
]
