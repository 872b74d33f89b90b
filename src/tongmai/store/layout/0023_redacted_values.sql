-- A value can be blotted out of the past of a record that stays: the entry `redact` names the entries that say less
-- since, each with the hash of what it says now. Stretches of any size pass the wider check, so none is looked through.
ALTER TABLE {schema}._history DROP CONSTRAINT _history_action_check;
ALTER TABLE {schema}._history ADD CONSTRAINT _history_action_check
    CHECK (action IN ('create', 'update', 'delete', 'restore', 'purge', 'redact')) NOT VALID;

-- What a rule's firing made or wrote is found by it.
CREATE INDEX _history_of_rule ON {schema}._history (cause) WHERE cause LIKE 'rule:%';
