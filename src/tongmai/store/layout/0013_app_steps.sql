-- What was done to apps, each step with the app as it was before it: taken back together with the change of the model
-- that it made. `before` is the row of _app, null where the app was not there; `made` and `binned` are content records.
-- `live` is false for what was taken back, and for the step that took it back.
CREATE TABLE {schema}._app_step (
    seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    change  uuid NOT NULL UNIQUE,
    app     text NOT NULL,
    before  jsonb,
    made    uuid[] NOT NULL,
    binned  uuid[] NOT NULL,
    live    boolean NOT NULL DEFAULT true,
    done_at timestamptz NOT NULL
);
CREATE INDEX _app_step_app ON {schema}._app_step (app, seq);
