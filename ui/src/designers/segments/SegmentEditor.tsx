import { Button, InputNumber, Select } from "antd";
import { History, Plus } from "lucide-react";
import { useState } from "react";
import { Problem } from "../../api/client";
import { useWords } from "../../app/language";
import { SortableList } from "../../design/Sortable";
import type { ModelAction } from "../change/action";
import { AskedChange, useDraftChange } from "../change/asking";
import { DesignerBar } from "../DesignerBar";
import { type SegmentClass, type SegmentDef, useDesigns } from "../definitions";
import { At, FaultPlaces, Refused } from "../faults/FaultPlaces";
import { LabelFields, Line } from "../LabelFields";
import { ClassChip } from "./ClassChip";
import { ClassRow } from "./ClassRow";
import { Distribution } from "./Distribution";
import { finished, newSegment, withClass } from "./draft";
import { Moves } from "./Moves";
import { useDraftCounts, useStanding } from "./queries";
import { SegmentOnPast } from "./SegmentOnPast";

/** The decision table: the first row whose condition holds takes the record. The counts follow what is typed. */
export function SegmentEditor(props: { saved: SegmentDef | undefined; start: SegmentDef; onClose: () => void }) {
  const { saved, start, onClose } = props;
  const { t, say } = useWords();
  const designs = useDesigns();
  const [first] = useState(start);
  const [segment, setSegment] = useState(first);
  const [past, setPast] = useState(false);
  const change = useDraftChange(segment !== first, onClose);
  const draft = useDraftCounts(segment);
  const standing = useStanding(saved?.key).data;
  if (designs === undefined) return null;
  const set = (part: Partial<SegmentDef>) => setSegment((before) => ({ ...before, ...part }));
  const put = (key: string, part: Partial<SegmentClass>) =>
    set({ classes: segment.classes.map((each) => (each.key === key ? { ...each, ...part } : each)) });
  const now = (key: string) => standing?.classes.find((each) => each.key === key)?.count;
  const counts = draft.data ?? [];
  const differs = segment.classes.some((each, at) => now(each.key) !== counts[at]);
  const taken = designs.segments.map((each) => each.key);
  const ask = (action: ModelAction) => change.ask({ title: say(segment.label), actions: [action] });
  const save = () => {
    const after = finished(segment, taken);
    ask(
      saved === undefined
        ? { action: "add_segment", segment: after }
        : { action: "change_segment", before: saved, after },
    );
  };
  const named =
    (segment.label.zh || segment.label.en) && segment.classes.every((each) => each.label.zh || each.label.en);
  return (
    <FaultPlaces draft={segment} onRefused={() => setPast(false)}>
      <DesignerBar title={saved ? say(saved.label) : t("segment.add")} onBack={onClose}>
        {saved && <Button onClick={() => ask({ action: "remove_segment", segment: saved.key })}>{t("delete")}</Button>}
        <Button
          icon={<History size={14} aria-hidden />}
          disabled={!named}
          aria-pressed={past}
          onClick={() => setPast(!past)}
        >
          {t("past.try")}
        </Button>
        <Button type="primary" disabled={!named} onClick={save}>
          {t("preview")}
        </Button>
      </DesignerBar>
      <div className="page">
        {past && named && (
          <SegmentOnPast segment={finished(segment, taken)} live={saved} onClose={() => setPast(false)} />
        )}
        <div className="designer" hidden={past}>
          <div className="designer-main">
            <Refused />
            <dl className="fields">
              <Line label={t("name")} at="label">
                <LabelFields label={segment.label} onChange={(label) => set({ label })} />
              </Line>
              <Line label={t("segment.object")} at="object">
                <Select
                  aria-label={t("segment.object")}
                  disabled={saved !== undefined}
                  style={{ width: "100%" }}
                  value={segment.object}
                  options={designs.objects.map((each) => ({ value: each.key, label: say(each.label) }))}
                  onChange={(object) => setSegment({ ...newSegment(object), label: segment.label })}
                />
              </Line>
            </dl>
            <h2 className="designer-head">{t("segment.table")}</h2>
            <p className="lead">{t("segment.tableLead")}</p>
            <div className="class-rows">
              <SortableList
                items={segment.classes}
                idOf={(each) => each.key}
                labelOf={(each) => t("moveOf", { name: say(each.label) || each.key })}
                onOrder={(classes) => set({ classes })}
                render={(each, at) => (
                  <At place={`classes.${each.key}`}>
                    <ClassRow
                      object={segment.object}
                      given={each}
                      number={at + 1}
                      count={draft.error ? undefined : counts[at]}
                      now={now(each.key)}
                      only={segment.classes.length === 1}
                      onChange={(part) => put(each.key, part)}
                      onRemove={() => set({ classes: segment.classes.filter((other) => other.key !== each.key) })}
                    />
                  </At>
                )}
              />
            </div>
            <Button
              size="small"
              icon={<Plus size={13} aria-hidden />}
              disabled={segment.classes.length >= 30}
              onClick={() => setSegment(withClass(segment))}
            >
              {t("segment.addClass")}
            </Button>
            <dl className="fields">
              <Line label={t("segment.stay")} at="minimum_stay" lead={t("segment.stayLead")}>
                <InputNumber<number>
                  aria-label={t("segment.stay")}
                  min={0}
                  max={365}
                  suffix={t("unit.days")}
                  value={segment.minimum_stay}
                  onChange={(days) => set({ minimum_stay: days ?? 0 })}
                />
              </Line>
            </dl>
          </div>
          <aside className="designer-aside">
            <h2>{t("segment.distribution")}</h2>
            {draft.error instanceof Problem ? (
              <p className="lead">{t("segment.incomplete")}</p>
            ) : (
              <>
                <p className="lead">{t("segment.ifApplied")}</p>
                <Distribution classes={segment.classes} counts={counts} />
                <ul className="legend">
                  {segment.classes.map((each, at) => (
                    <li key={each.key}>
                      <ClassChip colour={each.colour}>{say(each.label) || t(`colour.${each.colour}`)}</ClassChip>
                      <span>
                        {counts[at] ?? "—"} <small>{share(counts, at)}</small>
                      </span>
                    </li>
                  ))}
                </ul>
              </>
            )}
            {!named && <p className="lead">{t("segment.lacksNames")}</p>}
            {standing && differs && (
              <>
                <p className="lead">{t("segment.now")}</p>
                <Distribution
                  classes={saved?.classes ?? []}
                  counts={(saved?.classes ?? []).map((each) => now(each.key) ?? 0)}
                />
              </>
            )}
            {saved && <Moves segment={saved} />}
          </aside>
        </div>
      </div>
      <AskedChange change={change}>
        {change.asked?.actions[0]?.action !== "remove_segment" && counts.length === segment.classes.length && (
          <table className="plain">
            <thead>
              <tr>
                <th>{t("segment.class")}</th>
                <th className="number">{t("segment.now")}</th>
                <th className="number">{t("segment.ifApplied")}</th>
              </tr>
            </thead>
            <tbody>
              {segment.classes.map((each, at) => (
                <tr key={each.key}>
                  <td>{say(each.label)}</td>
                  <td className="number">{now(each.key) ?? "—"}</td>
                  <td className="number">{counts[at]}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </AskedChange>
    </FaultPlaces>
  );
}

function share(counts: number[], at: number): string {
  const total = counts.reduce((sum, each) => sum + each, 0);
  return total === 0 ? "" : `${Math.round(((counts[at] ?? 0) / total) * 100)}%`;
}
