-- Sources: what lies between the systems outside and our records.

-- Credentials, sealed with a key that is not in the database. Nobody reads them back through the API.
CREATE TABLE {schema}._source_secret (
    source     text NOT NULL,
    name       text NOT NULL,
    key_id     text NOT NULL,
    nonce      bytea NOT NULL,
    sealed     bytea NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (source, name)
);

-- How far a stream has been pulled, and how its source fares. Stream '' is the source as a whole.
CREATE TABLE {schema}._source_state (
    source     text NOT NULL,
    stream     text NOT NULL DEFAULT '',
    cursor     jsonb,
    healthy    boolean,
    detail     jsonb,
    checked_at timestamptz,
    pulled_at  timestamptz,
    next_at    timestamptz,
    PRIMARY KEY (source, stream)
);

-- One row a pull, a call-back, a push or a mapping of what came; counts of what it did.
CREATE TABLE {schema}._source_run (
    id          uuid PRIMARY KEY,
    source      text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('pull', 'receive', 'map', 'push')),
    state       text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    job_id      uuid,
    counts      jsonb NOT NULL DEFAULT '{}',
    error       jsonb
);
CREATE INDEX _source_run_of_source ON {schema}._source_run (source, started_at DESC);

-- What the systems outside said, as they said it. `seq` rises with every new version of a row. Whoever writes a stream
-- holds its advisory lock to the end of the transaction, so that rows become visible in the order of their `seq`.
CREATE SEQUENCE {schema}._raw_seq;
CREATE TABLE {schema}._raw (
    source  text NOT NULL,
    stream  text NOT NULL,
    key     text NOT NULL,
    seq     bigint NOT NULL DEFAULT nextval('{schema}._raw_seq'),
    version bytea NOT NULL,
    body    jsonb NOT NULL,
    deleted boolean NOT NULL DEFAULT false,
    at      timestamptz,
    came_at timestamptz NOT NULL,
    PRIMARY KEY (source, stream, key)
);
CREATE UNIQUE INDEX _raw_order ON {schema}._raw (source, stream, seq);

-- How far a mapping has got in the order of the raw rows, under which definition of it.
CREATE TABLE {schema}._mapping_state (
    mapping     text PRIMARY KEY,
    seq         bigint NOT NULL DEFAULT 0,
    fingerprint bytea NOT NULL,
    mapped_at   timestamptz
);

-- Which record a raw row became, and which version of it: the second of two equal versions changes nothing.
CREATE TABLE {schema}._lineage (
    mapping   text NOT NULL,
    key       text NOT NULL,
    object    text NOT NULL,
    record_id uuid NOT NULL,
    version   bytea NOT NULL,
    run_id    uuid NOT NULL,
    at        timestamptz,
    mapped_at timestamptz NOT NULL,
    PRIMARY KEY (mapping, key)
);
CREATE INDEX _lineage_of_record ON {schema}._lineage (record_id);

-- Rows that could not be taken, each with its reasons, until a later version of the row can.
CREATE TABLE {schema}._refusal (
    source  text NOT NULL,
    stream  text NOT NULL,
    mapping text NOT NULL DEFAULT '',
    key     text NOT NULL,
    run_id  uuid,
    faults  jsonb NOT NULL,
    body    jsonb,
    at      timestamptz NOT NULL,
    PRIMARY KEY (source, stream, mapping, key)
);

-- Names that might mean a record but not surely: a person decides once, the decision holds from then on.
CREATE TABLE {schema}._match_queue (
    id         uuid PRIMARY KEY,
    mapping    text NOT NULL,
    field      text NOT NULL,
    object     text NOT NULL,
    given      text NOT NULL,
    candidates jsonb NOT NULL,
    state      text NOT NULL CHECK (state IN ('open', 'matched', 'none')),
    record_id  uuid,
    decided_by uuid,
    decided_at timestamptz,
    at         timestamptz NOT NULL,
    UNIQUE (mapping, field, given)
);
CREATE INDEX _match_queue_open ON {schema}._match_queue (at) WHERE state = 'open';
-- Raw rows that wait for such a decision.
CREATE TABLE {schema}._match_wait (
    queue_id uuid NOT NULL REFERENCES {schema}._match_queue (id) ON DELETE CASCADE,
    key      text NOT NULL,
    PRIMARY KEY (queue_id, key)
);

-- Two records that were one: `moved` tells each relation that was pointed anew, `lineage` each raw row.
CREATE TABLE {schema}._merge (
    id        uuid PRIMARY KEY,
    object    text NOT NULL,
    kept      uuid NOT NULL,
    merged    uuid NOT NULL,
    reasons   jsonb NOT NULL,
    filled    jsonb NOT NULL,
    moved     jsonb NOT NULL,
    lineage   jsonb NOT NULL,
    by_person uuid,
    at        timestamptz NOT NULL,
    undone_at timestamptz
);
CREATE INDEX _merge_of_record ON {schema}._merge (kept);

-- Changes by people that go back to their source. `expected` is the raw version they were made on.
CREATE TABLE {schema}._push (
    id         uuid PRIMARY KEY,
    source     text NOT NULL,
    stream     text NOT NULL,
    mapping    text NOT NULL,
    key        text NOT NULL,
    record_id  uuid NOT NULL,
    changed    jsonb NOT NULL,
    before     jsonb NOT NULL,
    state      text NOT NULL CHECK (state IN ('waiting', 'done', 'conflict', 'failed')),
    attempts   integer NOT NULL DEFAULT 0,
    run_after  timestamptz NOT NULL,
    detail     jsonb,
    epoch      bigint NOT NULL,
    seq        bigint NOT NULL,
    at         timestamptz NOT NULL,
    UNIQUE (mapping, epoch, seq)
);
CREATE INDEX _push_waiting ON {schema}._push (run_after) WHERE state = 'waiting';
-- How far the feed has been read for changes to push.
CREATE TABLE {schema}._push_state (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    epoch     bigint NOT NULL,
    seq       bigint NOT NULL
);

-- Call-backs that were taken, by the key of the call: a repetition is answered and does nothing.
CREATE TABLE {schema}._source_once (
    source text NOT NULL,
    key    text NOT NULL,
    at     timestamptz NOT NULL,
    PRIMARY KEY (source, key)
);
CREATE INDEX _source_once_age ON {schema}._source_once (at);
