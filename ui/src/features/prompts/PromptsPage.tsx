import { useNavigate, useSearch } from "@tanstack/react-router";
import { useWords } from "../../app/language";
import { useDesigns } from "../../designers/definitions";
import { Chips, ObjectDesigns } from "../../designers/ObjectDesigns";
import type { ObjectDesign } from "../model/definition";
import { newPrompts, withoutPrompts } from "./draft";
import { PromptsEditor } from "./PromptsEditor";
import "./prompts.css";

/** What the platform asks people to fill in, and when it keeps silent (S0-30): an object each, in the editor one. */
export function PromptsPage() {
  const { t, say } = useWords();
  const designs = useDesigns();
  const asked = useSearch({ from: "/build/prompts" }).item;
  const navigate = useNavigate({ from: "/build/prompts" });
  if (designs === undefined) return null;
  const objects: ObjectDesign[] = designs.objects;
  const show = (item?: string) => void navigate({ search: item === undefined ? {} : { item } });
  const open = objects.find((each) => each.key === asked);
  if (open !== undefined)
    return <PromptsEditor key={open.key} object={open} start={open.prompts ?? newPrompts()} onClose={() => show()} />;
  const made = objects.filter((each) => each.prompts != null);
  return (
    <ObjectDesigns
      title={t("prompts")}
      add={{ label: t("prompt.new"), asks: t("prompt.object"), objects: withoutPrompts(objects) }}
      none={{ title: t("prompt.none"), lead: t("prompt.noneLead") }}
      made={made}
      onOpen={show}
      render={(object) => (
        <>
          <b>{say(object.label)}</b>
          <span className="blank">
            {t("prompt.counts", { items: object.prompts?.items.length, hush: object.prompts?.hush.length })}
          </span>
          <Chips items={(object.prompts?.items ?? []).map((each) => ({ key: each.key, text: say(each.label) }))} />
        </>
      )}
    />
  );
}
