import { Input, Select } from "antd";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { useDesigns } from "../../designers/definitions";
import { LabelFields } from "../../designers/LabelFields";
import type { BoardName, Place } from "./boards";
import { Line, Lines } from "./Line";

const PLACES: readonly Place[] = ["top", "beside", "timeline"];

/** What a board is called, for whom it is, and whether it is a page of its own or a panel on records' pages. */
export function BoardSettings(props: { board: BoardName; isNew: boolean; onBoard: (board: BoardName) => void }) {
  const { board, isNew, onBoard } = props;
  const { t, say } = useWords();
  const objects = useModel().data?.objects ?? [];
  const roles = useDesigns()?.roles ?? [];
  return (
    <div className="board-settings">
      <Lines label={t("boardName")} at="label">
        <LabelFields label={board.label} onChange={(label) => onBoard({ ...board, label })} />
      </Lines>
      {isNew && (
        <Line label={t("key")} at="key">
          <Input
            aria-label={t("key")}
            value={board.key}
            onChange={(event) =>
              onBoard({ ...board, key: event.target.value.toLowerCase().replace(/[^a-z0-9_]/g, "_") })
            }
          />
        </Line>
      )}
      <Line label={t("boardFor")} at="roles">
        <Select
          aria-label={t("boardFor")}
          mode="multiple"
          placeholder={t("boardForAll")}
          value={board.roles}
          onChange={(next: string[]) => onBoard({ ...board, roles: next })}
          options={roles.map((each) => ({ value: each.key, label: say(each.label) }))}
        />
      </Line>
      <Line label={t("boardWhere")} at="record">
        <Select
          aria-label={t("boardWhere")}
          value={board.record ?? ""}
          showSearch={{ optionFilterProp: "label" }}
          onChange={(record: string) => onBoard({ ...board, record: record || null })}
          options={[
            { value: "", label: t("boardWhere.page") },
            ...objects.map((each) => ({ value: each.key, label: `${t("boardWhere.record")} · ${say(each.label)}` })),
          ]}
        />
      </Line>
      {board.record !== null && (
        <Line label={t("boardPlace")} at="place">
          <Select
            aria-label={t("boardPlace")}
            value={board.place}
            onChange={(place: Place) => onBoard({ ...board, place })}
            options={PLACES.map((place) => ({ value: place, label: t(`place.${place}`) }))}
          />
        </Line>
      )}
    </div>
  );
}
