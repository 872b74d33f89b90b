import { Button, Checkbox, InputNumber, Popover } from "antd";
import { Columns3 } from "lucide-react";
import { useState } from "react";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { SortableList } from "../../design/Sortable";
import { type Layout, offeredColumns, shownColumns } from "./views";

/** Which columns, in which order, and how many of them stay in place. */
export function ColumnsMenu(props: { object: ObjectDef; layout: Layout; onLayout: (layout: Layout) => void }) {
  const { t } = useWords();
  return (
    <Popover trigger="click" placement="bottomRight" destroyOnHidden content={<Chooser {...props} />}>
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
  const offered = new Map(offeredColumns(object).map((field) => [field.key, field]));
  // A column that is left out stays where it stood as long as one chooses: the box under one's finger does not go away.
  const [order, setOrder] = useState(() => orderOf(object, layout));
  const shown = new Map(shownColumns(object, layout).map(({ field, width }) => [field.key, width]));
  const label = (key: string) => say(offered.get(key)?.label);
  const put = (keys: string[]) =>
    onLayout({ ...layout, columns: keys.map((field) => ({ field, width: shown.get(field) ?? null })) });
  const sort = (next: string[]) => {
    setOrder(next);
    put(next.filter((key) => shown.has(key)));
  };
  const reset = () => {
    const plain = { columns: [], frozen: 1 };
    setOrder(orderOf(object, plain));
    onLayout(plain);
  };
  return (
    <div className="chooser">
      <SortableList
        items={order}
        idOf={(key) => key}
        labelOf={(key) => t("moveOf", { name: label(key) })}
        onOrder={sort}
        render={(key) => (
          <Checkbox
            checked={shown.has(key)}
            disabled={shown.size === 1 && shown.has(key)}
            onChange={({ target }) => put(order.filter((each) => (each === key ? target.checked : shown.has(each))))}
          >
            {label(key)}
          </Checkbox>
        )}
      />
      <div className="chooser-foot">
        {t("frozen")}
        <InputNumber
          aria-label={t("frozen")}
          size="small"
          min={0}
          max={Math.min(5, shown.size)}
          value={layout.frozen}
          onChange={(frozen) => onLayout({ ...layout, frozen: frozen ?? 1 })}
        />
        <span className="gap" />
        <Button size="small" type="text" onClick={reset}>
          {t("reset")}
        </Button>
      </div>
    </div>
  );
}

/** The columns that are shown in their order, then those that are left out. */
function orderOf(object: ObjectDef, layout: Layout): string[] {
  const shown = shownColumns(object, layout).map(({ field }) => field.key);
  const others = offeredColumns(object).map((field) => field.key);
  return [...new Set([...shown, ...others])];
}
