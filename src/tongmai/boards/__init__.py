"""Pictures of records: boards and the views that people keep, all asked of ``records`` under the reader's policies.

Invariant: a view stores how to ask, never what was answered; who opens a shared view sees what he himself may see.
"""

from tongmai.boards.computing import Boards, Drawn, DrawnBoard
from tongmai.boards.views import Column, SavedView, ViewBody, Views, ViewWanted

__all__ = ["Boards", "Column", "Drawn", "DrawnBoard", "SavedView", "ViewBody", "ViewWanted", "Views"]
