import { Button } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useWords } from "../../app/language";
import { AskedChange, useDraftChange } from "../../designers/change/asking";
import { DesignerBar } from "../../designers/DesignerBar";
import { useDesigns } from "../../designers/definitions";
import { FoldingList } from "../../designers/FoldingList";
import { At, FaultPlaces, Refused, Within } from "../../designers/faults/FaultPlaces";
import { changeObject, type ObjectDesign } from "../model/definition";
import { finished, type Hush, isWhole, MOST_HUSHES, MOST_PROMPTS, newHush, newPrompt, type Prompts } from "./draft";
import { HushRow } from "./HushRow";
import { PromptRow } from "./PromptRow";
import { PromptTrial } from "./PromptTrial";

/** What is asked about an object's records, the more important first, and what holds it back. */
export function PromptsEditor(props: { object: ObjectDesign; start: Prompts; onClose: () => void }) {
  const { object, start, onClose } = props;
  const { t, say } = useWords();
  const designs = useDesigns();
  const [first] = useState(start);
  const [prompts, setPrompts] = useState(first);
  const change = useDraftChange(prompts !== first, onClose);
  if (designs === undefined) return null;
  const title = t("prompt.of", { name: say(object.label) });
  const set = (part: Partial<Prompts>) => setPrompts((before) => ({ ...before, ...part }));
  const putHush = (at: number, hush: Hush) =>
    set({ hush: prompts.hush.map((each, other) => (other === at ? hush : each)) });
  const ask = (next: Prompts | null) => change.ask({ title, actions: [changeObject(object, { prompts: next })] });
  const whole = isWhole(prompts);
  return (
    <FaultPlaces draft={{ prompts }}>
      <DesignerBar title={title} onBack={onClose}>
        {object.prompts != null && <Button onClick={() => ask(null)}>{t("delete")}</Button>}
        <Button type="primary" disabled={!whole} onClick={() => ask(finished(prompts))}>
          {t("preview")}
        </Button>
      </DesignerBar>
      <div className="page">
        <div className="designer">
          <div className="designer-main">
            <Refused />
            <Within place="prompts">
              <h2 className="designer-head">{t("prompt.items")}</h2>
              <p className="lead">{t("prompt.itemsLead")}</p>
              <FoldingList
                at="items"
                items={prompts.items}
                most={MOST_PROMPTS}
                addLabel={t("prompt.add")}
                make={newPrompt}
                onChange={(items) => set({ items })}
                render={(each, row) => <PromptRow object={object} prompt={each} {...row} />}
              />
              <h2 className="designer-head">{t("prompt.hush")}</h2>
              <p className="lead">{t("prompt.hushLead")}</p>
              <div className="folding-rows">
                {prompts.hush.map((each, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: what hushes has no key but its place
                  <At key={at} place={`hush.${at}`}>
                    <HushRow
                      object={object}
                      objects={designs.objects}
                      hush={each}
                      startsOpen={!each.label.zh && !each.label.en}
                      onChange={(next) => putHush(at, next)}
                      onRemove={() => set({ hush: prompts.hush.filter((_, other) => other !== at) })}
                    />
                  </At>
                ))}
              </div>
              <Button
                size="small"
                icon={<Plus size={13} aria-hidden />}
                disabled={prompts.hush.length >= MOST_HUSHES}
                onClick={() => set({ hush: [...prompts.hush, newHush()] })}
              >
                {t("prompt.addHush")}
              </Button>
            </Within>
          </div>
          <PromptTrial prompts={prompts} object={object} whole={whole} />
        </div>
      </div>
      <AskedChange change={change} />
    </FaultPlaces>
  );
}
