import { Button, Dropdown, Select } from "antd";
import { Download, FileUp, MoreHorizontal } from "lucide-react";
import { useWords } from "../../app/language";
import { offers } from "../../meta/offers";
import { ColumnsMenu } from "./ColumnsMenu";
import { FilterBuilder } from "./FilterBuilder";
import { groupable } from "./Groups";
import { axes, KINDS, type ListSearch, type ViewKind } from "./list-search";
import { KindIcon, ViewTabs } from "./ViewTabs";
import type { ListPart, SavedView } from "./views";

/** How the list is shown: its view, kind, filter, groups and columns; import and export. */
export function ListTools(props: ListPart & { onView: (view: SavedView | undefined) => void; onImport: () => void }) {
  const { object, asked, layout, phone, onChange, onLayout, onView, onImport } = props;
  const { t, say } = useWords();
  const kind = asked.kind ?? "list";
  const by = axes(object, kind);
  const groups = groupable(object.fields);
  const more = [
    ...(offers(object, "import")
      ? [{ key: "import", icon: <FileUp size={14} aria-hidden />, label: t("import"), onClick: onImport }]
      : []),
    ...(offers(object, "export")
      ? [
          {
            key: "export",
            icon: <Download size={14} aria-hidden />,
            label: <a href={exportOf(object.key, asked)}>{t("export")}</a>,
          },
        ]
      : []),
  ];
  return (
    <div className="bar tools">
      <ViewTabs object={object} asked={asked} layout={layout} onView={onView} />
      <span className="gap" />
      {!phone && (
        <Select
          aria-label={t("viewKind")}
          value={kind}
          variant="borderless"
          popupMatchSelectWidth={false}
          onChange={(next: ViewKind) => onChange({ kind: next, by: axes(object, next)[0]?.key })}
          options={KINDS.filter((each) => each === "list" || each === "gallery" || axes(object, each).length > 0).map(
            (each) => ({
              value: each,
              label: (
                <span className="kind">
                  <KindIcon kind={each} /> {t(`kind.${each}`)}
                </span>
              ),
            }),
          )}
        />
      )}
      {by.length > 1 && (
        <Select
          aria-label={t("viewBy")}
          value={asked.by ?? by[0]?.key ?? null}
          popupMatchSelectWidth={false}
          onChange={(next: string) => onChange({ by: next })}
          options={by.map((field) => ({ value: field.key, label: say(field.label) }))}
        />
      )}
      <FilterBuilder
        key={asked.filter ?? ""}
        object={object}
        filter={asked.filter}
        onFilter={(filter) => onChange({ filter })}
      />
      {!phone && kind === "list" && groups.length > 0 && (
        <Select
          aria-label={t("groupBy")}
          allowClear
          placeholder={t("groupBy")}
          value={asked.group ?? null}
          popupMatchSelectWidth={false}
          onChange={(group: string | null | undefined) => onChange({ group: group ?? undefined })}
          options={groups.map((field) => ({ value: field.key, label: say(field.label) }))}
        />
      )}
      {!phone && kind === "list" && <ColumnsMenu object={object} layout={layout} onLayout={onLayout} />}
      {!phone && more.length > 0 && (
        <Dropdown trigger={["click"]} menu={{ items: more }}>
          <Button icon={<MoreHorizontal size={14} aria-hidden />} aria-label={t("moreActions")} />
        </Dropdown>
      )}
    </div>
  );
}

/** The address that gives what the list shows as a spreadsheet. */
function exportOf(object: string, asked: ListSearch): string {
  const wanted = new URLSearchParams({ format: "xlsx" });
  for (const name of ["filter", "sort", "search"] as const) if (asked[name]) wanted.set(name, asked[name]);
  return `/api/records/${object}/export?${wanted}`;
}
