import { useNavigate, useSearch } from "@tanstack/react-router";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { AddForObject } from "../../designers/AddForObject";
import { DesignerList } from "../../designers/DesignerList";
import { labelOf, useDesigns } from "../../designers/definitions";
import { targetOf } from "../../meta/target";
import type { ObjectDesign } from "../model/definition";
import { newEntry, withoutEntry } from "./draft";
import { EntryEditor } from "./EntryEditor";
import "../../designers/designers.css";
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
  const free = withoutEntry(objects);
  return (
    <>
      <header className="bar">
        <PageTitle>{t("lightEntries")}</PageTitle>
        <span className="gap" />
        <AddForObject label={t("entry.add")} asks={t("entry.object")} objects={free} onChoose={show} />
      </header>
      <div className="page designs">
        {made.length === 0 && <Empty title={t("entry.none")} lead={t("entry.noneLead")} />}
        {made.length > 0 && (
          <DesignerList
            items={made}
            onOpen={(object) => show(object.key)}
            render={(object) => (
              <>
                <b>{say(object.light_entry?.label)}</b>
                <span className="blank">{t("entry.makes", { name: say(object.label) })}</span>
                <span className="blank"> · {t("entry.isAbout", { name: say(labelOf(designs, aboutOf(object))) })}</span>
                <p>
                  {object.light_entry?.presets.map((each) => (
                    <span key={each.key} className="chip">
                      {say(each.label)}
                    </span>
                  ))}
                </p>
              </>
            )}
          />
        )}
      </div>
    </>
  );
}

/** The object that an object's light entry is about. */
function aboutOf(object: ObjectDesign): string {
  const field = object.fields.find((each) => each.key === object.light_entry?.about);
  return (field && targetOf(field)) ?? "";
}
