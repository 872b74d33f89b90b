-- What was written down by one tap, and what it moved: a second tap of the same day is the same entry, and it can be
-- taken back.
CREATE TABLE {schema}._light_entry (
    id        uuid PRIMARY KEY,
    person    uuid NOT NULL,
    object    text NOT NULL,
    preset    text NOT NULL,
    about     uuid NOT NULL,
    day       date NOT NULL,
    record_id uuid,
    moved     jsonb NOT NULL DEFAULT '[]',
    by_system integer NOT NULL DEFAULT 0,
    by_person integer NOT NULL DEFAULT 0,
    seconds   numeric,
    at        timestamptz NOT NULL,
    undone_at timestamptz
);
CREATE UNIQUE INDEX _light_entry_once ON {schema}._light_entry (person, object, preset, about, day)
    WHERE undone_at IS NULL;
CREATE INDEX _light_entry_at ON {schema}._light_entry (at);
