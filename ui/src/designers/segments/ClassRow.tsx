import { Button, Input, Select } from "antd";
import { X } from "lucide-react";
import { useState } from "react";
import { useWords } from "../../app/language";
import { namesIn } from "../../meta/names";
import { plainWords } from "../../meta/plain-words";
import { type SegmentClass, useDesigns } from "../definitions";
import { FormulaEditor } from "../formula/FormulaEditor";
import { inLanguage } from "../LabelFields";
import { ClassChip, COLOURS } from "./ClassChip";

/** One row of the decision table: its sign and name, its condition, and how many records it takes. */
export function ClassRow(props: {
  object: string;
  given: SegmentClass;
  number: number;
  count: number | undefined;
  now: number | undefined;
  only: boolean;
  onChange: (part: Partial<SegmentClass>) => void;
  onRemove: () => void;
}) {
  const { object, given, number, count, now, only, onChange, onRemove } = props;
  const { t, language } = useWords();
  const [leaves, setLeaves] = useState(given.leave_when !== null);
  const designs = useDesigns();
  const said = (condition: string) => plainWords(condition, language, namesIn(designs, object, language));
  const rest = given.when === null;
  return (
    <div className="class-row">
      <div className="class-head">
        <Select
          aria-label={`${t("segment.colour")} ${number}`}
          style={{ width: 108 }}
          value={given.colour}
          options={COLOURS.map((value) => ({
            value,
            label: <ClassChip colour={value}>{t(`colour.${value}`)}</ClassChip>,
          }))}
          onChange={(colour) => onChange({ colour })}
        />
        <Input
          aria-label={`${t("segment.className")} ${number}`}
          placeholder={t("segment.className")}
          value={given.label[language]}
          onChange={(event) => onChange({ label: inLanguage(given.label, language, event.target.value) })}
        />
        <span className="class-count" title={t("segment.ifApplied")}>
          <b>{count ?? "—"}</b>
          {now !== undefined && now !== count && count !== undefined && (
            <small>{t("segment.was", { count: now })}</small>
          )}
        </span>
        <Button
          type="text"
          size="small"
          aria-label={t("segment.removeClass", { number })}
          disabled={only}
          icon={<X size={14} aria-hidden />}
          onClick={onRemove}
        />
      </div>
      {rest ? (
        <p className="lead">
          {t("segment.rest")}{" "}
          <button type="button" className="link-button" onClick={() => onChange({ when: "" })}>
            {t("segment.giveCondition")}
          </button>
        </p>
      ) : (
        <FormulaEditor
          object={object}
          at="when"
          label={t("segment.when", { number })}
          expect="boolean"
          value={given.when ?? ""}
          onChange={(when) => onChange({ when })}
        />
      )}
      {given.when && <p className="lead small">{said(given.when)}</p>}
      {!rest &&
        (leaves ? (
          <div className="class-leave">
            <span className="lead">{t("segment.leaveWhen")}</span>
            <FormulaEditor
              object={object}
              at="leave_when"
              label={`${t("segment.leaveWhen")} ${number}`}
              expect="boolean"
              value={given.leave_when ?? ""}
              onChange={(leave_when) => onChange({ leave_when })}
            />
            {given.leave_when && <p className="lead small">{said(given.leave_when)}</p>}
          </div>
        ) : (
          <button type="button" className="link-button" onClick={() => setLeaves(true)}>
            {t("segment.addLeave")}
          </button>
        ))}
    </div>
  );
}
