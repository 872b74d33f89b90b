import { Input, type InputRef } from "antd";
import { Check } from "lucide-react";
import { useId, useRef, useState } from "react";
import { Problem } from "../../api/client";
import { useWords } from "../../app/language";
import { useDesigns } from "../definitions";
import { At, useFaultsHere } from "../faults/FaultPlaces";
import { type Offer, offersAt, pointedAt } from "./completion";
import { FunctionHelp } from "./FunctionHelp";
import { useCheck, useFunctions, useSettled } from "./queries";
import { TryOnRecord } from "./TryOnRecord";
import "../designers.css";

export interface FormulaEditorProps {
  object: string;
  label: string;
  value: string;
  onChange: (text: string) => void;
  expect?: "boolean" | "number" | "text" | "date" | "datetime";
  placeholder?: string;
  /** Whether the value for a record of one's choice is shown below. */
  tried?: boolean;
  /** Its place in the draft: what the API refuses of it is told here. */
  at?: string;
}

/** A formula with what can stand at the caret, its type or the place of its fault, and what it gives for a record. */
export function FormulaEditor({ at, ...props }: FormulaEditorProps) {
  return at === undefined ? (
    <Formula {...props} />
  ) : (
    <At place={at} silent>
      <Formula {...props} />
    </At>
  );
}

function Formula(props: Omit<FormulaEditorProps, "at">) {
  const { object, label, value, onChange, expect, placeholder, tried = false } = props;
  const { t, language } = useWords();
  const designs = useDesigns();
  const functions = useFunctions();
  const [offers, setOffers] = useState<Offer[]>([]);
  const [chosen, setChosen] = useState(0);
  const box = useRef<HTMLTextAreaElement | null>(null);
  const composing = useRef(false);
  const list = useId();
  const settled = useSettled(value);
  const checked = useCheck(object, settled, expect);
  const answer = settled === value ? checked.data : undefined;
  const fault = answer && !answer.ok ? answer.faults?.[0] : undefined;
  // What was refused is mostly what is seen here already.
  const refused = useFaultsHere().filter((each) => each.message !== fault?.message);
  const unreachable = checked.error instanceof Problem ? checked.error.message : undefined;

  const look = (text: string, caret: number) => {
    if (designs === undefined || composing.current) return;
    setOffers(offersAt(designs, object, functions, language, text, caret));
    setChosen(0);
  };
  const take = (offer: Offer) => {
    const next = value.slice(0, offer.from) + offer.text + value.slice(offer.to);
    onChange(next);
    setOffers([]);
    moveTo(offer.caret);
  };
  const insert = (text: string, back = 0) => {
    const at = box.current?.selectionStart ?? value.length;
    onChange(value.slice(0, at) + text + value.slice(at));
    moveTo(at + text.length - back);
  };
  const moveTo = (caret: number) =>
    window.setTimeout(() => {
      box.current?.focus();
      box.current?.setSelectionRange(caret, caret);
    });
  const onKey = (event: React.KeyboardEvent<HTMLTextAreaElement>) => {
    const offer = offers[chosen];
    if (offer === undefined || event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") setChosen((chosen + 1) % offers.length);
    else if (event.key === "ArrowUp") setChosen((chosen + offers.length - 1) % offers.length);
    else if (event.key === "Enter" || event.key === "Tab") take(offer);
    else if (event.key === "Escape") {
      event.stopPropagation();
      setOffers([]);
    } else return;
    event.preventDefault();
  };
  return (
    <div className="formula">
      <div className="formula-box">
        <Input.TextArea
          ref={(given: (InputRef & { resizableTextArea?: { textArea: HTMLTextAreaElement } }) | null) => {
            box.current = given?.resizableTextArea?.textArea ?? null;
          }}
          aria-label={label}
          aria-autocomplete="list"
          aria-controls={offers.length > 0 ? list : undefined}
          aria-activedescendant={offers.length > 0 ? `${list}-${chosen}` : undefined}
          autoSize={{ minRows: 1, maxRows: 8 }}
          spellCheck={false}
          status={fault || refused.length > 0 ? "error" : ""}
          placeholder={placeholder ?? t("formula.placeholder")}
          value={value}
          onChange={(event) => {
            onChange(event.target.value);
            look(event.target.value, event.target.selectionStart);
          }}
          onCompositionStart={() => {
            composing.current = true;
          }}
          onCompositionEnd={(event) => {
            composing.current = false;
            look(event.currentTarget.value, event.currentTarget.selectionStart);
          }}
          onKeyDown={onKey}
          onBlur={() => setOffers([])}
        />
        {answer?.ok && (
          <Check
            className="formula-ok"
            size={14}
            role="img"
            aria-label={t("formula.right", { type: answer.type_name })}
          />
        )}
        <FunctionHelp object={object} functions={functions} onInsert={insert} />
        {offers.length > 0 && (
          <div className="formula-offers" id={list} role="listbox" aria-label={label}>
            {offers.map((offer, at) => (
              <div
                key={`${offer.kind}${offer.label}${offer.detail}`}
                id={`${list}-${at}`}
                role="option"
                aria-selected={at === chosen}
                // The textarea keeps the focus.
                onMouseDown={(event) => {
                  event.preventDefault();
                  take(offer);
                }}
              >
                <b>{offer.label}</b>
                <span>{offer.detail}</span>
              </div>
            ))}
          </div>
        )}
      </div>
      <div className="formula-foot" aria-live="polite">
        {[...(fault ? [fault] : []), ...refused].map((each) => (
          <Pointed
            key={`${each.code}${each.message}`}
            text={value}
            message={each.message}
            position={each.position}
            onGo={moveTo}
          />
        ))}
        {!fault && unreachable && <span className="fault">{unreachable}</span>}
        {/* Where a type is wanted, that it is right goes without saying. */}
        {answer?.ok && expect === undefined && (
          <span className="lead">{t("formula.gives", { type: answer.type_name })}</span>
        )}
      </div>
      {tried && answer?.ok && <TryOnRecord object={object} text={settled} />}
    </div>
  );
}

function Pointed(props: {
  text: string;
  message: string;
  position: number | undefined;
  onGo: (position: number) => void;
}) {
  const { text, message, position, onGo } = props;
  const { t } = useWords();
  if (position === undefined) return <span className="fault">{message}</span>;
  const [before, word, after] = pointedAt(text, position);
  return (
    <span className="fault">
      {message}{" "}
      <button type="button" className="pointed" title={t("formula.goThere")} onClick={() => onGo(position)}>
        {before}
        <mark>{word || "␣"}</mark>
        {after}
      </button>
    </span>
  );
}
