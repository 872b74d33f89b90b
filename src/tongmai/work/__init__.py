"""Work: what people are asked to do and told of. Tasks, notifications with their channels, absences, content packs.

Invariants: a task's state moves only here and only along its graph; what is told under a key is told once; nothing
that was held back is lost, and what interrupts never exceeds a person's budget; what was put to a channel gets there
or ends where a person sees it and can run it again. The room gives no meaning to a rule: it makes, moves and tells.
"""

from tongmai.work.absences import Absence, Absences
from tongmai.work.channels import Channel, Channels, Line, Message, Receiver, Undeliverable
from tongmai.work.content import Content, Edition
from tongmai.work.content_editions import keep_missing_editions
from tongmai.work.content_reading import ContentReader, PackLine, PublishedEdition, ReaderLine, Usage
from tongmai.work.content_targets import ContentTarget
from tongmai.work.content_uses import ContentEvent
from tongmai.work.deliveries import Deliveries
from tongmai.work.delivery_log import Delivery, DeliveryLog, DeliveryState
from tongmai.work.desk import Desk, FormField, OpenTask
from tongmai.work.email_channel import EmailChannel, MailServer
from tongmai.work.hook_channel import HookChannel
from tongmai.work.inbox import INBOX_CHANNEL, Counts, Inbox, Told
from tongmai.work.matters import URGENCIES, MatterKind, Matters, MattersAsked, Urgency, Whose
from tongmai.work.mirrors import (
    MirroredTask,
    TaskMirror,
    UntoldTask,
    mirror_of,
    mirrored_task,
    note_mirror,
    postpone_mirrors,
    untold_tasks,
)
from tongmai.work.notices import HookCall, Notice, Notices
from tongmai.work.owning import may_move
from tongmai.work.people import People
from tongmai.work.preferences import Preferences, PreferenceStore
from tongmai.work.room import Work, open_work
from tongmai.work.runner import WorkRunner
from tongmai.work.runtime import Runtime
from tongmai.work.spans import due_after
from tongmai.work.subject import Subject
from tongmai.work.sweeping import CARE_PACK, Sweeper
from tongmai.work.tasks import NewTask, Tasks

__all__ = [
    "CARE_PACK",
    "INBOX_CHANNEL",
    "URGENCIES",
    "Absence",
    "Absences",
    "Channel",
    "Channels",
    "Content",
    "ContentEvent",
    "ContentReader",
    "ContentTarget",
    "Counts",
    "Deliveries",
    "Delivery",
    "DeliveryLog",
    "DeliveryState",
    "Desk",
    "Edition",
    "EmailChannel",
    "FormField",
    "HookCall",
    "HookChannel",
    "Inbox",
    "Line",
    "MailServer",
    "MatterKind",
    "Matters",
    "MattersAsked",
    "Message",
    "MirroredTask",
    "NewTask",
    "Notice",
    "Notices",
    "OpenTask",
    "PackLine",
    "People",
    "PreferenceStore",
    "Preferences",
    "PublishedEdition",
    "ReaderLine",
    "Receiver",
    "Runtime",
    "Subject",
    "Sweeper",
    "TaskMirror",
    "Tasks",
    "Told",
    "Undeliverable",
    "UntoldTask",
    "Urgency",
    "Usage",
    "Whose",
    "Work",
    "WorkRunner",
    "due_after",
    "keep_missing_editions",
    "may_move",
    "mirror_of",
    "mirrored_task",
    "note_mirror",
    "open_work",
    "postpone_mirrors",
    "untold_tasks",
]
