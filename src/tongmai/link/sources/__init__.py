"""The kinds of sources, a file each; each offers ``KIND``."""

from tongmai.link.source import SourceKind

KINDS: dict[str, SourceKind] = {}
