"""Work: what people are asked to do and told of. Tasks, notifications with their channels, absences, content packs.

Invariants: a task's state moves only here and only along its graph; what is told under a key is told once; nothing
that was held back is lost, and what interrupts never exceeds a person's budget; what was put to a channel gets there
or ends where a person sees it and can run it again. The room gives no meaning to a rule: it makes, moves and tells.
"""

from tongmai.work.absences import Absence, Absences
from tongmai.work.channels import Channel, Channels, Line, Message, Receiver, Undeliverable
from tongmai.work.content import Content, Edition
from tongmai.work.notices import HookCall, Notice, Notices
from tongmai.work.people import People
from tongmai.work.preferences import Preferences, PreferenceStore
from tongmai.work.runtime import Runtime
from tongmai.work.spans import due_after
from tongmai.work.subject import Subject
from tongmai.work.tasks import NewTask, Tasks

__all__ = [
    "Absence",
    "Absences",
    "Channel",
    "Channels",
    "Content",
    "Edition",
    "HookCall",
    "Line",
    "Message",
    "NewTask",
    "Notice",
    "Notices",
    "People",
    "PreferenceStore",
    "Preferences",
    "Receiver",
    "Runtime",
    "Subject",
    "Tasks",
    "Undeliverable",
    "due_after",
]
