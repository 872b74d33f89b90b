-- What the systems outside said lies on shelves. What is (a customer, an order) stands on one by itself. What happened
-- once and for all (a message) lies by its month. What passes lies by the month it came in, and goes by the month.

-- The shelf of a stream; a stream that its source defines otherwise is moved when it is next written.
CREATE TABLE {schema}._raw_stream (
    source text NOT NULL,
    stream text NOT NULL,
    shelf  text NOT NULL CHECK (shelf IN ('standing', 'dated', 'passing')),
    PRIMARY KEY (source, stream)
);

ALTER TABLE {schema}._raw RENAME TO _raw_before;
ALTER TABLE {schema}._raw_before RENAME CONSTRAINT _raw_pkey TO _raw_before_pkey;
ALTER INDEX {schema}._raw_order RENAME TO _raw_before_order;

-- `month` is the first day of the month in UTC; '-infinity' for what has none. Whoever writes a stream holds its
-- advisory lock, so that a key is there once in all months. `seq` is as before.
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
    shelf   text NOT NULL,
    month   date NOT NULL,
    PRIMARY KEY (source, stream, key, shelf, month)
) PARTITION BY LIST (shelf);
CREATE INDEX _raw_order ON {schema}._raw (source, stream, seq);
CREATE TABLE {schema}._raw_standing PARTITION OF {schema}._raw FOR VALUES IN ('standing');
CREATE TABLE {schema}._raw_dated PARTITION OF {schema}._raw FOR VALUES IN ('dated') PARTITION BY RANGE (month);
CREATE TABLE {schema}._raw_dated_other PARTITION OF {schema}._raw_dated FOR VALUES FROM (MINVALUE) TO ('2000-01-01');
CREATE TABLE {schema}._raw_passing PARTITION OF {schema}._raw FOR VALUES IN ('passing') PARTITION BY RANGE (month);

-- Archived messages are known by their form; whatever else should lie elsewhere is moved when it is next written.
INSERT INTO {schema}._raw_stream
    SELECT source, stream,
           CASE WHEN stream = 'messages' AND bool_and(body ? 'revokes' AND body ? 'direction') THEN 'dated'
                ELSE 'standing' END
    FROM {schema}._raw_before GROUP BY source, stream;
DO $$
DECLARE
    first date;
BEGIN
    FOR first IN
        SELECT DISTINCT date_trunc('month', r.at AT TIME ZONE 'UTC')::date
        FROM {schema}._raw_before r JOIN {schema}._raw_stream s USING (source, stream)
        WHERE s.shelf = 'dated' AND r.at >= '2000-01-01Z' AND r.at < '2100-01-01Z'
    LOOP
        EXECUTE format('CREATE TABLE {schema}.%I PARTITION OF {schema}._raw_dated FOR VALUES FROM (%L) TO (%L)',
                       '_raw_dated_' || to_char(first, 'YYYY_MM'), first, (first + interval '1 month')::date);
    END LOOP;
END $$;
INSERT INTO {schema}._raw
    SELECT r.source, r.stream, r.key, r.seq, r.version, r.body, r.deleted, r.at, r.came_at, s.shelf,
           CASE WHEN s.shelf = 'dated' AND r.at >= '2000-01-01Z' AND r.at < '2100-01-01Z'
                THEN date_trunc('month', r.at AT TIME ZONE 'UTC')::date ELSE '-infinity' END
    FROM {schema}._raw_before r JOIN {schema}._raw_stream s USING (source, stream);
DROP TABLE {schema}._raw_before;

-- New words are heard from the next message on; what was said before is read again behind that, from `seq` to `until`.
CREATE TABLE {schema}._reread (
    source      text PRIMARY KEY,
    fingerprint bytea NOT NULL,
    since       timestamptz NOT NULL,
    began       bigint NOT NULL,
    seq         bigint NOT NULL,
    until       bigint NOT NULL,
    told        bigint NOT NULL DEFAULT 0,
    asked_at    timestamptz NOT NULL,
    finished_at timestamptz
);
