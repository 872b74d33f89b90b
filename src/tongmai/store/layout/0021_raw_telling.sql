-- The few messages that more is done with than reading them: consent spoken, and voices to be heard. Looked for among all
-- that came, each message would be read twice more.
CREATE INDEX _raw_telling ON {schema}._raw (seq, stream) WHERE body->>'kind' IN ('agree', 'disagree', 'voice');
