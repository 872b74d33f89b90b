import type { AppPiece } from "../../api/schema";
import { useWords } from "../../app/language";

/** Things of an app by kind: how many there are, and which. */
export function Pieces({ title, pieces }: { title: string; pieces: AppPiece[] }) {
  const { t } = useWords();
  if (pieces.length === 0) return null;
  const kinds = [...new Set(pieces.map((each) => each.kind))];
  return (
    <section className="impact">
      <h3>
        {title}
        <span className="blank"> · {pieces.length}</span>
      </h3>
      {kinds.map((kind) => {
        const found = pieces.filter((each) => each.kind === kind);
        return (
          <details key={kind} className="app-pieces">
            <summary>
              {t(`piece.${kind}`, { defaultValue: kind })}
              <span className="blank"> {found.length}</span>
            </summary>
            <ul>
              {found.map((each) => (
                <li key={each.at}>
                  {each.label} <code className="blank">{each.at.slice(each.at.indexOf(" ") + 1)}</code>
                </li>
              ))}
            </ul>
          </details>
        );
      })}
    </section>
  );
}
