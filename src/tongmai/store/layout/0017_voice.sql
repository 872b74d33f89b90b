-- Voice messages of archives that are to be heard: which, how often it was tried, who heard them. What was said stands with
-- the message alone, so that consent withdrawn takes it away there. `next_at` is when it is due, or when who has it is late.
CREATE TABLE {schema}._voice (
    source    text NOT NULL,
    key       text NOT NULL,
    said_at   timestamptz,
    state     text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'heard', 'refused')),
    tries     integer NOT NULL DEFAULT 0,
    next_at   timestamptz NOT NULL,
    heard_by  text,
    certainty real,
    PRIMARY KEY (source, key)
);
CREATE INDEX _voice_waiting ON {schema}._voice (source, said_at DESC, key) WHERE state = 'waiting';
