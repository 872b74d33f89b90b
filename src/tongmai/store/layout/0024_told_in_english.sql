-- What a notice says in English where that is another text than the Chinese beside it; its reader's language decides.
ALTER TABLE {schema}._notice ADD COLUMN title_en text, ADD COLUMN body_en text, ADD COLUMN subject_en text;
