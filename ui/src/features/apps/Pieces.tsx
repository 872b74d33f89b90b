import type { ReactNode } from "react";
import type { AppPiece } from "../../api/schema";
import { useWords } from "../../app/language";

/** Things of an app by kind: how many there are, and which; `more` is what is to be said of each beside its name. */
export function Pieces<Piece extends AppPiece>(props: {
  title: string;
  pieces: Piece[];
  more?: (piece: Piece) => ReactNode;
}) {
  const { title, pieces, more } = props;
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
                  {more?.(each)}
                </li>
              ))}
            </ul>
          </details>
        );
      })}
    </section>
  );
}
