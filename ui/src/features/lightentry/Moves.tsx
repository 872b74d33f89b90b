import { Button, Select } from "antd";
import { Plus, X } from "lucide-react";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { At } from "../../designers/faults/FaultPlaces";
import { optionsOf } from "../../meta/options";
import { Condition } from "./Condition";
import type { EntryMove } from "./draft";
import { Filling, isWritten } from "./Filled";
import { writeFilling, writeOneOf } from "./sayings";

const MOST_MOVES = 20;

/** Fields of the record it is about that move on, each only where its condition holds: a stage goes on and never back. */
export function Moves(props: { subject: ObjectDef; moves: EntryMove[]; onChange: (moves: EntryMove[]) => void }) {
  const { subject, moves, onChange } = props;
  const { t, say } = useWords();
  const free = subject.fields.filter((each) => isWritten(each) && !moves.some((move) => move.field === each.key));
  const put = (at: number, part: Partial<EntryMove>) =>
    onChange(moves.map((each, other) => (other === at ? { ...each, ...part } : each)));
  return (
    <div className="stack">
      {moves.map((move, at) => {
        const field = subject.fields.find((each) => each.key === move.field);
        const name = say(field?.label) || move.field;
        return (
          <div key={move.field} className="move-line">
            <div className="fill-line">
              <span>{t("rule.becomes", { name })}</span>
              <At place={`moves.${move.field}`}>
                <Filling
                  label={name}
                  into={field}
                  subject={subject}
                  text={move.value}
                  onChange={(value) => put(at, onward(subject, move, value))}
                />
              </At>
              <Button
                type="text"
                size="small"
                aria-label={t("rule.removeField", { name })}
                icon={<X size={14} aria-hidden />}
                onClick={() => onChange(moves.filter((_, other) => other !== at))}
              />
            </div>
            <div className="fill-line">
              <span className="lead">{t("entry.onlyWhen")}</span>
              <At place={`moves.${move.field}.when`}>
                <Condition
                  label={t("entry.onlyWhenOf", { name })}
                  subject={subject}
                  value={move.when}
                  onChange={(when) => put(at, { when })}
                />
              </At>
            </div>
          </div>
        );
      })}
      {moves.length < MOST_MOVES && (
        <Select
          aria-label={t("entry.addMove")}
          placeholder={t("entry.addMove")}
          style={{ width: 220 }}
          showSearch={{ optionFilterProp: "label" }}
          value={null}
          suffixIcon={<Plus size={13} aria-hidden />}
          options={free.map((each) => ({ value: each.key, label: say(each.label) }))}
          onChange={(key: string | null) => key && onChange([...moves, { field: key, value: "", when: null }])}
        />
      )}
    </div>
  );
}

/** A new value. Where a choice goes on to one of its options, it does so from those that come before it: never back. */
function onward(subject: ObjectDef, { field, when }: EntryMove, value: string): Partial<EntryMove> {
  const definition = subject.fields.find((each) => each.key === field);
  if (definition?.type !== "choice" || when !== null) return { value };
  const keys = optionsOf(definition).map((each) => each.key);
  const at = keys.findIndex((key) => writeFilling({ kind: "choice", key }) === value);
  return at > 0 ? { value, when: writeOneOf({ field, isNot: false, keys: keys.slice(0, at) }) } : { value };
}
