import { App, Button, Input, Popconfirm, Select } from "antd";
import { useState } from "react";
import { Problem } from "../../api/client";
import { useWords } from "../../app/language";
import { useUnsaved } from "../../app/unsaved";
import { Faults } from "../change/Faults";
import { FaultPlaces, Refused, useRefuse } from "../faults/FaultPlaces";
import { both, LabelFields, Line } from "../LabelFields";
import { TriedView } from "./TriedView";
import { type Kind, readWords, usePutWords, useRemoveWords, useTryWords, type Words } from "./words";

const SPEAKERS = ["customer", "member", "anybody"] as const;
const MESSAGES = 5_000;

/** One kind of signal: shipped words that count or not, the company's own, and how they would do on real messages. */
export function WordsEditor(props: {
  words: Words;
  version: number;
  shipped: Kind | null;
  isNew: boolean;
  onDone: (key: string) => void;
}) {
  const [first] = useState(props.words);
  const [draft, setDraft] = useState(first);
  const unsaved = useUnsaved(draft !== first);
  return (
    <FaultPlaces draft={draft}>
      <WordsForm
        {...props}
        draft={draft}
        onDraft={setDraft}
        onDone={(key) => {
          unsaved.release();
          props.onDone(key);
        }}
      />
    </FaultPlaces>
  );
}

function WordsForm(props: {
  draft: Words;
  version: number;
  shipped: Kind | null;
  isNew: boolean;
  onDraft: (draft: Words) => void;
  onDone: (key: string) => void;
}) {
  const { draft, version, shipped, isNew, onDraft, onDone } = props;
  const { t, say } = useWords();
  const { message } = App.useApp();
  const refuse = useRefuse();
  const [problem, setProblem] = useState<Problem>();
  const tried = useTryWords();
  const put = usePutWords();
  const remove = useRemoveWords();
  const set = (part: Partial<Words>) => onDraft({ ...draft, ...part });
  const ready: Words = { ...draft, label: both(draft.label) };
  const sound = /^[a-z][a-z0-9_]*$/.test(draft.key) && ready.label.zh.trim() !== "";
  const failed = (error: Error) => {
    if (!(error instanceof Problem)) throw error;
    const faults = error.faults.map((each) => ({ ...each, at: each.field?.replace(/^words\./, "") }));
    setProblem(refuse?.({ message: error.message, faults }) ? undefined : error);
  };
  const save = () =>
    put.mutate(
      { words: ready, version },
      {
        onSuccess: () => {
          setProblem(undefined);
          void message.success(t("wordsSaved"));
          onDone(ready.key);
        },
        onError: failed,
      },
    );
  return (
    <>
      <section className="source-head">
        <h2>{isNew ? t("addKind") : say(draft.label)}</h2>
        <span className="gap" />
        <Button
          loading={tried.isPending}
          disabled={!sound}
          onClick={() =>
            tried.mutate(
              { words: ready, messages: MESSAGES },
              { onSuccess: () => setProblem(undefined), onError: failed },
            )
          }
        >
          {t("tryWords")}
        </Button>
        <Button type="primary" loading={put.isPending} disabled={!sound} onClick={save}>
          {t("save")}
        </Button>
        {version > 0 && (
          <Popconfirm
            title={t(shipped ? "wordsBackSure" : "kindRemoveSure")}
            onConfirm={() =>
              remove.mutate({ key: draft.key, version }, { onSuccess: () => onDone(draft.key), onError: failed })
            }
          >
            <Button danger>{t(shipped ? "wordsBack" : "delete")}</Button>
          </Popconfirm>
        )}
      </section>
      <Refused />
      {problem && <Faults message={problem.message} faults={problem.faults} />}
      <dl className="fields settings">
        {!shipped && (
          <>
            <Line label={t("labelWord")} at="label">
              <LabelFields label={draft.label} onChange={(label) => set({ label })} />
            </Line>
            {isNew && (
              <Line label={t("key")} at="key" lead={t("kindKeyLead")}>
                <Input
                  aria-label={t("key")}
                  value={draft.key}
                  onChange={(event) => set({ key: event.target.value.trim() })}
                />
              </Line>
            )}
            <Line label={t("saidBy")} at="said_by">
              <Select
                aria-label={t("saidBy")}
                style={{ width: 180 }}
                value={draft.said_by}
                onChange={(said_by) => set({ said_by })}
                options={SPEAKERS.map((value) => ({ value, label: t(`saidBy.${value}`) }))}
              />
            </Line>
          </>
        )}
        {shipped && (
          <Line label={t("shippedWords")} at="without" lead={t("shippedWordsLead")}>
            <div className="word-chips">
              {shipped.keywords.map((word) => {
                const isOut = draft.without.includes(word);
                return (
                  <button
                    key={word}
                    type="button"
                    className="word-chip"
                    aria-pressed={!isOut}
                    onClick={() =>
                      set({ without: isOut ? draft.without.filter((each) => each !== word) : [...draft.without, word] })
                    }
                  >
                    {word}
                  </button>
                );
              })}
            </div>
          </Line>
        )}
        <Line label={t("ownKeywords")} at="keywords" lead={t("ownKeywordsLead")}>
          <WordList label={t("ownKeywords")} words={draft.keywords} onChange={(keywords) => set({ keywords })} />
        </Line>
        <Line label={t("cancelledBy")} at="cancelled_by" lead={t("cancelledByLead")}>
          <WordList
            label={t("cancelledBy")}
            words={draft.cancelled_by}
            onChange={(cancelled_by) => set({ cancelled_by })}
          />
        </Line>
      </dl>
      {tried.data && <TriedView key={tried.submittedAt} tried={tried.data} />}
    </>
  );
}

/** Words as tags; what is pasted with commas or line breaks becomes several. */
function WordList(props: { label: string; words: string[]; onChange: (words: string[]) => void }) {
  return (
    <Select
      aria-label={props.label}
      mode="tags"
      open={false}
      suffixIcon={null}
      style={{ width: "100%" }}
      value={props.words}
      onChange={(given: string[]) => props.onChange(readWords(given.join("\n")))}
    />
  );
}
