import { useNavigate, useSearch } from "@tanstack/react-router";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { AddForObject } from "../../designers/AddForObject";
import { DesignerList } from "../../designers/DesignerList";
import { useDesigns } from "../../designers/definitions";
import type { ObjectDesign } from "../model/definition";
import { newPrompts, withoutPrompts } from "./draft";
import { PromptsEditor } from "./PromptsEditor";
import "../../designers/designers.css";
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
    <>
      <header className="bar">
        <PageTitle>{t("prompts")}</PageTitle>
        <span className="gap" />
        <AddForObject
          label={t("prompt.new")}
          asks={t("prompt.object")}
          objects={withoutPrompts(objects)}
          onChoose={show}
        />
      </header>
      <div className="page designs">
        {made.length === 0 ? (
          <Empty title={t("prompt.none")} lead={t("prompt.noneLead")} />
        ) : (
          <DesignerList
            items={made}
            onOpen={(object) => show(object.key)}
            render={(object) => (
              <>
                <b>{say(object.label)}</b>
                <span className="blank">
                  {t("prompt.counts", { items: object.prompts?.items.length, hush: object.prompts?.hush.length })}
                </span>
                <p>
                  {object.prompts?.items.map((each) => (
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
