import { Select } from "antd";
import { useWords } from "../../app/language";
import { targetOf } from "../../meta/target";
import { namedFields, useDesigns } from "../definitions";
import { whoPhrase } from "./sentence";

interface Common {
  object: string;
  label: string;
}

/** People as seen from the record: its owner, who leads them, a role, or whom one of its fields names. */
function useWho(object: string, chosen: string[]) {
  const { t, language } = useWords();
  const designs = useDesigns();
  const named = namedFields(designs, object)
    .filter((each) => targetOf(each) === "person" && each.key !== "owner")
    .map((each) => `person:${each.key}`);
  const roles = (designs?.roles ?? []).map((each) => `role:${each.key}`);
  const all = ["owner", "superior", ...roles, ...named];
  return [...all, ...chosen.filter((each) => !all.includes(each))].map((value) => ({
    value,
    label: whoPhrase(value, object, designs, language, t),
  }));
}

export function WhoSelect({
  object,
  label,
  value,
  onChange,
}: Common & { value: string; onChange: (who: string) => void }) {
  return <Select aria-label={label} value={value} options={useWho(object, [value])} onChange={onChange} />;
}

export function WhosSelect(props: Common & { value: string[]; onChange: (who: string[]) => void }) {
  const { object, label, value, onChange } = props;
  return (
    <Select
      aria-label={label}
      placeholder={label}
      mode="multiple"
      value={value}
      options={useWho(object, value)}
      onChange={onChange}
    />
  );
}
