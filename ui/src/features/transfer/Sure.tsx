import type { ColumnGuessed } from "../../api/schema";
import { useWords } from "../../app/language";

// What is named like the field needs no second look.
const CERTAIN = 0.95;
const DOUBTFUL = 0.5;

/** By what a column's field was guessed, where a person should look at it. How sure that is, is an order of the ways
 * and no figure to be shown. */
export function Sure({ guess }: { guess: Pick<ColumnGuessed, "field" | "sure" | "how"> }) {
  const { t } = useWords();
  if (guess.field === null || guess.sure === null || guess.how === null || guess.sure >= CERTAIN) return null;
  const why = guess.sure < DOUBTFUL ? "misfit" : guess.how;
  return (
    <span className="chip" data-colour={why === "misfit" ? "red" : "amber"}>
      {t(`guessed.${why}`)}
    </span>
  );
}
