"""The kinds of sources, a file each; each offers ``KIND``."""

from tongmai.link.dingtalk import DINGTALK
from tongmai.link.source import SourceKind
from tongmai.link.sources import calendar, folder, hook, mail, sql, u8
from tongmai.link.wecom import WECOM

_EVERY = (sql.KIND, u8.KIND, folder.KIND, hook.KIND, mail.KIND, calendar.KIND, WECOM, DINGTALK)
KINDS: dict[str, SourceKind] = {each.key: each for each in _EVERY}
