import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { api, told } from "../../api/client";
import { useRecords } from "../../api/queries";
import type { FieldDef, FieldValue, ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { drillFilter } from "../../meta/drill";
import { targetOf } from "../../meta/target";
import { Value, valueText } from "../../meta/Value";
import type { ListSearch } from "./list-search";
import { totalled } from "./totals";

type Group = Record<string, FieldValue>;

export function useSums(object: ObjectDef, fields: FieldDef[], asked: ListSearch, group?: FieldDef) {
  const sums = totalled(fields);
  const measures = [
    { name: "n", function: "count" as const },
    ...sums.map(({ field, by }) => ({ name: field.key, function: by, of: field.key })),
  ];
  const groups = group ? [{ field: group.key, ...(isByMonth(group) && { bucket: "month" as const }) }] : [];
  return useQuery({
    queryKey: ["records", object.key, "sums", groups, measures, asked.filter],
    queryFn: () =>
      told(
        api.POST("/api/query", {
          body: {
            object: object.key,
            group_by: groups,
            measures,
            ...(asked.filter ? { filter: asked.filter } : {}),
            limit: 500,
          },
        }),
      ).then((found) => found.rows as Group[]),
    enabled: asked.search === undefined && (group !== undefined || sums.length > 0),
    placeholderData: (before) => before,
    retry: false,
  });
}

/** The records under the values of a field, each group with its sums; a group opens to its records. */
export function Groups(props: {
  object: ObjectDef;
  fields: FieldDef[];
  by: FieldDef;
  asked: ListSearch;
  onOpen: (id: string) => void;
}) {
  const { object, fields, by, asked, onOpen } = props;
  const { t, say, language } = useWords();
  const groups = useSums(object, fields, asked, by);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const sums = totalled(fields);
  return (
    <div className="groups">
      <table>
        <thead>
          <tr>
            <th scope="col">{say(by.label)}</th>
            <th scope="col" className="number">
              {t("countOf")}
            </th>
            {sums.map(({ field, by: total }) => (
              <th key={field.key} scope="col" className="number">
                {say(field.label)} <span className="blank">{t(`total.${total}`)}</span>
              </th>
            ))}
          </tr>
        </thead>
        {(groups.data ?? []).map((group) => {
          const value = group[by.key] ?? null;
          const name = JSON.stringify(value);
          const isOpen = open.has(name);
          return (
            <tbody key={name}>
              <tr className="group-row">
                <td>
                  <button
                    type="button"
                    aria-expanded={isOpen}
                    onClick={() =>
                      setOpen((before) => {
                        const next = new Set(before);
                        if (!next.delete(name)) next.add(name);
                        return next;
                      })
                    }
                  >
                    {isOpen ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
                    {value === null ? (
                      <span className="blank">{t("blank")}</span>
                    ) : (
                      <Value field={by} value={value} language={language} />
                    )}
                  </button>
                </td>
                <td className="number">{Number(group.n).toLocaleString()}</td>
                {sums.map(({ field }) => (
                  <td key={field.key} className="number">
                    {valueText(field, group[field.key], language)}
                  </td>
                ))}
              </tr>
              {isOpen && (
                <GroupRows object={object} fields={fields} by={by} value={value} asked={asked} onOpen={onOpen} />
              )}
            </tbody>
          );
        })}
      </table>
    </div>
  );
}

function GroupRows(props: {
  object: ObjectDef;
  fields: FieldDef[];
  by: FieldDef;
  value: FieldValue;
  asked: ListSearch;
  onOpen: (id: string) => void;
}) {
  const { object, fields, by, value, asked, onOpen } = props;
  const { t, language } = useWords();
  const list = useRecords(object.key, {
    filter: drillFilter(asked.filter ?? null, groupOf(by), value),
    sort: asked.sort,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const title = fields[0];
  const sums = totalled(fields);
  return (
    <>
      {rows.map((row) => (
        <tr key={row.id}>
          <td colSpan={2}>
            <button type="button" className="group-record" onClick={() => onOpen(row.id)}>
              {(title && valueText(title, row[title.key], language)) || "—"}
            </button>
          </td>
          {sums.map(({ field }) => (
            <td key={field.key} className="number">
              {valueText(field, row[field.key], language)}
            </td>
          ))}
        </tr>
      ))}
      {list.hasNextPage && (
        <tr>
          <td colSpan={2 + sums.length}>
            <button type="button" className="more" onClick={() => void list.fetchNextPage()}>
              {t("more")}
            </button>
          </td>
        </tr>
      )}
    </>
  );
}

/** What is grouped by: a date by its month. */
const groupOf = (by: FieldDef) => (isByMonth(by) ? `${by.key}:month` : by.key);

const isByMonth = (by: FieldDef) => by.type === "date" || by.type === "datetime";

/** Fields whose values are worth a group each. */
export function groupable(fields: FieldDef[]): FieldDef[] {
  return fields.filter(
    (field) => ["choice", "boolean", "date", "datetime"].includes(field.type) || targetOf(field) !== undefined,
  );
}
