"""The first platform tables: workspaces, accounts and sign-in, jobs, settings, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "tongmai"


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("oidc_issuer", sa.Text(), nullable=True),
        sa.Column("oidc_subject", sa.Text(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="account_pkey"),
        sa.UniqueConstraint("oidc_issuer", "oidc_subject", name="account_oidc_issuer_oidc_subject_key"),
        schema=SCHEMA,
    )
    op.create_index("account_login_key", "account", [sa.literal_column("lower(login)")], unique=True, schema=SCHEMA)
    op.create_table(
        "audit",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=True),
        sa.Column("actor", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_pkey"),
        schema=SCHEMA,
    )
    op.create_index("audit_at", "audit", ["at"], unique=False, schema=SCHEMA)
    op.create_index("audit_workspace", "audit", ["workspace_id", "at"], unique=False, schema=SCHEMA)
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("ip", postgresql.INET(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="sign_in_attempt_pkey"),
        schema=SCHEMA,
    )
    op.create_index("sign_in_attempt_at", "sign_in_attempt", ["at"], unique=False, schema=SCHEMA)
    op.create_index("sign_in_attempt_ip", "sign_in_attempt", ["ip", "at"], unique=False, schema=SCHEMA)
    op.create_index(
        "sign_in_attempt_login",
        "sign_in_attempt",
        [sa.literal_column("lower(login)"), "at"],
        unique=False,
        schema=SCHEMA,
    )
    op.create_table(
        "workspace",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label_zh", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("schema_name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), server_default="Asia/Shanghai", nullable=False),
        sa.Column("currency", sa.Text(), server_default="CNY", nullable=False),
        sa.Column("layout_version", sa.Integer(), nullable=False),
        sa.Column("lock_class", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("key ~ '^[a-z][a-z0-9_]{0,39}$'", name="workspace_key_check"),
        sa.PrimaryKeyConstraint("id", name="workspace_pkey"),
        sa.UniqueConstraint("key", name="workspace_key_key"),
        sa.UniqueConstraint("lock_class", name="workspace_lock_class_key"),
        sa.UniqueConstraint("schema_name", name="workspace_schema_name_key"),
        schema=SCHEMA,
    )
    op.create_table(
        "job",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_by", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.Numeric(), server_default="0", nullable=False),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("input", postgresql.JSONB(), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("error", postgresql.JSONB(), nullable=True),
        sa.Column("checkpoint", postgresql.JSONB(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'undone')", name="job_state_check"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["tongmai.workspace.id"], name="job_workspace_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="job_pkey"),
        schema=SCHEMA,
    )
    op.create_index(
        "job_lease", "job", ["lease_until"], unique=False, schema=SCHEMA, postgresql_where=sa.text("state = 'running'")
    )
    op.create_index(
        "job_waiting",
        "job",
        ["run_after", "id"],
        unique=False,
        schema=SCHEMA,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index("job_workspace", "job", ["workspace_id", "created_at"], unique=False, schema=SCHEMA)
    op.create_table(
        "membership",
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["tongmai.account.id"], name="membership_account_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["tongmai.workspace.id"], name="membership_workspace_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "workspace_id", name="membership_pkey"),
        sa.UniqueConstraint("workspace_id", "person_id", name="membership_workspace_id_person_id_key"),
        schema=SCHEMA,
    )
    op.create_table(
        "session",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("csrf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ip", postgresql.INET(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["tongmai.account.id"], name="session_account_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["tongmai.workspace.id"], name="session_workspace_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="session_pkey"),
        sa.UniqueConstraint("token_hash", name="session_token_hash_key"),
        schema=SCHEMA,
    )
    op.create_index("session_account_id", "session", ["account_id"], unique=False, schema=SCHEMA)
    op.create_index("session_expires_at", "session", ["expires_at"], unique=False, schema=SCHEMA)
    op.create_index("session_workspace_id", "session", ["workspace_id"], unique=False, schema=SCHEMA)
    op.create_table(
        "setting",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["tongmai.workspace.id"], name="setting_workspace_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="setting_pkey"),
        sa.UniqueConstraint(
            "workspace_id", "key", name="setting_workspace_id_key_key", postgresql_nulls_not_distinct=True
        ),
        schema=SCHEMA,
    )
    op.create_table(
        "token",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["tongmai.account.id"], name="token_account_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["tongmai.workspace.id"], name="token_workspace_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="token_pkey"),
        sa.UniqueConstraint("token_hash", name="token_token_hash_key"),
        schema=SCHEMA,
    )
    op.create_index("token_account_id", "token", ["account_id"], unique=False, schema=SCHEMA)
    op.create_index("token_workspace_id", "token", ["workspace_id"], unique=False, schema=SCHEMA)


def downgrade() -> None:
    for table in (
        "token",
        "setting",
        "session",
        "membership",
        "job",
        "workspace",
        "sign_in_attempt",
        "audit",
        "account",
    ):
        op.drop_table(table, schema=SCHEMA)
