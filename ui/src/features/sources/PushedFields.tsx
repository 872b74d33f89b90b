import { useWords } from "../../app/language";
import { type SourceState, useFieldNames } from "./queries";

type Pushed = NonNullable<SourceState["pushed"]>;

const COLOURS: Record<Pushed[number]["way"], string | undefined> = {
  open: "green",
  closed: undefined,
  stream: "blue",
  never: "red",
};

/** Which fields' changes go back to the source, and which would if an administrator opened them. */
export function PushedFields({ pushed }: { pushed: Pushed }) {
  const { t } = useWords();
  const named = useFieldNames();
  if (pushed.length === 0) return <p className="blank">{t("pushedNone")}</p>;
  return (
    <section>
      <p>{t("pushedLead")}</p>
      <ul className="streams">
        {pushed.map((each) => (
          <li key={`${each.mapping}${each.field}`}>
            <span>
              {named(each.object, each.field, true)} → {each.opening ?? each.path}
            </span>
            <span className="chip" data-colour={COLOURS[each.way]}>
              {t(`pushWay.${each.way}`)}
            </span>
          </li>
        ))}
      </ul>
      {pushed.some(({ way }) => way === "closed") && <p className="blank">{t("pushedHowToOpen")}</p>}
    </section>
  );
}
