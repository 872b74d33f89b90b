import { Button } from "antd";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import type { Label } from "../api/types";
import { useWords } from "../app/language";
import { SortableList } from "../design/Sortable";
import { At } from "./faults/FaultPlaces";

type Row<Item> = { only: boolean; startsOpen: boolean; onChange: (part: Partial<Item>) => void; onRemove: () => void };

/** Parts of a definition that unfold, in an order that can be changed, and the button that adds one. What is wrong with
 * one stands at its place under `at`. */
export function FoldingList<Item extends { key: string; label: Label }>(props: {
  at: string;
  items: Item[];
  most: number;
  addLabel: string;
  make: (taken: Item[]) => Item;
  onChange: (items: Item[]) => void;
  render: (item: Item, row: Row<Item>) => ReactNode;
}) {
  const { at, items, most, addLabel, make, onChange, render } = props;
  const { t, say } = useWords();
  const rowOf = (item: Item): Row<Item> => ({
    only: items.length === 1,
    startsOpen: !item.label.zh && !item.label.en,
    onChange: (part) => onChange(items.map((each) => (each.key === item.key ? { ...each, ...part } : each))),
    onRemove: () => onChange(items.filter((each) => each.key !== item.key)),
  });
  return (
    <>
      <div className="folding-rows">
        <SortableList
          items={items}
          idOf={(each) => each.key}
          labelOf={(each) => t("moveOf", { name: say(each.label) || each.key })}
          onOrder={onChange}
          render={(each) => <At place={`${at}.${each.key}`}>{render(each, rowOf(each))}</At>}
        />
      </div>
      <Button
        size="small"
        icon={<Plus size={13} aria-hidden />}
        disabled={items.length >= most}
        onClick={() => onChange([...items, make(items)])}
      >
        {addLabel}
      </Button>
    </>
  );
}
