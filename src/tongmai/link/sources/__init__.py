"""The kinds of sources, a file each; each offers ``KIND``."""

from tongmai.link.source import SourceKind
from tongmai.link.sources import sql, u8

KINDS: dict[str, SourceKind] = {each.key: each for each in (sql.KIND, u8.KIND)}
