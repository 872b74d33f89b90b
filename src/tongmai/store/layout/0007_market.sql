-- The apps that are installed: what each brought, as it brought it, so that an upgrade knows what is the company's own.
CREATE TABLE {schema}._app (
    key          text PRIMARY KEY,
    version      text NOT NULL,
    label        jsonb NOT NULL,
    requires     text[] NOT NULL DEFAULT '{}',
    brought      jsonb NOT NULL,
    content      jsonb NOT NULL DEFAULT '{}',
    installed_at timestamptz NOT NULL,
    installed_by uuid,
    changed_at   timestamptz NOT NULL
);
