-- Whose chat it is, where a person said so in the side-bar of the chat. What mappings and the reading of messages follow
-- (`_lineage`, `_match_queue`) is written with it.
CREATE TABLE {schema}._chat_link (
    source      text NOT NULL,
    external_id text NOT NULL,
    object      text NOT NULL,
    record_id   uuid NOT NULL,
    linked_by   uuid,
    at          timestamptz NOT NULL,
    PRIMARY KEY (source, external_id)
);

-- A record may have come from several rows (two customers that were merged): a change goes back to each of them.
ALTER TABLE {schema}._push DROP CONSTRAINT _push_mapping_epoch_seq_key;
ALTER TABLE {schema}._push ADD CONSTRAINT _push_once UNIQUE (mapping, epoch, seq, key);
