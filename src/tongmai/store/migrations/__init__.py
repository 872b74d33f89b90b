"""Alembic's scripts for the platform tables. Run by ``tongmai.store.migrate``, never by hand.

``HEAD`` is the newest of them, named here so that an up-to-date database is recognised without loading Alembic and
SQLAlchemy.
"""

SCHEMA = "tongmai"
HEAD = "0001"
