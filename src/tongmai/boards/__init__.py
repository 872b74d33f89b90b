"""Pictures of records: the views that people keep. Everything in them is asked of ``records`` under their policies.

Invariant: a view stores how to ask, never what was answered; who opens a shared view sees what he himself may see.
"""

from tongmai.boards.views import Column, SavedView, ViewBody, Views, ViewWanted

__all__ = ["Column", "SavedView", "ViewBody", "ViewWanted", "Views"]
