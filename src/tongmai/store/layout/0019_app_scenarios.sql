-- The scenarios that an app was installed with (S0-37); null where the whole app was.
ALTER TABLE {schema}._app ADD COLUMN scenarios text[];
