import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { listRecords, useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { titleOf } from "../../meta/target";

/** Before a role's key, where a person's id could stand too. */
export const ROLE = "role:";

/** Roles first: one need not know who works there. Then the people one may see. */
export function Whom(props: {
  label?: string;
  roles: { key: string; label: string }[];
  to: string | null;
  onTo: (to: string | null) => void;
  /** Who is chosen at first, by name: the list of people may begin with others. */
  known?: { value: string; label: string };
}) {
  const { roles, to, onTo, known } = props;
  const { t } = useWords();
  const label = props.label ?? t("askWhom");
  const model = useModel().data;
  const [typed, setTyped] = useState("");
  // Who was chosen keeps his name when the list goes on to others.
  const [picked, setPicked] = useState(known);
  const people = useQuery({
    queryKey: ["choices", "person", typed],
    queryFn: () => listRecords("person", { limit: 20, ...(typed ? { search: typed } : {}) }),
    placeholderData: (before) => before,
    retry: false,
  });
  const found = (people.data?.items ?? []).map((row) => ({ value: row.id, label: titleOf(model, "person", row) }));
  const matching = roles.filter((each) => each.label.includes(typed));
  return (
    <div>
      <span>{label}</span>
      <Select
        aria-label={label}
        value={to}
        showSearch={{ filterOption: false, onSearch: setTyped }}
        onChange={(next: string | null) => {
          setPicked(found.find((each) => each.value === next));
          onTo(next);
        }}
        options={[
          ...(matching.length > 0
            ? [
                {
                  label: t("askRoles"),
                  options: matching.map((each) => ({ value: `${ROLE}${each.key}`, label: each.label })),
                },
              ]
            : []),
          {
            label: t("personWord"),
            options: picked && !found.some((each) => each.value === picked.value) ? [picked, ...found] : found,
          },
        ]}
      />
    </div>
  );
}
