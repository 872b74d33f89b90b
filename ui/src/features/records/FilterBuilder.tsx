import { useQuery } from "@tanstack/react-query";
import { Button, DatePicker, Input, Popover, Segmented, Select } from "antd";
import dayjs from "dayjs";
import { ListFilter, Plus, X } from "lucide-react";
import { useEffect, useState } from "react";
import { api, told } from "../../api/client";
import { listRecords, useModel } from "../../api/queries";
import type { FormulaChecked } from "../../api/schema";
import type { FieldDef, ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import type { FormulaDocument } from "../../formula/tree";
import { type Condition, type Conditions, LISTS, operands, readFilter, writeFilter } from "../../meta/conditions";
import { optionsOf } from "../../meta/options";
import { targetOf, titleOf } from "../../meta/target";
import { exampleFilter } from "./example";
import { offeredColumns } from "./views";

/** The description does not say what a tree is made of. */
type Checked = Omit<FormulaChecked, "tree"> & { tree?: FormulaDocument };

const NOTHING: Conditions = { join: "and", items: [] };

/** Conditions as lines, or the formula itself: each can be turned into the other while the lines can say it. */
export function FilterBuilder(props: {
  object: ObjectDef;
  filter: string | undefined;
  onFilter: (filter: string | undefined) => void;
}) {
  const { object, filter, onFilter } = props;
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomLeft"
      destroyOnHidden
      content={<Form object={object} filter={filter} onFilter={onFilter} onClose={() => setOpen(false)} />}
    >
      <Button icon={<ListFilter size={14} aria-hidden />} type={filter ? "primary" : "default"} ghost={Boolean(filter)}>
        {t("filterButton")}
      </Button>
    </Popover>
  );
}

function Form(props: {
  object: ObjectDef;
  filter: string | undefined;
  onFilter: (filter: string | undefined) => void;
  onClose: () => void;
}) {
  const { object, filter, onFilter, onClose } = props;
  const { t, language } = useWords();
  const fields = [...offeredColumns(object), ...(object.system_fields ?? [])].filter(
    (field, at, all) => field.operators !== undefined && all.findIndex((each) => each.key === field.key) === at,
  );
  const checked = useFormulaTree(object.key, filter);
  const [lines, setLines] = useState<Conditions | null>(
    // Whoever opens it wants a condition: the first is there to be filled in.
    filter === undefined ? { join: "and", items: blankLine(fields) } : null,
  );
  const [text, setText] = useState(filter ?? "");
  const [mode, setMode] = useState<"lines" | "formula">("lines");
  useEffect(() => {
    if (filter === undefined || checked.data === undefined) return;
    const found = checked.data.tree ? readFilter(checked.data.tree.tree) : null;
    setLines(found);
    if (found === null) setMode("formula");
  }, [filter, checked.data]);
  const typed = useFormulaTree(object.key, mode === "formula" && text.trim() !== "" ? text : undefined);
  const fault = typed.data && !typed.data.ok ? typed.data.faults?.[0]?.message : undefined;
  const shown = lines ?? NOTHING;
  const done = () => {
    onFilter(mode === "lines" ? writeFilter(shown, fields) : text.trim() || undefined);
    onClose();
  };
  return (
    <form
      className="filter-builder"
      onSubmit={(event) => {
        event.preventDefault();
        done();
      }}
    >
      <Segmented
        size="small"
        value={mode}
        onChange={(next) => {
          if (next === "formula" && lines !== null) setText(writeFilter(shown, fields) ?? text);
          setMode(next === "formula" ? "formula" : "lines");
        }}
        options={[
          { value: "lines", label: t("filterLines"), disabled: lines === null },
          { value: "formula", label: t("filterFormula") },
        ]}
      />
      {mode === "formula" ? (
        <>
          <Input.TextArea
            aria-label={t("filterFormula")}
            autoSize={{ minRows: 2, maxRows: 8 }}
            placeholder={exampleFilter(object, language)}
            value={text}
            status={fault ? "error" : ""}
            onChange={(event) => setText(event.target.value)}
          />
          {fault && <div className="fault">{fault}</div>}
          {lines === null && <div className="hint">{t("filterTooRich")}</div>}
        </>
      ) : (
        <Lines fields={fields} lines={shown} onLines={setLines} />
      )}
      <div className="filter-foot">
        <Button
          type="text"
          onClick={() => {
            onFilter(undefined);
            onClose();
          }}
        >
          {t("clear")}
        </Button>
        <Button type="primary" htmlType="submit" disabled={fault !== undefined}>
          {t("filterApply")}
        </Button>
      </div>
    </form>
  );
}

function useFormulaTree(object: string, text: string | undefined) {
  return useQuery({
    queryKey: ["formula", object, text],
    queryFn: () =>
      told(
        api.GET("/api/formula/check", {
          params: { query: { object, text: text ?? "", expect: "boolean", tree: true } },
        }),
      ) as Promise<Checked>,
    enabled: text !== undefined,
    staleTime: 300_000,
    retry: false,
  });
}

const blankLine = ([field]: FieldDef[]): Condition[] =>
  field === undefined ? [] : [{ field: field.key, operator: field.operators?.[0] ?? "is_not_blank", values: [] }];

function Lines(props: { fields: FieldDef[]; lines: Conditions; onLines: (lines: Conditions) => void }) {
  const { fields, lines, onLines } = props;
  const { t, say } = useWords();
  const put = (at: number, item: Condition | undefined) =>
    onLines({
      ...lines,
      items:
        item === undefined
          ? lines.items.filter((_, n) => n !== at)
          : lines.items.map((each, n) => (n === at ? item : each)),
    });
  const add = () => onLines({ ...lines, items: [...lines.items, ...blankLine(fields)] });
  return (
    <>
      {lines.items.map((item, at) => {
        const field = fields.find((each) => each.key === item.field);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name than its place
          <div key={at} className="filter-line">
            {at === 0 ? (
              <span className="filter-join">{t("filterWhere")}</span>
            ) : (
              <Select
                aria-label={t("filterJoin")}
                className="filter-join"
                value={lines.join}
                onChange={(join) => onLines({ ...lines, join })}
                options={[
                  { value: "and", label: t("filterAnd") },
                  { value: "or", label: t("filterOr") },
                ]}
              />
            )}
            <Select
              aria-label={t("field")}
              showSearch={{ optionFilterProp: "label" }}
              value={item.field}
              onChange={(key: string) => {
                const next = fields.find((each) => each.key === key);
                const operator = next?.operators?.includes(item.operator)
                  ? item.operator
                  : (next?.operators?.[0] ?? "is_blank");
                put(at, { field: key, operator, values: [] });
              }}
              options={fields.map((each) => ({ value: each.key, label: say(each.label) }))}
            />
            <Select
              aria-label={t("filterOperator")}
              value={item.operator}
              onChange={(operator: string) => put(at, { ...item, operator })}
              options={(field?.operators ?? []).map((each) => ({ value: each, label: t(`op.${each}`) }))}
            />
            {field !== undefined && operands(item.operator) > 0 ? (
              <Operands field={field} item={item} onValues={(values) => put(at, { ...item, values })} />
            ) : (
              <span />
            )}
            <Button
              type="text"
              aria-label={t("filterRemove")}
              icon={<X size={14} />}
              onClick={() => put(at, undefined)}
            />
          </div>
        );
      })}
      <Button type="dashed" size="small" icon={<Plus size={13} />} onClick={add}>
        {t("filterAdd")}
      </Button>
    </>
  );
}

function Operands({
  field,
  item,
  onValues,
}: {
  field: FieldDef;
  item: Condition;
  onValues: (values: string[]) => void;
}) {
  const { t, language } = useWords();
  const label = t("filterValue");
  if (field.type === "choice" || field.type === "multi_choice")
    return (
      <Select
        aria-label={label}
        {...(LISTS.has(item.operator) ? { mode: "multiple" as const } : {})}
        value={(LISTS.has(item.operator) ? item.values : item.values[0]) as never}
        onChange={(given: string | string[]) => onValues(Array.isArray(given) ? given : [given])}
        options={optionsOf(field).map((each) => ({ value: each.key, label: each.label[language] || each.label.zh }))}
      />
    );
  if (targetOf(field) !== undefined) return <Records field={field} item={item} onValues={onValues} />;
  if (LISTS.has(item.operator))
    return (
      <Select aria-label={label} mode="tags" open={false} suffixIcon={null} value={item.values} onChange={onValues} />
    );
  return (
    <span className="filter-operands">
      {Array.from({ length: operands(item.operator) }, (_, at) => (
        <One
          // biome-ignore lint/suspicious/noArrayIndexKey: the first and the second operand
          key={at}
          field={field}
          label={label}
          value={item.values[at] ?? ""}
          onValue={(value) => {
            const values = [...item.values];
            values[at] = value;
            onValues(values);
          }}
        />
      ))}
    </span>
  );
}

function One(props: { field: FieldDef; label: string; value: string; onValue: (value: string) => void }) {
  const { field, label, value, onValue } = props;
  if (field.kind === "date" || field.kind === "datetime")
    return (
      <DatePicker
        aria-label={label}
        value={value ? dayjs(value) : null}
        onChange={(day) => onValue(day ? day.format("YYYY-MM-DD") : "")}
      />
    );
  if (field.type === "percent")
    return (
      <Input
        aria-label={label}
        suffix="%"
        value={value === "" ? "" : String(Number((Number(value) * 100).toFixed(8)))}
        onChange={(event) => {
          const typed = event.target.value.trim();
          onValue(typed === "" || Number.isNaN(Number(typed)) ? "" : String(Number((Number(typed) / 100).toFixed(10))));
        }}
      />
    );
  return <Input aria-label={label} value={value} onChange={(event) => onValue(event.target.value)} />;
}

/** Picks records that a relation leads to. */
function Records({
  field,
  item,
  onValues,
}: {
  field: FieldDef;
  item: Condition;
  onValues: (values: string[]) => void;
}) {
  const { t } = useWords();
  const target = targetOf(field) ?? "";
  const model = useModel().data;
  const [typed, setTyped] = useState("");
  const found = useQuery({
    queryKey: ["choices", target, typed],
    queryFn: () => listRecords(target, { limit: 20, search: typed }),
    placeholderData: (before) => before,
  });
  const many = LISTS.has(item.operator);
  return (
    <Select
      aria-label={t("filterValue")}
      {...(many ? { mode: "multiple" as const } : {})}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      value={(many ? item.values : item.values[0]) as never}
      onChange={(given: string | string[]) => onValues(Array.isArray(given) ? given : [given])}
      options={(found.data?.items ?? []).map((row) => ({ value: row.id, label: titleOf(model, target, row) }))}
    />
  );
}
