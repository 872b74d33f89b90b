"""The advisory locks of a workspace: their first half is its ``lock_class``, the second one of these or an epoch.

They stand in one place because two rooms that took the same number would stop one another. Epochs are not negative; the
layout's ``_open_change`` has STRUCTURE's number too.
"""

from __future__ import annotations

from enum import IntEnum


class WorkspaceLock(IntEnum):
    """STRUCTURE: shared by every writer, alone by the switch to a new catalogue. EDITOR: one structural change at a
    time. SEALER: one sealer at work. ASKING: shared by structural changes that wait for a lock; nobody waits for it, it
    is only looked for (``schema.give_way``)."""

    STRUCTURE = -1
    EDITOR = -2
    SEALER = -3
    ASKING = -4
