import { Button, Select } from "antd";
import { useState } from "react";
import { useWords } from "../../app/language";
import { AskedChange, useDraftChange } from "../../designers/change/asking";
import { DesignerBar } from "../../designers/DesignerBar";
import { labelOf, useDesigns } from "../../designers/definitions";
import { FoldingList } from "../../designers/FoldingList";
import { FaultPlaces, Refused, Within } from "../../designers/faults/FaultPlaces";
import { LabelFields, Line } from "../../designers/LabelFields";
import { targetOf } from "../../meta/target";
import { changeObject, type ObjectDesign } from "../model/definition";
import { aboutFields, type Entry, finished, isNamed, MOST_ASKS, MOST_PRESETS, newPreset } from "./draft";
import { Filled } from "./Filled";
import { PresetRow } from "./PresetRow";
import { Tried } from "./Tried";

/** The buttons of an object: what each fills by itself and moves on, and beside them what they would do today. */
export function EntryEditor(props: { object: ObjectDesign; start: Entry; onClose: () => void }) {
  const { object, start, onClose } = props;
  const { t, say } = useWords();
  const designs = useDesigns();
  const [first] = useState(start);
  const [entry, setEntry] = useState(first);
  const change = useDraftChange(entry !== first, onClose);
  if (designs === undefined) return null;
  const set = (part: Partial<Entry>) => setEntry((before) => ({ ...before, ...part }));
  const about = object.fields.find((each) => each.key === entry.about);
  const subject = designs.objects.find((each) => each.key === (about && targetOf(about)));
  const named = isNamed(entry);
  const ask = (light_entry: Entry | null) =>
    change.ask({ title: say(entry.label), actions: [changeObject(object, { light_entry })] });
  return (
    <FaultPlaces draft={{ light_entry: entry }}>
      <DesignerBar title={say(entry.label) || t("entry.add")} onBack={onClose}>
        {object.light_entry != null && <Button onClick={() => ask(null)}>{t("delete")}</Button>}
        <Button type="primary" disabled={!named || subject === undefined} onClick={() => ask(finished(entry))}>
          {t("preview")}
        </Button>
      </DesignerBar>
      <div className="page">
        <div className="designer">
          <div className="designer-main">
            <Refused />
            <Within place="light_entry">
              <Basics object={object} entry={entry} set={set} />
              {subject && (
                <>
                  <h2 className="designer-head">{t("entry.fills")}</h2>
                  <p className="lead">{t("entry.fillsLead", { name: say(subject.label) })}</p>
                  <Filled
                    at="fills"
                    label={t("entry.fills")}
                    object={object}
                    subject={subject}
                    except={entry.about}
                    values={entry.fills}
                    onChange={(fills) => set({ fills })}
                  />
                  <h2 className="designer-head">{t("entry.presets")}</h2>
                  <p className="lead">{t("entry.presetsLead")}</p>
                  <FoldingList
                    at="presets"
                    items={entry.presets}
                    most={MOST_PRESETS}
                    addLabel={t("entry.addPreset")}
                    make={newPreset}
                    onChange={(presets) => set({ presets })}
                    render={(each, row) => (
                      <PresetRow object={object} subject={subject} about={entry.about} preset={each} {...row} />
                    )}
                  />
                </>
              )}
            </Within>
          </div>
          {subject && <Tried entry={entry} subject={subject} named={named} />}
        </div>
      </div>
      <AskedChange change={change} />
    </FaultPlaces>
  );
}

/** What it is called and about, what a person may add, and where is kept how long it took. */
function Basics(props: { object: ObjectDesign; entry: Entry; set: (part: Partial<Entry>) => void }) {
  const { object, entry, set } = props;
  const { t, say } = useWords();
  const designs = useDesigns();
  return (
    <dl className="fields">
      <Line label={t("name")} at="label">
        <LabelFields label={entry.label} onChange={(label) => set({ label })} />
      </Line>
      <Line label={t("entry.about")} at="about" lead={t("entry.aboutLead", { name: say(object.label) })}>
        <Select
          aria-label={t("entry.about")}
          style={{ width: "100%" }}
          value={entry.about}
          options={aboutFields(object).map((each) => ({
            value: each.key,
            label: `${say(each.label)} · ${say(labelOf(designs, targetOf(each) ?? ""))}`,
          }))}
          onChange={(key) => set({ about: key })}
        />
      </Line>
      <Line label={t("entry.offered")} at="offered" lead={t("entry.offeredLead")}>
        <Select
          aria-label={t("entry.offered")}
          style={{ width: "100%" }}
          value={entry.offered}
          options={OFFERED.map((each) => ({ value: each, label: t(`entry.offered.${each}`) }))}
          onChange={(offered) => set({ offered })}
        />
      </Line>
      <Line label={t("entry.asks")} at="asks" lead={t("entry.asksLead")}>
        <Select
          aria-label={t("entry.asks")}
          mode="multiple"
          maxCount={MOST_ASKS}
          style={{ width: "100%" }}
          value={entry.asks}
          options={object.fields
            .filter((each) => ASKED.has(each.type))
            .map((each) => ({ value: each.key, label: say(each.label) }))}
          onChange={(asks) => set({ asks })}
        />
      </Line>
      {MEASURED.map((name) => (
        <Line key={name} label={t(`entry.${name}`)} at={name} lead={t(`entry.${name}Lead`)}>
          <Select
            aria-label={t(`entry.${name}`)}
            allowClear
            placeholder={t("entry.notKept")}
            style={{ width: "100%" }}
            value={entry[name]}
            options={object.fields
              .filter((each) => FIGURES.has(each.type))
              .map((each) => ({ value: each.key, label: say(each.label) }))}
            onChange={(key?: string) => set({ [name]: key ?? null })}
          />
        </Line>
      ))}
    </dl>
  );
}

// Which records are offered to be tapped.
const OFFERED = ["own", "all"] as const;
// How long an entry took, and how much of it nobody typed (S2-20): figures that metrics count.
const MEASURED = ["seconds", "share"] as const;
const FIGURES = new Set(["number", "percent"]);

// What a person can add in a line of a few words.
const ASKED = new Set(["text", "long_text", "number", "date", "datetime", "phone"]);
