"""The way back: what a person changed here goes to the source, where the mapping says so (S3-20).

Invariants: a change is noted with the place reached in the feed, in one transaction; each is sent with its own key; a
source that was changed meanwhile answers with a conflict, and both values are kept for a person. Until a change has
reached the source or a person gave it up, no pull writes over it.
"""

from tongmai.link.pushing.change import PushCounts, PushState
from tongmai.link.pushing.pusher import Pusher
from tongmai.link.pushing.telling import Telling

__all__ = ["PushCounts", "PushState", "Pusher", "Telling"]
