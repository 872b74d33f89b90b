import { Button, Checkbox, InputNumber, Popover } from "antd";
import { Columns3 } from "lucide-react";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { SortableList } from "../../design/Sortable";
import { type Column, type Layout, offeredColumns, shownColumns } from "./views";

/** Which columns, in which order, and how many of them stay in place. */
export function ColumnsMenu(props: { object: ObjectDef; layout: Layout; onLayout: (layout: Layout) => void }) {
  const { t } = useWords();
  return (
    <Popover trigger="click" placement="bottomRight" content={<Chooser {...props} />}>
      <Button icon={<Columns3 size={14} aria-hidden />}>{t("columns")}</Button>
    </Popover>
  );
}

function Chooser({
  object,
  layout,
  onLayout,
}: {
  object: ObjectDef;
  layout: Layout;
  onLayout: (layout: Layout) => void;
}) {
  const { t, say } = useWords();
  const shown: Column[] = shownColumns(object, layout).map(({ field, width }) => ({ field: field.key, width }));
  const offered = new Map(offeredColumns(object).map((field) => [field.key, field]));
  const hidden = [...offered.values()].filter((field) => !shown.some((each) => each.field === field.key));
  const label = (key: string) => say(offered.get(key)?.label);
  const put = (columns: Column[]) => onLayout({ ...layout, columns });
  return (
    <div className="chooser">
      <SortableList
        items={shown}
        idOf={(each) => each.field}
        labelOf={(each) => t("moveOf", { name: label(each.field) })}
        onOrder={put}
        render={(each) => (
          <Checkbox
            checked
            disabled={shown.length === 1}
            onChange={() => put(shown.filter((other) => other.field !== each.field))}
          >
            {label(each.field)}
          </Checkbox>
        )}
      />
      {hidden.map((field) => (
        <div key={field.key} className="sortable-row">
          <span className="grip" />
          <Checkbox checked={false} onChange={() => put([...shown, { field: field.key, width: null }])}>
            {say(field.label)}
          </Checkbox>
        </div>
      ))}
      <div className="chooser-foot">
        {t("frozen")}
        <InputNumber
          aria-label={t("frozen")}
          size="small"
          min={0}
          max={Math.min(5, shown.length)}
          value={layout.frozen}
          onChange={(frozen) => onLayout({ ...layout, frozen: frozen ?? 1 })}
        />
        <span className="gap" />
        <Button size="small" type="text" onClick={() => onLayout({ columns: [], frozen: 1 })}>
          {t("reset")}
        </Button>
      </div>
    </div>
  );
}
