-- What lies behind a position is found by the position alone: with the stream before it, the planner took this index for
-- as good as the key to look for keys, in tables that it knew nothing of yet, and went through all of a stream for each.
DROP INDEX {schema}._raw_order;
CREATE INDEX _raw_order ON {schema}._raw (seq, stream);
-- Where a stream ends is kept with it: streams that rest are not looked for behind others.
ALTER TABLE {schema}._raw_stream ADD COLUMN last_seq bigint NOT NULL DEFAULT 0;
UPDATE {schema}._raw_stream s SET last_seq = coalesce(
    (SELECT max(r.seq) FROM {schema}._raw r WHERE r.source = s.source AND r.stream = s.stream AND r.shelf = s.shelf), 0);
