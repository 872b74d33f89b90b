"""Yonyou U8 as its database shows it: SQL Server's wire protocol over a made-up account book."""

from tongmai.simulators.u8.company import TABLES, AccountBook, demo_book
from tongmai.simulators.u8.server import U8Server

__all__ = ["TABLES", "AccountBook", "U8Server", "demo_book"]
