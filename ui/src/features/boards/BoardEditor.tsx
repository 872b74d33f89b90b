import "react-grid-layout/css/styles.css";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer, Input, InputNumber, Select } from "antd";
import { Plus, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import ReactGridLayout, { useContainerWidth } from "react-grid-layout";
import { call, Problem } from "../../api/client";
import { useModel } from "../../api/queries";
import type { Label } from "../../api/types";
import { useWords } from "../../app/language";
import type { Drawn, Widget } from "./boards";
import { freeKey, freeSpot, isAsking, isPicture, type Kind, WIDGET_KINDS } from "./drafts";

type Loose = Record<string, unknown> & { key: string; kind: Kind; label: Label };

/** A board by drag: widgets are moved and stretched by mouse or by the fields beside them, each asked in words. */
export function BoardEditor({ drawn, onClose }: { drawn?: Drawn; onClose: () => void }) {
  const { t, say } = useWords();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [label, setLabel] = useState(drawn ? say(drawn.board.label) : "");
  const [key, setKey] = useState(drawn?.board.key ?? "");
  const [widgets, setWidgets] = useState<Widget[]>(drawn?.widgets.map((each) => each.widget) ?? []);
  const [chosen, setChosen] = useState<string>();
  const save = useMutation({
    mutationFn: () => {
      const board = {
        key,
        label: { zh: label, en: drawn ? drawn.board.label.en : label },
        description: drawn?.board.description ?? null,
        widgets,
      };
      const action = drawn ? { action: "change_board", after: board } : { action: "add_board", board };
      return call("POST", "/api/model/changes", { actions: [action] });
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["boards"] });
      void client.invalidateQueries({ queryKey: ["board", key] });
      void message.success(t("applied"));
      onClose();
    },
  });
  const faults = save.error instanceof Problem ? save.error.faults : [];
  const add = (kind: Kind) => {
    const name = freeKey(
      kind,
      widgets.map((each) => each.key),
    );
    setWidgets([...widgets, fresh(kind, name, widgets, t(`widget.${kind}`))]);
    setChosen(name);
  };
  const put = (widget: Widget) => setWidgets(widgets.map((each) => (each.key === widget.key ? widget : each)));
  const selected = widgets.find((each) => each.key === chosen);
  return (
    <Drawer
      open
      size="large"
      styles={{ wrapper: { width: "min(1180px, 100vw)" } }}
      title={drawn ? t("boardEdit") : t("boardNew")}
      onClose={onClose}
      extra={
        <Button
          type="primary"
          disabled={label.trim() === "" || key === ""}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("apply")}
        </Button>
      }
    >
      <div className="board-editor">
        <div>
          <div className="board-editor-head">
            <Input
              aria-label={t("boardName")}
              placeholder={t("boardName")}
              value={label}
              onChange={(event) => setLabel(event.target.value)}
            />
            {!drawn && (
              <Input
                aria-label={t("key")}
                placeholder={t("key")}
                value={key}
                onChange={(event) => setKey(event.target.value.toLowerCase().replace(/[^a-z0-9_]/g, "_"))}
              />
            )}
            <Select
              aria-label={t("widgetAdd")}
              value={null}
              placeholder={
                <span className="kind">
                  <Plus size={13} aria-hidden /> {t("widgetAdd")}
                </span>
              }
              onChange={(kind: Kind | null) => kind && add(kind)}
              options={WIDGET_KINDS.map((kind) => ({ value: kind, label: t(`widget.${kind}`) }))}
            />
          </div>
          {faults.map((fault) => (
            <div key={`${fault.field} ${fault.message}`} role="alert" className="fault">
              {fault.field}: {fault.message}
            </div>
          ))}
          <Canvas widgets={widgets} chosen={chosen} onChoose={setChosen} onWidgets={setWidgets} />
        </div>
        {selected && (
          <aside>
            <WidgetForm
              key={selected.key}
              widget={selected}
              onWidget={put}
              onRemove={() => {
                setWidgets(widgets.filter((each) => each.key !== selected.key));
                setChosen(undefined);
              }}
            />
          </aside>
        )}
      </div>
    </Drawer>
  );
}

function fresh(kind: Kind, key: string, widgets: Widget[], name: string): Widget {
  const common = { key, kind, label: { zh: name, en: name }, spot: freeSpot(kind, widgets) };
  if (kind === "text") return { ...common, kind, text: { zh: name, en: name } };
  if (kind === "lights") return { ...common, kind, segment: "" };
  const asking = { ...common, object: "", filter: null };
  if (kind === "number" || kind === "gauge")
    return { ...asking, kind, measure: "count", unit: null, target: kind === "gauge" ? 100 : null };
  if (kind === "list") return { ...asking, kind, sort: null, fields: [], limit: 10 };
  return { ...asking, kind, group_by: [], measures: { n: "count" }, sort: null, limit: 50 };
}

function Canvas(props: {
  widgets: Widget[];
  chosen: string | undefined;
  onChoose: (key: string) => void;
  onWidgets: (widgets: Widget[]) => void;
}) {
  const { widgets, chosen, onChoose, onWidgets } = props;
  const { say } = useWords();
  const { width, containerRef, mounted } = useContainerWidth();
  return (
    <div ref={containerRef} className="board-canvas">
      {mounted && (
        <ReactGridLayout
          width={width}
          layout={widgets.map(({ key, spot }) => ({ i: key, ...spot }))}
          gridConfig={{ cols: 12, rowHeight: 48, margin: [8, 8] }}
          onLayoutChange={(layout) =>
            onWidgets(
              widgets.map((each) => {
                const at = layout.find((item) => item.i === each.key);
                return at === undefined ? each : { ...each, spot: { x: at.x, y: at.y, w: at.w, h: at.h } };
              }),
            )
          }
        >
          {widgets.map((each) => (
            <div key={each.key}>
              <button
                type="button"
                className="canvas-widget"
                data-chosen={each.key === chosen}
                onClick={() => onChoose(each.key)}
              >
                {say(each.label)}
              </button>
            </div>
          ))}
        </ReactGridLayout>
      )}
    </div>
  );
}

function WidgetForm({
  widget,
  onWidget,
  onRemove,
}: {
  widget: Widget;
  onWidget: (widget: Widget) => void;
  onRemove: () => void;
}) {
  const { t, say } = useWords();
  const model = useModel().data;
  const given = widget as unknown as Loose;
  const put = (part: Record<string, unknown>) => onWidget({ ...given, ...part } as unknown as Widget);
  const object = model?.objects.find((each) => each.key === given.object);
  const fields = [...(object?.fields ?? []), ...(object?.system_fields ?? []), ...(object?.metrics ?? [])];
  const options = fields.map((field) => ({ value: field.key, label: say(field.label) }));
  const dates = fields.filter((field) => field.kind === "date" || field.kind === "datetime");
  const groups = [
    ...options,
    ...dates.flatMap((field) =>
      (["day", "week", "month"] as const).map((bucket) => ({
        value: `${field.key}:${bucket}`,
        label: `${say(field.label)} · ${t(`bucket.${bucket}`)}`,
      })),
    ),
  ];
  const sums = fields.filter((field) => field.kind === "number" || field.kind === "duration");
  const measures = [
    { value: "count", label: t("countOf") },
    ...sums.flatMap((field) =>
      (["sum", "avg", "max"] as const).map((name) => ({
        value: `${name}(${field.key})`,
        label: `${say(field.label)} · ${t(`measure.${name}`)}`,
      })),
    ),
  ];
  return (
    <div className="widget-form">
      <Line label={t("widgetName")}>
        <Input
          value={say(widget.label)}
          onChange={(event) => put({ label: { zh: event.target.value, en: event.target.value } })}
        />
      </Line>
      {isAsking(widget.kind) && (
        <>
          <Line label={t("widgetObject")}>
            <Select
              value={(given.object as string) || null}
              showSearch={{ optionFilterProp: "label" }}
              onChange={(next: string | null) => put({ object: next ?? "" })}
              options={(model?.objects ?? []).map((each) => ({ value: each.key, label: say(each.label) }))}
            />
          </Line>
          <Line label={t("filterFormula")}>
            <Input.TextArea
              autoSize
              value={(given.filter as string | null) ?? ""}
              onChange={(event) => put({ filter: event.target.value || null })}
            />
          </Line>
        </>
      )}
      {widget.kind === "lights" && (
        <Line label={t("widgetSegment")}>
          <Input value={widget.segment} onChange={(event) => put({ segment: event.target.value })} />
        </Line>
      )}
      {widget.kind === "text" && (
        <Line label={t("widgetText")}>
          <Input.TextArea
            autoSize={{ minRows: 3 }}
            value={say(widget.text)}
            onChange={(event) => put({ text: { zh: event.target.value, en: event.target.value } })}
          />
        </Line>
      )}
      {(widget.kind === "number" || widget.kind === "gauge") && (
        <>
          <Line label={t("widgetMeasure")}>
            <Select value={widget.measure} onChange={(measure: string) => put({ measure })} options={measures} />
          </Line>
          {widget.kind === "gauge" && (
            <Line label={t("widgetTarget")}>
              <InputNumber
                min={0}
                value={widget.target}
                onChange={(target) => put({ target })}
                style={{ width: "100%" }}
              />
            </Line>
          )}
        </>
      )}
      {isPicture(widget.kind) && (
        <>
          <Line label={t("groupBy")}>
            <Select
              mode="multiple"
              maxCount={2}
              value={(given.group_by as string[]) ?? []}
              onChange={(next: string[]) => put({ group_by: next })}
              options={groups}
            />
          </Line>
          <Line label={t("widgetMeasure")}>
            <Select
              mode="multiple"
              maxCount={6}
              value={Object.values((given.measures as Record<string, string>) ?? {})}
              onChange={(next: string[]) =>
                put({
                  measures: Object.fromEntries(next.map((each, at) => [each === "count" ? "n" : `m${at + 1}`, each])),
                })
              }
              options={measures}
            />
          </Line>
        </>
      )}
      {widget.kind === "list" && (
        <Line label={t("columns")}>
          <Select
            mode="multiple"
            maxCount={12}
            value={widget.fields}
            onChange={(next: string[]) => put({ fields: next })}
            options={options}
          />
        </Line>
      )}
      <div className="spot-fields">
        {(["x", "y", "w", "h"] as const).map((side) => (
          <Line key={side} label={t(`spot.${side}`)}>
            <InputNumber
              min={side === "w" || side === "h" ? 1 : 0}
              max={side === "x" ? 11 : side === "w" ? 12 : 100}
              value={widget.spot[side]}
              onChange={(next) => put({ spot: { ...widget.spot, [side]: next ?? 0 } })}
              style={{ width: "100%" }}
            />
          </Line>
        ))}
      </div>
      <Button type="text" danger icon={<Trash2 size={14} aria-hidden />} onClick={onRemove}>
        {t("widgetRemove")}
      </Button>
    </div>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="line">
      <span>{label}</span>
      {children}
    </label>
  );
}
