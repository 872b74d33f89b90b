import { useWords } from "../../app/language";
import { type ModelChange, readAction } from "./changes";

const LINES = 6;

/** What a change of the model did, an action a line. */
export function ChangeLines({ change }: { change: ModelChange }) {
  const { t, say } = useWords();
  return (
    <ul>
      {change.changeset.actions.slice(0, LINES).map((action, at) => {
        const { verb, noun, name } = readAction(action);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the actions of a change never move
          <li key={at}>
            {t(`did.${verb}`)}
            {t(`noun.${noun}`, { defaultValue: noun })} {typeof name === "string" ? name : say(name)}
          </li>
        );
      })}
      {change.changeset.actions.length > LINES && (
        <li className="blank">{t("andMore", { count: change.changeset.actions.length - LINES })}</li>
      )}
    </ul>
  );
}
