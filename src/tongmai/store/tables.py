"""The platform's own tables (schema ``tongmai``) as SQLAlchemy metadata: what ``migrations`` lead to.

A test holds the two together. Times are set by the program's clock, never by the database's.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONB, UUID

from tongmai.store.migrations import SCHEMA

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    },
)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


workspace = Table(
    "workspace",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("label_zh", Text, nullable=False),
    Column("label_en", Text, nullable=False),
    Column("schema_name", Text, nullable=False, unique=True),
    Column("zone", Text, nullable=False, server_default="Asia/Shanghai"),
    Column("currency", Text, nullable=False, server_default="CNY"),
    Column("layout_version", Integer, nullable=False),
    # The first half of the workspace's advisory locks (the second is an epoch); see layout/0001_workspace.sql.
    Column("lock_class", Integer, Identity(always=True), nullable=False, unique=True),
    _moment("created_at"),
    CheckConstraint("key ~ '^[a-z][a-z0-9_]{0,39}$'", name="key"),
)

account = Table(
    "account",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("login", Text, nullable=False),
    Column("password_hash", Text),
    Column("oidc_issuer", Text),
    Column("oidc_subject", Text),
    _moment("disabled_at", nullable=True),
    _moment("created_at"),
    _moment("password_changed_at", nullable=True),
    UniqueConstraint("oidc_issuer", "oidc_subject"),
)
Index("account_login_key", func.lower(account.c.login), unique=True)

membership = Table(
    "membership",
    metadata,
    Column("account_id", UUID, ForeignKey(account.c.id, ondelete="CASCADE"), primary_key=True),
    Column("workspace_id", UUID, ForeignKey(workspace.c.id, ondelete="CASCADE"), primary_key=True),
    Column("person_id", UUID, nullable=False),
    UniqueConstraint("workspace_id", "person_id"),
)

session = Table(
    "session",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("account_id", UUID, ForeignKey(account.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("workspace_id", UUID, ForeignKey(workspace.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf_hash", LargeBinary, nullable=False),
    _moment("created_at"),
    _moment("seen_at"),
    _moment("expires_at"),
    Column("ip", INET),
    Column("agent", Text),
)
Index("session_expires_at", session.c.expires_at)

token = Table(
    "token",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("prefix", Text, nullable=False),
    Column("account_id", UUID, ForeignKey(account.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("workspace_id", UUID, ForeignKey(workspace.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    _moment("created_at"),
    _moment("expires_at", nullable=True),
    _moment("seen_at", nullable=True),
    _moment("revoked_at", nullable=True),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("login", Text, nullable=False),
    Column("ip", INET),
    _moment("at"),
    Column("ok", Boolean, nullable=False),
)
Index("sign_in_attempt_login", func.lower(sign_in_attempt.c.login), sign_in_attempt.c.at)
Index("sign_in_attempt_ip", sign_in_attempt.c.ip, sign_in_attempt.c.at)
Index("sign_in_attempt_at", sign_in_attempt.c.at)

job = Table(
    "job",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("workspace_id", UUID, ForeignKey(workspace.c.id, ondelete="CASCADE")),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_by", UUID),
    _moment("created_at"),
    _moment("run_after"),
    _moment("started_at", nullable=True),
    _moment("finished_at", nullable=True),
    Column("progress", Numeric, nullable=False, server_default="0"),
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("total", BigInteger),
    Column("input", JSONB, nullable=False),
    Column("result", JSONB),
    Column("error", JSONB),
    Column("checkpoint", JSONB),
    _moment("lease_until", nullable=True),
    Column("attempt", Integer, nullable=False, server_default="0"),
    CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'undone')", name="state"),
)
Index("job_waiting", job.c.run_after, job.c.id, postgresql_where=text("state = 'queued'"))
Index("job_lease", job.c.lease_until, postgresql_where=text("state = 'running'"))
Index("job_workspace", job.c.workspace_id, job.c.created_at)

setting = Table(
    "setting",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("workspace_id", UUID, ForeignKey(workspace.c.id, ondelete="CASCADE")),
    Column("key", Text, nullable=False),
    Column("value", JSONB, nullable=False),
    # A platform-wide setting has no workspace, and there is but one of each.
    UniqueConstraint("workspace_id", "key", postgresql_nulls_not_distinct=True),
)

# Outlives the workspace it speaks of: no foreign key.
audit = Table(
    "audit",
    metadata,
    Column("id", UUID, primary_key=True),
    _moment("at"),
    Column("workspace_id", UUID),
    Column("actor", UUID),
    Column("kind", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
)
Index("audit_workspace", audit.c.workspace_id, audit.c.at)
Index("audit_at", audit.c.at)
