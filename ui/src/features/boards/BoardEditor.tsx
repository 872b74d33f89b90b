import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer, Select } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { call, Problem } from "../../api/client";
import { useWords } from "../../app/language";
import { useUnsaved } from "../../app/unsaved";
import { both } from "../../designers/LabelFields";
import { BoardSettings } from "./BoardSettings";
import type { BoardName, Drawn, Widget } from "./boards";
import { Canvas } from "./Canvas";
import { freeKey, fresh, type Kind, WIDGET_KINDS } from "./drafts";
import { WidgetForm } from "./WidgetForm";

const EMPTY: BoardName = {
  key: "",
  label: { zh: "", en: "" },
  description: null,
  record: null,
  place: "beside",
  roles: [],
};

/** A board by drag: widgets are moved and stretched by mouse, keys or the fields beside them, each asked in words. */
export function BoardEditor({ drawn, onClose }: { drawn?: Drawn; onClose: () => void }) {
  const { t } = useWords();
  const [board, setBoard] = useState<BoardName>(drawn?.board ?? EMPTY);
  const [widgets, setWidgets] = useState<Widget[]>(drawn?.widgets.map((each) => each.widget) ?? []);
  const [chosen, setChosen] = useState<string>();
  const [first] = useState({ board, widgets });
  const unsaved = useUnsaved(board !== first.board || widgets !== first.widgets);
  const save = useSaveBoard(board, widgets, drawn === undefined, () => {
    unsaved.release();
    onClose();
  });
  const faults = save.error instanceof Problem ? save.error.faults : [];
  const add = (kind: Kind) => {
    const taken = widgets.map((each) => each.key);
    const name = freeKey(kind, taken);
    const word = t(`widget.${kind}`);
    setWidgets([...widgets, fresh(kind, name, widgets, { zh: word, en: word })]);
    setChosen(name);
  };
  const selected = widgets.find((each) => each.key === chosen);
  return (
    <Drawer
      open
      size="large"
      styles={{ wrapper: { width: "min(1180px, 100vw)" } }}
      title={drawn ? t("boardEdit") : t("boardNew")}
      onClose={() => unsaved.leave(onClose)}
      extra={
        <Button
          type="primary"
          disabled={(board.label.zh || board.label.en).trim() === "" || board.key === ""}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("apply")}
        </Button>
      }
    >
      <div className="board-editor">
        <div>
          <BoardSettings board={board} isNew={drawn === undefined} onBoard={setBoard} />
          <Select
            aria-label={t("widgetAdd")}
            value={null}
            placeholder={
              <span className="kind">
                <Plus size={13} aria-hidden /> {t("widgetAdd")}
              </span>
            }
            style={{ minWidth: 140, marginBottom: 10 }}
            onChange={(kind: Kind | null) => kind && add(kind)}
            options={WIDGET_KINDS.map((kind) => ({ value: kind, label: t(`widget.${kind}`) }))}
          />
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
              ofRecord={board.record !== null}
              onWidget={(widget) => setWidgets(widgets.map((each) => (each.key === widget.key ? widget : each)))}
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

function useSaveBoard(board: BoardName, widgets: Widget[], isNew: boolean, onSaved: () => void) {
  const { t } = useWords();
  const { message } = App.useApp();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => {
      const whole = {
        ...board,
        label: both(board.label),
        widgets: widgets.map((each) => ({ ...each, label: both(each.label) })),
      };
      const action = isNew ? { action: "add_board", board: whole } : { action: "change_board", after: whole };
      return call("POST", "/api/model/changes", { actions: [action] });
    },
    onSuccess: () => {
      for (const key of [["boards"], ["board", board.key], ["panels"]])
        void client.invalidateQueries({ queryKey: key });
      void message.success(t("applied"));
      onSaved();
    },
  });
}
