-- What goes with a change of the model but is not of the model (an app's entry and its content): kept with the change,
-- done once it is in force, null from then on. Whoever finds it still there does it.
ALTER TABLE {schema}._change ADD COLUMN rider jsonb;
