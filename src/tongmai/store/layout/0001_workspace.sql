-- The system tables of a workspace. {schema} is the quoted schema name; {lock_class} an int4 of the workspace's own.
-- Names begin with an underscore, which no object's key can.

-- The catalogue: the whole metadata at each version, and the change that led there.
CREATE TABLE {schema}._change (
    id          uuid PRIMARY KEY,
    state       text NOT NULL CHECK (state IN ('applying', 'applied', 'failed', 'undone')),
    changeset   jsonb NOT NULL,
    inverse     jsonb,
    plan        jsonb NOT NULL,
    step        integer NOT NULL DEFAULT 0,
    version     bigint,
    actor       uuid,
    created_at  timestamptz NOT NULL,
    finished_at timestamptz,
    error       jsonb
);
-- One structural change at a time.
CREATE UNIQUE INDEX _change_one_applying ON {schema}._change ((true)) WHERE state = 'applying';

CREATE TABLE {schema}._catalogue (
    version   bigint PRIMARY KEY,
    model     jsonb NOT NULL,
    change_id uuid REFERENCES {schema}._change (id),
    at        timestamptz NOT NULL
);

-- Columns and tables that a change took out of use, kept until the retention date so that an undo finds them.
CREATE TABLE {schema}._retired (
    object      text NOT NULL,
    column_name text,
    change_id   uuid NOT NULL REFERENCES {schema}._change (id),
    retire_at   timestamptz NOT NULL
);

-- One row: where the feed stands. Writers hold a shared advisory lock on the epoch they write in; the sealer opens
-- the next epoch and then waits for the old one's lock, so that a sealed epoch can never receive a late commit.
-- (Snapshot functions would not do: on a sharded database they run on another node than the rows.)
CREATE TABLE {schema}._feed (
    singleton         boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    epoch             bigint NOT NULL DEFAULT 1,
    catalogue_version bigint NOT NULL DEFAULT 0,
    lock_class        integer NOT NULL
) WITH (fillfactor = 10);
INSERT INTO {schema}._feed (lock_class) VALUES ({lock_class});

CREATE SEQUENCE {schema}._history_seq CACHE 1;

-- The append-only change log. `before` and `after` hold only the fields that changed, by field key (a creation has no
-- `before`); their values are what to_jsonb gives for the column. `actor` is a person's id, `via` tells how it came
-- ('session', 'token:<id>', 'system:<reason>'), `cause` what led to it ('import:<job>', 'undo:<seq>', 'rule:<key>').
CREATE TABLE {schema}._history (
    seq       bigint NOT NULL DEFAULT nextval('{schema}._history_seq'),
    epoch     bigint NOT NULL,
    at        timestamptz NOT NULL,
    object    text NOT NULL,
    record_id uuid NOT NULL,
    version   integer NOT NULL,
    action    text NOT NULL CHECK (action IN ('create', 'update', 'delete', 'restore', 'purge')),
    actor     uuid,
    via       text NOT NULL,
    cause     text,
    before    jsonb,
    after     jsonb,
    hash      bytea NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX _history_feed ON {schema}._history (epoch, seq);
CREATE INDEX _history_record ON {schema}._history (record_id, version);
CREATE TABLE {schema}._history_default PARTITION OF {schema}._history DEFAULT;

-- A sealed epoch: the Merkle root of its rows' hashes (ordered by seq), chained to the block before.
CREATE TABLE {schema}._block (
    epoch     bigint PRIMARY KEY,
    rows      integer NOT NULL,
    first_seq bigint NOT NULL,
    last_seq  bigint NOT NULL,
    root      bytea NOT NULL,
    previous  bytea NOT NULL,
    hash      bytea NOT NULL,
    sealed_at timestamptz NOT NULL
);

-- The row's own hash. The separator cannot stand in the parts (JSON escapes control characters; `via` and `cause`
-- are ours), and an absent part differs from an empty one.
CREATE FUNCTION {schema}._history_hash(
    seq bigint, epoch bigint, at timestamptz, object text, record_id uuid, version integer, action text,
    actor uuid, via text, cause text, before jsonb, after jsonb
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to(
    seq::text || E'\x1f' || epoch::text || E'\x1f' || ((extract(epoch FROM at) * 1000000)::bigint)::text
    || E'\x1f' || object || E'\x1f' || record_id::text || E'\x1f' || version::text || E'\x1f' || action
    || E'\x1f' || coalesce(actor::text, E'\x1e') || E'\x1f' || via || E'\x1f' || coalesce(cause, E'\x1e')
    || E'\x1f' || coalesce(before::text, E'\x1e') || E'\x1f' || coalesce(after::text, E'\x1e'), 'UTF8'));

-- Opens a change: gives the epoch to write in and holds it until the transaction ends. Refuses (TM001) a writer
-- whose catalogue is not the present one, so that it reloads and tries again. READ COMMITTED only: the second look
-- at _feed must see an epoch that was opened while this transaction waited.
-- Lock order: (lock_class, -1) structure shared, then (lock_class, epoch) shared.
CREATE FUNCTION {schema}._open_change(expected_version bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    held {schema}._feed%ROWTYPE;
    seen {schema}._feed%ROWTYPE;
BEGIN
    SELECT * INTO held FROM {schema}._feed;
    PERFORM pg_advisory_xact_lock_shared(held.lock_class, -1);
    LOOP
        PERFORM pg_advisory_xact_lock_shared(held.lock_class, (held.epoch & 1073741823)::integer);
        SELECT * INTO seen FROM {schema}._feed;
        EXIT WHEN seen.epoch = held.epoch;
        held := seen;
    END LOOP;
    IF expected_version IS NOT NULL AND seen.catalogue_version <> expected_version THEN
        RAISE EXCEPTION 'catalogue version % expected, % found', expected_version, seen.catalogue_version
            USING ERRCODE = 'TM001';
    END IF;
    RETURN held.epoch;
END $$;

-- Earlier states: values of `before`, laid over one another from the newest to the oldest, win in that order.
CREATE AGGREGATE {schema}._overlay(jsonb) (SFUNC = jsonb_concat, STYPE = jsonb, INITCOND = '{}');

-- Counters of auto-number fields that begin anew each period.
CREATE TABLE {schema}._counter (
    object text NOT NULL,
    field  text NOT NULL,
    period text NOT NULL,
    value  bigint NOT NULL,
    PRIMARY KEY (object, field, period)
);

-- What was answered to a request that carried an Idempotency-Key, kept for a day.
CREATE TABLE {schema}._idempotency (
    actor   uuid NOT NULL,
    key     text NOT NULL,
    request bytea NOT NULL,
    status  integer NOT NULL,
    answer  bytea NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX _idempotency_age ON {schema}._idempotency (at);

-- Files: the content lies in the file store under its id; a file belongs to a record's field once the record is saved.
CREATE TABLE {schema}._file (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    media_type text NOT NULL,
    size       bigint NOT NULL,
    sha256     bytea NOT NULL,
    object     text,
    field      text,
    record_id  uuid,
    created_by uuid,
    created_at timestamptz NOT NULL
);
CREATE INDEX _file_record ON {schema}._file (record_id);
