import { App, Button } from "antd";
import { Undo2 } from "lucide-react";
import { useRef, useState } from "react";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { optionsOf } from "../../meta/options";
import "./light-entry.css";
import {
  type Entered,
  type EntryOffer,
  fitting,
  secondsSince,
  useEnter,
  useEntryOffers,
  useUndoEntry,
} from "./entries";

/** Today's key progress by one tap: the platform fills stage, time, project and collaborators (S2-19, S2-20). */
export function LightEntries({ near }: { near?: string }) {
  const offers = useEntryOffers(near).data ?? [];
  return offers.map((each) => <LightEntry key={each.object} offer={each} />);
}

function LightEntry({ offer }: { offer: EntryOffer }) {
  const { t, say } = useWords();
  const { message } = App.useApp();
  const [chosen, setChosen] = useState<string>();
  const [note, setNote] = useState("");
  const [last, setLast] = useState<{ entered: Entered; what: string; seconds: number }>();
  const begun = useRef<number>(undefined);
  const enter = useEnter(offer);
  const undo = useUndoEntry(offer);
  const subject = offer.subjects.find((each) => each.id === chosen) ?? offer.subjects[0];
  const asked = offer.asks[0];
  const failed = (error: Error) => void message.error(error.message, 6);
  const touch = () => {
    begun.current ??= Date.now();
  };
  const tap = (preset: string, what: string) => {
    if (!subject) return;
    touch();
    const values =
      asked !== undefined && note.trim() !== "" ? { [asked]: note.trim() } : ({} as Record<string, string>);
    const seconds = secondsSince(begun.current ?? Date.now(), Date.now());
    enter.mutate(
      { preset, about: subject.id, values, seconds },
      {
        onSuccess: (entered) => {
          setLast({ entered, what: `${subject.label} · ${what}`, seconds });
          setNote("");
          begun.current = undefined;
        },
        onError: failed,
      },
    );
  };
  // What was just written stays with its undo, though nothing more may fit the record.
  if (subject === undefined && last === undefined) return null;
  return (
    <section className="light-entry" aria-label={say(offer.label)} onPointerDown={touch} onFocus={touch}>
      <header>
        <h2>{say(offer.label)}</h2>
        <span className="lead">{t("lightEntryLead")}</span>
      </header>
      <div className="light-entry-about" hidden={subject === undefined}>
        {/* Plain controls: My day is the first page, and a phone has its own picker. */}
        <select
          className="plain-input"
          aria-label={t("lightEntryAbout")}
          value={subject?.id ?? ""}
          onChange={(event) => setChosen(event.target.value)}
        >
          {offer.subjects.map((each) => (
            <option key={each.id} value={each.id}>
              {each.label}
            </option>
          ))}
        </select>
        {asked !== undefined && (
          <input
            className="plain-input"
            aria-label={t("lightEntryNote")}
            placeholder={t("lightEntryNote")}
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </div>
      <div className="light-entry-presets">
        {fitting(offer, subject?.id).map((each) => (
          <button
            key={each.key}
            type="button"
            className="preset"
            data-colour={each.color}
            disabled={enter.isPending}
            onClick={() => tap(each.key, say(each.label))}
          >
            {say(each.label)}
          </button>
        ))}
      </div>
      {last && (
        <p className="light-entry-done" role="status">
          <span>
            {t(last.entered.is_repeated ? "lightEntryAgain" : "lightEntryDone", { what: last.what })}
            <Moves offer={offer} entered={last.entered} />
            {!last.entered.is_repeated && (
              <span className="moved">
                {t("lightEntryTook", { count: last.seconds, share: Math.round(last.entered.share * 100) })}
              </span>
            )}
          </span>
          <Button
            size="small"
            icon={<Undo2 size={13} aria-hidden />}
            loading={undo.isPending}
            onClick={() => undo.mutate(last.entered.id, { onSuccess: () => setLast(undefined), onError: failed })}
          >
            {t("entryUndo")}
          </Button>
        </p>
      )}
    </section>
  );
}

/** 阶段：线索 → POC 测试 */
function Moves({ offer, entered }: { offer: EntryOffer; entered: Entered }) {
  const { say } = useWords();
  const fields = useModel().data?.objects.find((each) => each.key === offer.about)?.fields ?? [];
  return entered.moved.map((moved) => {
    const field = fields.find((each) => each.key === moved.field);
    const named = (value: unknown) =>
      say(field && optionsOf(field).find((each) => each.key === value)?.label) || String(value ?? "");
    return (
      <span key={moved.field} className="moved">
        {say(field?.label) || moved.field}：{named(moved.before)} → {named(moved.after)}
      </span>
    );
  });
}
