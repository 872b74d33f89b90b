/**
 * Search patterns: the same subset of regular expressions as on the server (`formula/patterns.py`), run in time
 * proportional to the text. The server has already refused what lies outside the subset.
 */

type Ranges = readonly (readonly [number, number])[];

type Part =
  | { readonly type: "one"; readonly ranges: Ranges }
  | { readonly type: "edge"; readonly atEnd: boolean }
  | { readonly type: "sequence"; readonly parts: readonly Part[] }
  | { readonly type: "either"; readonly branches: readonly Part[] }
  | { readonly type: "repeat"; readonly part: Part; readonly least: number; readonly most: number | null };

const LAST = 0x10ffff;
const CLASSES: Readonly<Record<string, Ranges>> = {
  d: [[48, 57]],
  w: [
    [48, 57],
    [65, 90],
    [95, 95],
    [97, 122],
  ],
  s: [
    [9, 13],
    [32, 32],
  ],
};
const ESCAPED: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9 };

function invert(ranges: Ranges): Ranges {
  const found: [number, number][] = [];
  let start = 1;
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (low > start) found.push([start, low - 1]);
    start = Math.max(start, high + 1);
  }
  if (start <= LAST) found.push([start, LAST]);
  return found;
}

class Reader {
  private at = 0;
  private readonly text: readonly string[];

  constructor(text: string) {
    this.text = [...text];
  }

  read(): Part {
    const branches = [this.sequence()];
    while (this.text[this.at] === "|") {
      this.at += 1;
      branches.push(this.sequence());
    }
    return branches.length === 1 && branches[0] !== undefined ? branches[0] : { type: "either", branches };
  }

  private take(): string {
    const character = this.text[this.at];
    if (character === undefined) throw new Error("the pattern is not complete");
    this.at += 1;
    return character;
  }

  private sequence(): Part {
    const parts: Part[] = [];
    for (let next = this.text[this.at]; next !== undefined && next !== "|" && next !== ")"; next = this.text[this.at]) {
      parts.push(this.repeated());
    }
    return { type: "sequence", parts };
  }

  private repeated(): Part {
    const part = this.atom();
    switch (this.text[this.at]) {
      case "*":
        return this.repeat(part, 0, null);
      case "+":
        return this.repeat(part, 1, null);
      case "?":
        return this.repeat(part, 0, 1);
      case "{": {
        const end = this.text.indexOf("}", this.at);
        const [low = "0", high] = this.text
          .slice(this.at + 1, end)
          .join("")
          .split(",");
        this.at = end;
        return this.repeat(part, Number(low), high === undefined ? Number(low) : high === "" ? null : Number(high));
      }
      default:
        return part;
    }
  }

  private repeat(part: Part, least: number, most: number | null): Part {
    this.at += 1;
    return { type: "repeat", part, least, most };
  }

  private atom(): Part {
    const character = this.take();
    if (character === "(") {
      if (this.text[this.at] === "?") this.at += 2;
      const inner = this.read();
      this.at += 1;
      return inner;
    }
    if (character === "[") return { type: "one", ranges: this.charClass() };
    if (character === ".") return { type: "one", ranges: invert([[10, 10]]) };
    if (character === "^" || character === "$") return { type: "edge", atEnd: character === "$" };
    return { type: "one", ranges: character === "\\" ? this.escape() : single(character) };
  }

  private escape(): Ranges {
    const character = this.take();
    const known = CLASSES[character];
    if (known !== undefined) return known;
    const opposite = CLASSES[character.toLowerCase()];
    if (opposite !== undefined) return invert(opposite);
    const point = ESCAPED[character];
    return point === undefined ? single(character) : [[point, point]];
  }

  private charClass(): Ranges {
    const negative = this.text[this.at] === "^";
    if (negative) this.at += 1;
    const ranges: (readonly [number, number])[] = [];
    while (this.text[this.at] !== "]" || ranges.length === 0) {
      const low = this.member();
      const after = this.text[this.at + 1];
      if (this.text[this.at] === "-" && after !== "]" && after !== undefined) {
        this.at += 1;
        ranges.push([low[0]?.[0] ?? 0, this.member()[0]?.[1] ?? 0]);
      } else {
        ranges.push(...low);
      }
    }
    this.at += 1;
    return negative ? invert(ranges) : ranges;
  }

  private member(): Ranges {
    const character = this.take();
    return character === "\\" ? this.escape() : single(character);
  }
}

function single(character: string): Ranges {
  const point = character.codePointAt(0) ?? 0;
  return [[point, point]];
}

type State = { test: Ranges | null; edge: boolean | null; exits: State[] };

function state(...exits: State[]): State {
  return { test: null, edge: null, exits };
}

/** The state from which `part` leads to `then`. */
function build(part: Part, then: State): State {
  switch (part.type) {
    case "one":
      return { test: part.ranges, edge: null, exits: [then] };
    case "edge":
      return { test: null, edge: part.atEnd, exits: [then] };
    case "sequence":
      return part.parts.reduceRight((next, inner) => build(inner, next), then);
    case "either":
      return state(...part.branches.map((branch) => build(branch, then)));
    case "repeat": {
      let next = then;
      if (part.most === null) {
        const loop = state();
        loop.exits = [build(part.part, loop), then];
        next = loop;
      } else {
        for (let n = part.least; n < part.most; n += 1) next = state(build(part.part, next), then);
      }
      for (let n = 0; n < part.least; n += 1) next = build(part.part, next);
      return next;
    }
  }
}

/** All states reachable without reading a character. */
function closure(states: Iterable<State>, atStart: boolean, atEnd: boolean): Set<State> {
  const seen = new Set<State>();
  const waiting = [...states];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const open = next.edge === null || (next.edge ? atEnd : atStart);
    if (next.test === null && open) waiting.push(...next.exits);
  }
  return seen;
}

export class Matcher {
  private readonly goal = state();
  private readonly start: State;

  constructor(pattern: string) {
    this.start = build(new Reader(pattern).read(), this.goal);
  }

  /** Whether some part of `text` fits the pattern. */
  foundIn(text: string): boolean {
    const characters = [...text];
    let states = closure([this.start], true, characters.length === 0);
    for (const [index, character] of characters.entries()) {
      if (states.has(this.goal)) return true;
      const point = character.codePointAt(0) ?? 0;
      const following: State[] = [];
      for (const { test, exits } of states) {
        if (test?.some(([low, high]) => low <= point && point <= high)) following.push(...exits);
      }
      states = closure([...following, this.start], false, index === characters.length - 1);
    }
    return states.has(this.goal);
  }
}
