import { type KeyboardEvent, useState } from "react";
import type { FieldDef, FieldValue, RecordRow } from "../../api/types";
import { Editor } from "../../meta/Editor";
import { isReference } from "../../meta/Value";

/** A cell while it is edited: Enter or leaving it keeps, Escape leaves it as it was. */
export function CellEditor(props: {
  field: FieldDef;
  row: RecordRow;
  onDone: (value: FieldValue | undefined) => void;
}) {
  const { field, row, onDone } = props;
  const before = plain(row[field.key]);
  const [value, setValue] = useState<FieldValue>(before);
  const done = (next: FieldValue = value) => onDone(JSON.stringify(next) === JSON.stringify(before) ? undefined : next);
  const key = (event: KeyboardEvent) => {
    event.stopPropagation();
    // Enter that ends the composition of Chinese text is not meant for the cell.
    if (event.key === "Enter" && !event.nativeEvent.isComposing && field.type !== "long_text") done();
    if (event.key === "Escape") onDone(undefined);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens for what its input lets through
    <div
      className="cell-editor"
      onKeyDown={key}
      onBlur={(event) => {
        // A drop-down lies outside the cell: what it takes is not leaving.
        const next = event.relatedTarget as HTMLElement | null;
        if (
          next !== null &&
          !event.currentTarget.contains(next) &&
          next.closest(".ant-select-dropdown, .ant-picker-dropdown") === null
        )
          done();
      }}
    >
      <Editor
        id={`cell-${field.key}`}
        field={field}
        value={value}
        invalid={false}
        focus
        onChange={(next) => {
          setValue(next);
          if (AT_ONCE.has(field.type)) done(next);
        }}
      />
    </div>
  );
}

/** Kinds that are chosen, not typed: the choice ends the editing. */
const AT_ONCE = new Set(["choice", "boolean", "date", "person", "team", "relation"]);

function plain(value: FieldValue | undefined): FieldValue {
  if (Array.isArray(value)) return value.map((each) => plain(each));
  return isReference(value) ? value : (value ?? null);
}
