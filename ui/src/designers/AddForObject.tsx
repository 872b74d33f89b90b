import { Button, Select } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { ObjectDef } from "../api/types";
import { useWords } from "../app/language";

/** Adds what an object has one of: the button turns into the choice of the objects that have none yet. */
export function AddForObject(props: {
  label: string;
  asks: string;
  objects: readonly ObjectDef[];
  onChoose: (object: string) => void;
}) {
  const { label, asks, objects, onChoose } = props;
  const { say } = useWords();
  const [adding, setAdding] = useState(false);
  if (!adding)
    return (
      <Button
        type="primary"
        icon={<Plus size={14} aria-hidden />}
        disabled={objects.length === 0}
        onClick={() => setAdding(true)}
      >
        {label}
      </Button>
    );
  return (
    <Select
      aria-label={asks}
      placeholder={asks}
      autoFocus
      defaultOpen
      style={{ width: 200 }}
      showSearch={{ optionFilterProp: "label" }}
      options={objects.map((each) => ({ value: each.key, label: say(each.label) }))}
      onChange={onChoose}
      onBlur={() => setAdding(false)}
    />
  );
}
