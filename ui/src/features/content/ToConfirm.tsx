import { useState } from "react";
import { useWords } from "../../app/language";
import { Level } from "../../design/Level";
import { PackReader } from "./PackReader";
import { useToConfirm } from "./packs";

/** On one's first page until it is confirmed: what must be read (S4-49). Nothing where nothing waits. */
export function ToConfirm() {
  const { t } = useWords();
  const packs = useToConfirm().data ?? [];
  const [open, setOpen] = useState<string>();
  return (
    <>
      {packs.length > 0 && (
        <section className="work-block">
          <h2>
            <Level level="yellow">{t("pack.toConfirm")}</Level> <span>{packs.length}</span>
          </h2>
          <ul>
            {packs.map((each) => (
              <li key={each.id} className="work-row">
                <div className="work-what">
                  <button type="button" className="text-button" onClick={() => setOpen(each.id)}>
                    {each.title}
                  </button>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      {open !== undefined && <PackReader id={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}
