import { Button, Select } from "antd";
import { useState } from "react";
import { useWords } from "../../app/language";
import type { SegmentDef } from "../definitions";
import { Line } from "../LabelFields";
import { TryOnPast } from "../rules/backtest/TryOnPast";
import type { WantedOutcome } from "../rules/OutcomeFields";

/** A decision table over the past: who would have entered which class when, and what followed. */
export function SegmentOnPast(props: { segment: SegmentDef; live: SegmentDef | undefined; onClose: () => void }) {
  const { segment, live, onClose } = props;
  const { t, say } = useWords();
  const [classes, setClasses] = useState<string[]>([]);
  const [wanted, setWanted] = useState<WantedOutcome>({ outcome: null, outcome_days: 30 });
  return (
    <>
      <TryOnPast
        object={segment.object}
        tried={{ segment, classes }}
        live={live}
        wanted={wanted}
        onWanted={(part) => setWanted((before) => ({ ...before, ...part }))}
      >
        <Line label={t("segment.enters")}>
          <Select
            aria-label={t("segment.enters")}
            placeholder={t("rule.anyClass")}
            mode="multiple"
            style={{ width: "100%" }}
            value={classes}
            options={segment.classes.map((each) => ({ value: each.key, label: say(each.label) }))}
            onChange={setClasses}
          />
        </Line>
      </TryOnPast>
      <Button type="text" onClick={onClose}>
        {t("segment.backToTable")}
      </Button>
    </>
  );
}
