-- What a workspace made of the shipped signal words: one row a change, the last of a kind is in force. `words` is null
-- where a kind was put back to what is shipped, or removed.
CREATE TABLE {schema}._signal_words (
    version   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind      text NOT NULL,
    words     jsonb,
    by_person uuid,
    at        timestamptz NOT NULL
);
CREATE INDEX _signal_words_latest ON {schema}._signal_words (kind, version DESC);
