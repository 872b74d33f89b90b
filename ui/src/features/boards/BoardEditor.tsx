import { Button, Drawer, Select } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useWords } from "../../app/language";
import { AskedChange, useDraftChange } from "../../designers/change/asking";
import { FaultPlaces, Refused, Within } from "../../designers/faults/FaultPlaces";
import type { Placed } from "../../designers/faults/places";
import { both } from "../../designers/LabelFields";
import { BoardPreview } from "./BoardPreview";
import { BoardSettings } from "./BoardSettings";
import type { BoardName, Drawn, Widget } from "./boards";
import { Canvas } from "./Canvas";
import { finished, fresh, type Kind, WIDGET_KINDS } from "./drafts";
import { WidgetForm } from "./WidgetForm";
import "./editor.css";
import { numberedKey } from "../../meta/keys";

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
  const { t, say } = useWords();
  const [board, setBoard] = useState<BoardName>(drawn?.board ?? EMPTY);
  const [widgets, setWidgets] = useState<Widget[]>(drawn?.widgets.map((each) => each.widget) ?? []);
  const [chosen, setChosen] = useState<string>();
  const [first] = useState({ board, widgets });
  const change = useDraftChange(board !== first.board || widgets !== first.widgets, onClose);
  const whole = { ...board, label: both(board.label), widgets: widgets.map(finished) };
  const save = () =>
    change.ask({
      title: say(whole.label),
      actions: [drawn ? { action: "change_board", after: whole } : { action: "add_board", board: whole }],
    });
  const add = (kind: Kind) => {
    const taken = widgets.map((each) => each.key);
    const name = numberedKey(kind, taken);
    const word = t(`widget.${kind}`);
    setWidgets([...widgets, fresh(kind, name, widgets, { zh: word, en: word })]);
    setChosen(name);
  };
  const selected = widgets.find((each) => each.key === chosen);
  return (
    <FaultPlaces draft={whole} onRefused={({ faults }) => setChosen((now) => faultyWidget(faults) ?? now)}>
      <Drawer
        open
        size="large"
        styles={{ wrapper: { width: "min(1180px, 100vw)" } }}
        title={drawn ? t("boardEdit") : t("boardNew")}
        onClose={() => change.leave(onClose)}
        extra={
          <Button
            type="primary"
            disabled={(board.label.zh || board.label.en).trim() === "" || board.key === ""}
            onClick={save}
          >
            {t("preview")}
          </Button>
        }
      >
        <div className="board-editor">
          <div>
            <Refused />
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
            <Canvas widgets={widgets} chosen={chosen} onChoose={setChosen} onWidgets={setWidgets} />
            <BoardPreview board={board} widgets={widgets} />
          </div>
          {selected && (
            <aside>
              <Within place={`widgets.${selected.key}`}>
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
              </Within>
            </aside>
          )}
        </div>
      </Drawer>
      <AskedChange change={change} />
    </FaultPlaces>
  );
}

const faultyWidget = (faults: Placed[]) =>
  faults.map((fault) => /^widgets\.([^.]+)/.exec(fault.at ?? "")?.[1]).find((each) => each !== undefined);
