import { InputNumber } from "antd";
import { useWords } from "../../app/language";
import { FormulaEditor } from "../formula/FormulaEditor";

/** What would show that a hit was right, and within how many days. */
export interface WantedOutcome {
  outcome: string | null;
  outcome_days: number;
}

/** Asks for it. `at` is its place in a draft, where it is part of one. */
export function OutcomeFields(props: {
  object: string;
  wanted: WantedOutcome;
  onWanted: (part: Partial<WantedOutcome>) => void;
  at?: string;
}) {
  const { object, wanted, onWanted, at } = props;
  const { t } = useWords();
  return (
    <>
      <FormulaEditor
        object={object}
        {...(at === undefined ? {} : { at })}
        label={t("past.outcome")}
        expect="boolean"
        placeholder={t("past.outcomePlaceholder")}
        value={wanted.outcome ?? ""}
        onChange={(outcome) => onWanted({ outcome })}
      />
      <div className="inline">
        <span className="lead">{t("past.within")}</span>
        <InputNumber<number>
          aria-label={t("past.outcomeDays")}
          min={1}
          max={365}
          suffix={t("unit.days")}
          style={{ width: 110 }}
          value={wanted.outcome_days}
          onChange={(days) => onWanted({ outcome_days: days ?? 30 })}
        />
      </div>
    </>
  );
}
