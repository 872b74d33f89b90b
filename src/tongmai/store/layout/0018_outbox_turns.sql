-- Rules take turns at the outbox: ten thousand actions of one rule do not stand before the one of another. A key begins
-- with its rule.
CREATE INDEX _outbox_turns ON {schema}._outbox (split_part(key, ':', 2), next_at) WHERE state = 'waiting';
DROP INDEX {schema}._outbox_waiting;
