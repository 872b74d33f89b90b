-- Where each rule stands: what of the feed and of time it has seen. Whoever advances a rule holds its row. `rule` is the
-- rule's key, or `segment.class` for what a segment's class does on entry.
CREATE TABLE {schema}._rule_state (
    rule        text PRIMARY KEY,
    version     bigint NOT NULL,
    since       timestamptz NOT NULL,
    epoch       bigint NOT NULL,
    seq         bigint NOT NULL DEFAULT 0,
    move        bigint NOT NULL DEFAULT 0,
    as_of       timestamptz,
    whole_at    timestamptz,
    moment      timestamptz,
    computed_at timestamptz,
    fired_at    timestamptz,
    error       jsonb
);

-- From when to when a rule's condition stood for a record; at most one open episode a rule and record.
CREATE TABLE {schema}._episode (
    id        uuid PRIMARY KEY,
    rule      text NOT NULL,
    record_id uuid NOT NULL,
    begun_at  timestamptz NOT NULL,
    ended_at  timestamptz
);
CREATE UNIQUE INDEX _episode_open ON {schema}._episode (rule, record_id) WHERE ended_at IS NULL;
CREATE INDEX _episode_of_record ON {schema}._episode (record_id, rule);

-- For how many consecutive whole periods a condition has held, up to the last one that ended.
CREATE TABLE {schema}._run (
    rule      text NOT NULL,
    record_id uuid NOT NULL,
    periods   integer NOT NULL,
    PRIMARY KEY (rule, record_id)
);

-- The live log: what fired for which record, by which version, with the values seen. `chain` are the rules that led
-- here, this one last; `held` tells why nothing was done (`loop`, `too_deep`).
CREATE TABLE {schema}._firing (
    id        uuid PRIMARY KEY,
    seq       bigint GENERATED ALWAYS AS IDENTITY,
    rule      text NOT NULL,
    version   bigint NOT NULL,
    object    text NOT NULL,
    record_id uuid NOT NULL,
    at        timestamptz NOT NULL,
    logged_at timestamptz NOT NULL,
    owner     uuid,
    seen      jsonb NOT NULL,
    told      jsonb NOT NULL,
    chain     text[] NOT NULL,
    cause     text,
    entry     bigint,
    episode   uuid REFERENCES {schema}._episode (id),
    held      text
);
CREATE INDEX _firing_of_rule ON {schema}._firing (rule, seq);
CREATE INDEX _firing_of_record ON {schema}._firing (record_id, seq);

-- What is to be done for a firing: an action as it was then. `key` is `rule:firing:action` and goes with the effect.
CREATE TABLE {schema}._outbox (
    key         text PRIMARY KEY,
    firing      uuid NOT NULL REFERENCES {schema}._firing (id),
    number      integer NOT NULL,
    action      jsonb NOT NULL,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'dropped', 'dead')),
    attempts    integer NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL,
    lease_until timestamptz,
    error       jsonb,
    finished_at timestamptz
);
CREATE INDEX _outbox_waiting ON {schema}._outbox (next_at) WHERE state = 'waiting';
CREATE INDEX _outbox_running ON {schema}._outbox (lease_until) WHERE state = 'running';
CREATE INDEX _outbox_dead ON {schema}._outbox (finished_at) WHERE state = 'dead';
CREATE INDEX _outbox_of_firing ON {schema}._outbox (firing);

-- Named events about records, told by sources and rooms; `key` tells repetitions, `taken_at` when rules heard of one.
CREATE TABLE {schema}._event (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event     text NOT NULL,
    object    text NOT NULL,
    record_id uuid NOT NULL,
    at        timestamptz NOT NULL,
    key       text NOT NULL UNIQUE,
    cause     text,
    body      jsonb NOT NULL DEFAULT '{}',
    taken_at  timestamptz
);
CREATE INDEX _event_waiting ON {schema}._event (id) WHERE taken_at IS NULL;
CREATE INDEX _event_of_record ON {schema}._event (record_id, id);

-- Records, or some of their fields, that nobody may change; `fields` is empty for the whole record.
CREATE TABLE {schema}._lock (
    key         text PRIMARY KEY,
    rule        text NOT NULL,
    object      text NOT NULL,
    record_id   uuid NOT NULL,
    fields      text[] NOT NULL,
    reason_zh   text NOT NULL,
    reason_en   text NOT NULL,
    episode     uuid,
    locked_at   timestamptz NOT NULL,
    released_at timestamptz,
    released_by uuid,
    note        text
);
CREATE INDEX _lock_held ON {schema}._lock (record_id) WHERE released_at IS NULL;
CREATE INDEX _lock_of_episode ON {schema}._lock (episode) WHERE released_at IS NULL;
