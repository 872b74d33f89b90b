import { Button } from "antd";
import { Wand2 } from "lucide-react";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { Sure } from "../transfer/Sure";
import { leftOf, withGuesses } from "./guessed";
import { type Mapping, useColumns, useFieldNames, useGuesses } from "./queries";

/** Which columns seem to be which fields, each with how sure that is; taken with one press, and changed after. */
export function Guessing(props: {
  source: string;
  mapping: Mapping;
  object: ObjectDef;
  onTake: (mapping: Mapping) => void;
}) {
  const { source, mapping, object, onTake } = props;
  const { t } = useWords();
  const named = useFieldNames();
  const columns = useColumns(source, mapping.stream).data ?? [];
  const left = leftOf(useGuesses(source, mapping.stream, object.key).data ?? [], mapping);
  if (left.length === 0) return null;
  return (
    <section className="guessing" aria-label={t("guessedFields")}>
      <ul>
        {left.map((guess) => (
          <li key={guess.path}>
            <span>
              {guess.path} → {named(object.key, guess.field)}
            </span>{" "}
            <Sure guess={guess} />
          </li>
        ))}
      </ul>
      <Button
        size="small"
        icon={<Wand2 size={13} aria-hidden />}
        onClick={() => onTake(withGuesses(mapping, left, columns, object))}
      >
        {t("takeGuesses", { count: left.length })}
      </Button>
    </section>
  );
}
