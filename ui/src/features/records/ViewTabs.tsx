import { App, Button, Checkbox, Dropdown, Input, Popover } from "antd";
import { CalendarDays, ChevronDown, GalleryVerticalEnd, Kanban, Plus, Table2, Users } from "lucide-react";
import { useState } from "react";
import { useMe } from "../../api/queries";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import type { ListSearch, ViewKind } from "./list-search";
import { type Layout, type SavedView, searchOf, useRemoveView, useSaveView, useViews, type ViewBody } from "./views";

const ICONS = { list: Table2, kanban: Kanban, calendar: CalendarDays, gallery: GalleryVerticalEnd };

export function KindIcon({ kind }: { kind: ViewKind }) {
  const Icon = ICONS[kind];
  return <Icon size={14} strokeWidth={1.6} aria-hidden />;
}

/** The saved views of an object as tabs; what was changed since can be kept in the view or as another one. */
export function ViewTabs(props: {
  object: ObjectDef;
  asked: ListSearch;
  layout: Layout;
  onView: (view: SavedView | undefined) => void;
}) {
  const { object, asked, layout, onView } = props;
  const { t } = useWords();
  const views = useViews(object.key).data ?? [];
  const chosen = views.find((each) => each.id === asked.view);
  const body: ViewBody = {
    kind: asked.kind ?? "list",
    filter: asked.filter ?? null,
    sort: asked.sort ?? null,
    columns: layout.columns,
    frozen: layout.frozen,
    group: asked.group ?? null,
    by: asked.by ?? null,
  };
  const differs = chosen !== undefined && !same(chosen.body, body);
  return (
    <div className="view-tabs">
      <div role="tablist" aria-label={t("views")}>
        <button
          type="button"
          role="tab"
          aria-selected={chosen === undefined}
          className="view-tab"
          onClick={() => onView(undefined)}
        >
          <KindIcon kind={chosen === undefined ? (asked.kind ?? "list") : "list"} />
          {t("viewAll")}
        </button>
        {views.map((view) => (
          <button
            key={view.id}
            type="button"
            role="tab"
            aria-selected={view === chosen}
            className="view-tab"
            onClick={() => onView(view)}
          >
            <KindIcon kind={view.body.kind} />
            {view.label}
            {view.shared && <Users size={12} aria-label={t("shared")} />}
          </button>
        ))}
      </div>
      {chosen?.may_change && <ViewMenu object={object} view={chosen} onView={onView} />}
      {chosen !== undefined && differs && chosen.may_change && <KeepButton object={object} view={chosen} body={body} />}
      {(chosen === undefined ? isPlain(body) : !differs) ? null : (
        <SaveAs object={object} body={body} onView={onView} />
      )}
    </div>
  );
}

function ViewMenu(props: { object: ObjectDef; view: SavedView; onView: (view: SavedView | undefined) => void }) {
  const { object, view, onView } = props;
  const { t } = useWords();
  const { modal } = App.useApp();
  const remove = useRemoveView(object.key);
  const sure = () =>
    modal.confirm({
      title: t("viewRemoveSure", { name: view.label }),
      okText: t("viewRemove"),
      cancelText: t("cancel"),
      onOk: () => remove.mutateAsync(view.id).then(() => onView(undefined)),
    });
  const items = [{ key: "remove", danger: true, label: t("viewRemove"), onClick: sure }];
  return (
    <Dropdown trigger={["click"]} menu={{ items }}>
      <button type="button" className="view-more" aria-label={t("viewMore")}>
        <ChevronDown size={13} aria-hidden />
      </button>
    </Dropdown>
  );
}

function KeepButton({ object, view, body }: { object: ObjectDef; view: SavedView; body: ViewBody }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const save = useSaveView(object.key);
  const { id, version, label, shared } = view;
  return (
    <Button
      size="small"
      type="link"
      loading={save.isPending}
      onClick={() =>
        save.mutate(
          { id, version, label, shared, body },
          { onSuccess: () => void message.success(t("saved")), onError: (error) => void message.error(error.message) },
        )
      }
    >
      {t("viewKeep")}
    </Button>
  );
}

function SaveAs({ object, body, onView }: { object: ObjectDef; body: ViewBody; onView: (view: SavedView) => void }) {
  const { t } = useWords();
  const me = useMe().data;
  const { message } = App.useApp();
  const save = useSaveView(object.key);
  const [open, setOpen] = useState(false);
  const [label, setLabel] = useState("");
  const [shared, setShared] = useState(false);
  const form = (
    <form
      className="save-view"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(
          { label: label.trim(), shared, body },
          {
            onSuccess: (view) => {
              setOpen(false);
              setLabel("");
              onView(view);
            },
            onError: (error) => void message.error(error.message),
          },
        );
      }}
    >
      <Input
        aria-label={t("viewName")}
        placeholder={t("viewName")}
        value={label}
        maxLength={60}
        onChange={(event) => setLabel(event.target.value)}
      />
      {me?.manages.includes("model") && (
        <Checkbox checked={shared} onChange={(event) => setShared(event.target.checked)}>
          {t("viewShare")}
        </Checkbox>
      )}
      <Button type="primary" htmlType="submit" disabled={label.trim() === ""} loading={save.isPending}>
        {t("save")}
      </Button>
    </form>
  );
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomLeft" content={form}>
      <Button size="small" type="text" icon={<Plus size={13} aria-hidden />}>
        {t("viewSaveAs")}
      </Button>
    </Popover>
  );
}

const isPlain = (body: ViewBody) =>
  body.kind === "list" && !body.filter && !body.sort && !body.group && body.columns.length === 0;

function same(a: ViewBody, b: ViewBody): boolean {
  const text = (body: ViewBody) =>
    JSON.stringify([
      body.kind,
      body.filter,
      body.sort,
      body.group,
      body.by,
      body.frozen,
      body.columns.map((each) => [each.field, each.width]),
    ]);
  return text(a) === text(b);
}

export { searchOf };
