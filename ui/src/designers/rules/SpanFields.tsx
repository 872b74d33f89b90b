import { InputNumber, Select, Space } from "antd";
import { useWords } from "../../app/language";
import type { Span } from "../definitions";
import { SPAN_UNITS } from "./draft";

/** A stretch of time with its unit. */
export function SpanFields(props: { label: string; value: Span; onChange: (span: Span) => void }) {
  const { label, value, onChange } = props;
  const { t } = useWords();
  return (
    <Space.Compact>
      <InputNumber<number>
        aria-label={label}
        min={0}
        max={10_000}
        style={{ width: 84 }}
        value={value.amount}
        onChange={(amount) => onChange({ ...value, amount: amount ?? 0 })}
      />
      <Select
        aria-label={`${label} · ${t("unit")}`}
        style={{ width: 110 }}
        value={value.unit}
        options={SPAN_UNITS.map((unit) => ({ value: unit, label: t(`unit.${unit}`) }))}
        onChange={(unit) => onChange({ ...value, unit })}
      />
    </Space.Compact>
  );
}
