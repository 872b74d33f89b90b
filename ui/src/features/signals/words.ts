/** So much of a message is shown on either side of the word. */
const AROUND = 60;

/** A text about the word that was understood in it; without the word, its beginning. */
export function aroundWord(text: string, word: string | null): { before: string; word: string; after: string } {
  const at = word ? text.toLowerCase().indexOf(word.toLowerCase()) : -1;
  if (!word || at < 0) return { before: cut(text, 2 * AROUND), word: "", after: "" };
  const end = at + word.length;
  const before = text.slice(Math.max(0, at - AROUND), at);
  return {
    before: at > AROUND ? `…${before}` : before,
    word: text.slice(at, end),
    after: cut(text.slice(end), AROUND),
  };
}

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}…` : text);
