import { useNavigate, useSearch } from "@tanstack/react-router";
import { useWords } from "../../app/language";
import { labelOf, useDesigns } from "../../designers/definitions";
import { Chips, ObjectDesigns } from "../../designers/ObjectDesigns";
import { targetOf } from "../../meta/target";
import type { ObjectDesign } from "../model/definition";
import { newEntry, withoutEntry } from "./draft";
import { EntryEditor } from "./EntryEditor";
import "../today/light-entry.css";
import "./lightentry.css";

/** The objects of which one tap makes a record (S2-19), and their buttons; one of them, or a new one, in the editor. */
export function LightEntryPage() {
  const { t, say } = useWords();
  const designs = useDesigns();
  const asked = useSearch({ from: "/build/light-entry" }).item;
  const navigate = useNavigate({ from: "/build/light-entry" });
  if (designs === undefined) return null;
  const objects: ObjectDesign[] = designs.objects;
  const show = (item?: string) => void navigate({ search: item === undefined ? {} : { item } });
  const open = objects.find((each) => each.key === asked);
  if (open !== undefined)
    return (
      <EntryEditor key={open.key} object={open} start={open.light_entry ?? newEntry(open)} onClose={() => show()} />
    );
  const made = objects.filter((each) => each.light_entry != null);
  return (
    <ObjectDesigns
      title={t("lightEntries")}
      add={{ label: t("entry.add"), asks: t("entry.object"), objects: withoutEntry(objects) }}
      none={{ title: t("entry.none"), lead: t("entry.noneLead") }}
      made={made}
      onOpen={show}
      render={(object) => (
        <>
          <b>{say(object.light_entry?.label)}</b>
          <span className="blank">{t("entry.makes", { name: say(object.label) })}</span>
          <span className="blank"> · {t("entry.isAbout", { name: say(labelOf(designs, aboutOf(object))) })}</span>
          <Chips
            items={(object.light_entry?.presets ?? []).map((each) => ({ key: each.key, text: say(each.label) }))}
          />
        </>
      )}
    />
  );
}

/** The object that an object's light entry is about. */
function aboutOf(object: ObjectDesign): string {
  const field = object.fields.find((each) => each.key === object.light_entry?.about);
  return (field && targetOf(field)) ?? "";
}
