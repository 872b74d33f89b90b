-- A change that did not reach its source guards the person's value until it is settled: sent again, or given up.
ALTER TABLE {schema}._push DROP CONSTRAINT _push_state_check;
ALTER TABLE {schema}._push ADD CONSTRAINT _push_state_check
    CHECK (state IN ('waiting', 'done', 'conflict', 'failed', 'dropped'));
-- Until now a conflict that was settled by taking the source's value was kept as failed.
UPDATE {schema}._push SET state = 'dropped' WHERE state = 'failed' AND detail -> 'theirs' <> '{}';
CREATE INDEX _push_of_row ON {schema}._push (mapping, key);
