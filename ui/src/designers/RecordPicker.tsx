import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { listRecords, useModel } from "../api/queries";
import { titleOf } from "../meta/target";

/** One record of an object, found by its search text. */
export function RecordPicker(props: {
  object: string;
  label: string;
  value: string | undefined;
  onChange: (id: string | undefined) => void;
}) {
  const { object, label, value, onChange } = props;
  const model = useModel().data;
  const [typed, setTyped] = useState("");
  const found = useQuery({
    queryKey: ["choices", object, typed],
    queryFn: () => listRecords(object, { limit: 20, search: typed }),
    placeholderData: (before) => before,
    enabled: object !== "",
    retry: false,
  });
  return (
    <Select
      aria-label={label}
      placeholder={label}
      style={{ width: "100%" }}
      allowClear
      showSearch={{ filterOption: false, onSearch: setTyped }}
      {...(value === undefined ? {} : { value })}
      onChange={(id: string | undefined) => onChange(id)}
      options={(found.data?.items ?? []).map((row) => ({ value: row.id, label: titleOf(model, object, row) }))}
    />
  );
}
