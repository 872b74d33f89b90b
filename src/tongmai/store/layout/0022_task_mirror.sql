-- A task as a to-do in its owner's own list at a vendor: in whose name it was made, whose it is, what it is called there,
-- and what was told of it last. `next_at` is when it may be told again.
CREATE TABLE {schema}._task_mirror (
    source  text NOT NULL,
    task    uuid NOT NULL,
    maker   text NOT NULL,
    whose   text NOT NULL,
    todo    text NOT NULL,
    version bigint NOT NULL,
    done    boolean NOT NULL,
    next_at timestamptz NOT NULL,
    PRIMARY KEY (source, task)
);
