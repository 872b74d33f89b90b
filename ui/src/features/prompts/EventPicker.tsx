import { Select } from "antd";
import { useWords } from "../../app/language";
import { useDesigns } from "../../designers/definitions";
import { keyOf, useSignalWords } from "../../designers/words/words";

/** The events that can be told of a record, by what they are called: signals heard in chats, and what rules wait for. */
export function useEvents(): (key: string) => string {
  const { say } = useWords();
  const heard = useSignalWords().data?.items ?? [];
  return (key) => {
    const found = heard.find((each) => keyOf(each) === key);
    return say(found?.own?.words?.label ?? found?.shipped?.label) || key;
  };
}

/** Some events, at most so many; one that is not known here yet can be typed. */
export function EventPicker(props: {
  label: string;
  placeholder: string;
  most: number;
  value: readonly string[];
  onChange: (events: string[]) => void;
}) {
  const { label, placeholder, most, value, onChange } = props;
  const named = useEvents();
  const heard = useSignalWords().data?.items ?? [];
  const waited = (useDesigns()?.rules ?? []).flatMap(({ when }) => (when.kind === "happens" ? [when.event] : []));
  const known = [...new Set([...heard.map(keyOf), ...waited, ...value])].filter((each) => each !== "");
  return (
    <Select
      aria-label={label}
      placeholder={placeholder}
      mode="tags"
      maxCount={most}
      style={{ width: "100%" }}
      value={[...value]}
      optionFilterProp="label"
      options={known.map((each) => ({ value: each, label: named(each) }))}
      onChange={(events: string[]) => onChange(events.map((each) => each.trim()).filter((each) => each !== ""))}
    />
  );
}
