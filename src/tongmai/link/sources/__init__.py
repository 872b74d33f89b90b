"""The kinds of sources, a file each; each offers ``KIND``."""

from tongmai.link.source import SourceKind
from tongmai.link.sources import calendar, folder, hook, mail, sql, u8

_EVERY = (sql.KIND, u8.KIND, folder.KIND, hook.KIND, mail.KIND, calendar.KIND)
KINDS: dict[str, SourceKind] = {each.key: each for each in _EVERY}
