-- Views that people keep of an object's records: their own, or shared with everybody who may see the object.
CREATE TABLE {schema}._view (
    id         uuid PRIMARY KEY,
    object     text NOT NULL,
    owner      uuid NOT NULL,
    label      text NOT NULL,
    shared     boolean NOT NULL DEFAULT false,
    body       jsonb NOT NULL,
    version    integer NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL
);
CREATE INDEX _view_of_object ON {schema}._view (object, label);
