import { Segmented, Select, Switch } from "antd";
import type { FieldDef } from "../../api/types";
import { useWords } from "../../app/language";
import type { Mode, Wishes } from "./queries";

const MODES: Mode[] = ["insert", "merge", "update"];

/** How the rows meet the records that are there: whether they change them, and by which fields they are found. */
export function Meeting(props: {
  wishes: Wishes;
  /** The fields that columns go to: a record can be found by no other. */
  mapped: FieldDef[];
  onChange: (part: Partial<Pick<Wishes, "mode" | "key" | "blanks">>) => void;
}) {
  const { wishes, mapped, onChange } = props;
  const { t, say } = useWords();
  return (
    <section className="import-meeting" aria-label={t("importMode")}>
      <Segmented
        aria-label={t("importMode")}
        value={wishes.mode}
        onChange={(mode) => onChange({ mode })}
        options={MODES.map((value) => ({ value, label: t(`importMode.${value}`) }))}
      />
      <p className="blank">{t(`importModeLead.${wishes.mode}`)}</p>
      {wishes.mode !== "insert" && (
        <div className="import-keys">
          <Select
            mode="multiple"
            aria-label={t("importKey")}
            placeholder={t("importKeyLead")}
            value={wishes.key}
            onChange={(key) => onChange({ key })}
            options={mapped.map((each) => ({ value: each.key, label: say(each.label) }))}
          />
          {/* biome-ignore lint/a11y/noLabelWithoutControl: the switch is the control */}
          <label>
            <Switch
              size="small"
              checked={wishes.blanks === "clear"}
              onChange={(clear) => onChange({ blanks: clear ? "clear" : "keep" })}
            />{" "}
            {t("importBlanks")}
          </label>
        </div>
      )}
    </section>
  );
}

/** The fields by which records are usually found: what is unique and has a column, else the object's title. */
export function usualKey(mapped: FieldDef[], title: string | null): string[] {
  const unique = mapped.find((each) => each.unique);
  const found = unique ?? mapped.find((each) => each.key === title);
  return found === undefined ? [] : [found.key];
}
