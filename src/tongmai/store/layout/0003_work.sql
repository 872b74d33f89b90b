-- What is told to people: one row a person and key, so that telling twice tells once. It stands in the inbox from
-- `show_at` on; `held` says why that is later than `at`. Ids are of version 7: their order is that of time.
CREATE TABLE {schema}._notice (
    id             uuid PRIMARY KEY,
    person         uuid NOT NULL,
    key            text NOT NULL,
    kind           text NOT NULL,
    title          text NOT NULL,
    body           text,
    urgent         boolean NOT NULL,
    subject_object text,
    subject_id     text,
    subject        text,
    at             timestamptz NOT NULL,
    show_at        timestamptz NOT NULL,
    held           text CHECK (held IN ('quiet', 'budget')),
    seen_at        timestamptz,
    UNIQUE (person, key)
);
CREATE INDEX _notice_inbox ON {schema}._notice (person, show_at, id);
CREATE INDEX _notice_unseen ON {schema}._notice (person, show_at) WHERE seen_at IS NULL;

-- What goes out by a channel: a notice, or a call of a hook (`content`). Those `together` go out in one message with
-- others for the same person; `message` names it and is the same at each attempt, so that receivers tell repetitions.
CREATE TABLE {schema}._delivery (
    id          uuid PRIMARY KEY,
    notice      uuid REFERENCES {schema}._notice (id) ON DELETE CASCADE,
    person      uuid,
    channel     text NOT NULL,
    key         text NOT NULL UNIQUE,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'sent', 'dead', 'dropped')),
    due_at      timestamptz NOT NULL,
    together    boolean NOT NULL DEFAULT false,
    message     uuid,
    attempt     integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    content     jsonb,
    log         jsonb NOT NULL DEFAULT '[]',
    made_at     timestamptz NOT NULL,
    sent_at     timestamptz
);
CREATE INDEX _delivery_due ON {schema}._delivery (due_at) WHERE state = 'waiting';
CREATE INDEX _delivery_leased ON {schema}._delivery (lease_until) WHERE state = 'sending';
CREATE INDEX _delivery_of_notice ON {schema}._delivery (notice);
CREATE INDEX _delivery_to_person ON {schema}._delivery (person, channel) WHERE state = 'waiting' AND together;

-- How many interruptions a person has had on a day of the workspace's zone.
CREATE TABLE {schema}._alert_budget (
    person uuid NOT NULL,
    day    date NOT NULL,
    used   integer NOT NULL,
    PRIMARY KEY (person, day)
);

-- How a person wants to be told: quiet hours, digests, channels, budget. Without a row the workspace's own hold.
CREATE TABLE {schema}._preference (
    person     uuid PRIMARY KEY,
    given      jsonb NOT NULL,
    changed_at timestamptz NOT NULL
);

-- What holds for the whole workspace, by name.
CREATE TABLE {schema}._work_setting (
    name       text PRIMARY KEY,
    value      jsonb NOT NULL,
    changed_at timestamptz NOT NULL
);

-- Out of office: who stands in from when to when.
CREATE TABLE {schema}._absence (
    id       uuid PRIMARY KEY,
    person   uuid NOT NULL,
    from_at  timestamptz NOT NULL,
    to_at    timestamptz NOT NULL,
    stand_in uuid,
    reason   text,
    CHECK (from_at < to_at)
);
CREATE INDEX _absence_of_person ON {schema}._absence (person, to_at);

-- What is to be done later, once: a caring script after a skip, a reminder at the end of a snooze.
CREATE TABLE {schema}._follow_up (
    key     text PRIMARY KEY,
    kind    text NOT NULL,
    due_at  timestamptz NOT NULL,
    person  uuid NOT NULL,
    content jsonb NOT NULL,
    done_at timestamptz
);
CREATE INDEX _follow_up_due ON {schema}._follow_up (due_at) WHERE done_at IS NULL;

-- The editions of content packs as they were published, and what people did with them.
CREATE TABLE {schema}._content_edition (
    content      uuid NOT NULL,
    edition      integer NOT NULL,
    title        text NOT NULL,
    body         text,
    files        uuid[],
    must_read    boolean NOT NULL,
    published_at timestamptz NOT NULL,
    published_by uuid,
    PRIMARY KEY (content, edition)
);

CREATE TABLE {schema}._content_event (
    id             uuid PRIMARY KEY,
    content        uuid NOT NULL,
    edition        integer NOT NULL,
    person         uuid NOT NULL,
    event          text NOT NULL CHECK (event IN ('pushed', 'opened', 'used', 'confirmed')),
    subject_object text,
    subject_id     text,
    key            text UNIQUE,
    at             timestamptz NOT NULL
);
CREATE INDEX _content_event_of_content ON {schema}._content_event (content, edition, event, person);
CREATE INDEX _content_event_of_person ON {schema}._content_event (person, at);
