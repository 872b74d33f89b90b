-- What an app's content packs said as it brought them, to tell the company's own changes from the app's; null for one
-- installed before. A step keeps what packs said before it and after it.
ALTER TABLE {schema}._app ADD COLUMN texts jsonb;
ALTER TABLE {schema}._app_step ADD COLUMN renewed jsonb NOT NULL DEFAULT '[]';
