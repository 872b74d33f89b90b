/** A key by a word and the first number that none of `taken` has: `step_1`, `step_2`. */
export function numberedKey(word: string, taken: readonly string[], first = 1): string {
  let number = first;
  while (taken.includes(`${word}_${number}`)) number += 1;
  return `${word}_${number}`;
}

/** A key made of a name in Latin letters, numbered where it is taken; of any other name the word and a number. */
export function keyOfName(name: string, word: string, taken: readonly string[], longest = 40): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, longest);
  if (plain.length < 2) return numberedKey(word, taken);
  return taken.includes(plain) ? numberedKey(plain, taken, 2) : plain;
}
