-- How far the metrics of an object are: true at the sealed epoch and moment told. Whoever computes holds its row.
CREATE TABLE {schema}._metric_state (
    object      text PRIMARY KEY,
    epoch       bigint NOT NULL DEFAULT 0,
    as_of       timestamptz,
    version     bigint NOT NULL DEFAULT 0,
    definitions text NOT NULL DEFAULT '',
    computed_at timestamptz,
    engine      text NOT NULL DEFAULT 'postgres'
);

-- A metric's value at the end of a day, kept where it differs from the day before. `value` is text, null for no value.
CREATE TABLE {schema}._metric_day (
    object    text NOT NULL,
    metric    text NOT NULL,
    record_id uuid NOT NULL,
    day       date NOT NULL,
    value     text,
    PRIMARY KEY (object, record_id, metric, day)
);

-- The class each record is in, and every move with the row of the table that decided and the values it saw.
CREATE TABLE {schema}._segment_member (
    segment   text NOT NULL,
    record_id uuid NOT NULL,
    class     text NOT NULL,
    since     timestamptz NOT NULL,
    reason    jsonb NOT NULL,
    version   bigint NOT NULL,
    PRIMARY KEY (segment, record_id)
);
CREATE INDEX _segment_member_class ON {schema}._segment_member (segment, class, record_id);

CREATE TABLE {schema}._segment_move (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    segment    text NOT NULL,
    record_id  uuid NOT NULL,
    at         timestamptz NOT NULL,
    from_class text,
    to_class   text,
    reason     jsonb NOT NULL,
    version    bigint NOT NULL
);
CREATE INDEX _segment_move_of_segment ON {schema}._segment_move (segment, at, id);
CREATE INDEX _segment_move_of_record ON {schema}._segment_move (record_id, segment, id);
