"""Tongmai (通脉): a sales operating system on a zero-code platform.

The rooms (packages) and the doors between them are described in ``docs/architecture.md``.
"""

__version__ = "0.1.0"
