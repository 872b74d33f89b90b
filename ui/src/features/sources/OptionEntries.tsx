import { Button, Input } from "antd";
import { Plus, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useWords } from "../../app/language";
import { At } from "../../designers/faults/FaultPlaces";
import { numberedKey } from "../../meta/keys";
import { changed, type Options, renamed, STREAM } from "./options";

type Entries = Record<string, Options>;

/** Options that are there several times, each under a name of its own: the streams of a database or a folder. `lines`
 * are the options of one. */
export function OptionEntries(props: {
  name: string;
  entries: Entries;
  lines: (options: Options, onChange: (options: Options) => void) => ReactNode;
  onChange: (entries: Entries | undefined) => void;
}) {
  const { name, entries, lines, onChange } = props;
  const { t } = useWords();
  const keys = Object.keys(entries);
  const [kept] = useState(keys);
  const put = (after: Entries) => onChange(Object.keys(after).length === 0 ? undefined : after);
  return (
    <div className="entries">
      {keys.map((key, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an entry is its place: its name is being typed
        <fieldset key={place} className="entry">
          <div className="line-edit">
            <Input
              aria-label={`${name} ${place + 1} ${t("key")}`}
              placeholder={t("key")}
              value={key}
              onChange={(event) => put(renamed(entries, key, event.target.value.trim()))}
            />
            <Button
              type="text"
              icon={<X size={14} aria-hidden />}
              aria-label={t("removeOf", { name: key })}
              onClick={() => put(Object.fromEntries(Object.entries(entries).filter(([each]) => each !== key)))}
            />
          </div>
          <At place={key}>
            <dl className="fields settings">
              {lines(entries[key] ?? {}, (options) => put(changed(entries, key, options, kept)))}
            </dl>
          </At>
        </fieldset>
      ))}
      <Button
        size="small"
        icon={<Plus size={13} aria-hidden />}
        onClick={() => put({ ...entries, [numberedKey(STREAM, keys)]: {} })}
      >
        {t("addOf", { name })}
      </Button>
    </div>
  );
}
