-- Whether what was done with content is a record of content_use yet: what was done before there were such records, or
-- in a workspace without that object, becomes one later.
ALTER TABLE {schema}._content_event ADD COLUMN recorded boolean NOT NULL DEFAULT false;
CREATE INDEX _content_event_unrecorded ON {schema}._content_event (at, id) WHERE NOT recorded;
