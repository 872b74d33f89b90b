"""What of the platform's own tables belongs to a workspace: its row, its settings, who may sign in.

Sessions, tokens, jobs and the audit log stay where they are: they are about this installation, not about the company.
"""

# ruff: noqa: S608 - constant texts

from __future__ import annotations

from uuid import UUID

from tongmai.store import ReadTx, Workspace

_READ = """
SELECT json_build_object(
    'workspace', (SELECT to_json(w) FROM tongmai.workspace AS w WHERE w.id = $1),
    'accounts', coalesce((SELECT json_agg(a ORDER BY a.id) FROM tongmai.account AS a WHERE a.id IN
        (SELECT m.account_id FROM tongmai.membership AS m WHERE m.workspace_id = $1)), '[]'),
    'memberships', coalesce((SELECT json_agg(m ORDER BY m.account_id) FROM tongmai.membership AS m
        WHERE m.workspace_id = $1), '[]'),
    'settings', coalesce((SELECT json_agg(s ORDER BY s.key) FROM tongmai.setting AS s WHERE s.workspace_id = $1), '[]')
)::text
"""


async def read_platform_rows(tx: ReadTx, workspace: Workspace) -> bytes:
    """The rows as JSON."""
    found: str = await tx.fetch_value(_READ, workspace.id)
    return found.encode()


def restore_sql(document: bytes, id: UUID, key: str) -> str:
    """SQL that puts the rows back, for a workspace of this id and key. It comes after the schema itself.

    An account that is there already (by id, login or OIDC subject) stays as it is and is joined to the workspace. The
    workspace gets a lock number of its own, so that its writers do not wait for another workspace's.
    """
    given = f"{_literal(document.decode())}::jsonb"
    schema = f"w_{key}"
    same = (
        "(a.id = g.id OR lower(a.login) = lower(g.login)"
        " OR (a.oidc_issuer = g.oidc_issuer AND a.oidc_subject = g.oidc_subject))"
    )
    accounts = f"jsonb_populate_recordset(NULL::tongmai.account, {given} -> 'accounts') AS g"
    return f"""
INSERT INTO tongmai.workspace (id, key, label_zh, label_en, schema_name, zone, currency, layout_version, created_at)
SELECT '{id}', '{key}', g.label_zh, g.label_en, '{schema}', g.zone, g.currency, g.layout_version, g.created_at
FROM jsonb_populate_record(NULL::tongmai.workspace, {given} -> 'workspace') AS g;
UPDATE {schema}._feed SET lock_class = (SELECT w.lock_class FROM tongmai.workspace AS w WHERE w.id = '{id}');
INSERT INTO tongmai.account SELECT g.* FROM {accounts}
WHERE NOT EXISTS (SELECT FROM tongmai.account AS a WHERE {same});
INSERT INTO tongmai.membership (account_id, workspace_id, person_id)
SELECT (SELECT a.id FROM tongmai.account AS a WHERE {same} ORDER BY (a.id = g.id) DESC LIMIT 1), '{id}', m.person_id
FROM jsonb_populate_recordset(NULL::tongmai.membership, {given} -> 'memberships') AS m
JOIN {accounts} ON g.id = m.account_id
ON CONFLICT DO NOTHING;
INSERT INTO tongmai.setting (workspace_id, key, value)
SELECT '{id}', s.key, s.value FROM jsonb_populate_recordset(NULL::tongmai.setting, {given} -> 'settings') AS s;
"""


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
