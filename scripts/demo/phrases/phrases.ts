import { FUNCTION_WORDS } from "./function-words.ts";

/** Words of the longest phrase. */
const LONGEST = 4;
/** A phrase of two words or more is a class if the text has it at least this often. */
const LEAST_OCCURRENCES = 3;
/** A class is the longest phrase at two places at least. */
const LEAST_TARGETS = 2;

/** A text whose tokens have ids that do not depend on case. */
export interface Text {
  /** The tokens as they were written. */
  readonly tokens: readonly string[];
  readonly ids: Uint16Array;
}

/** The words of a text in lower case, by id. */
export class Lexicon {
  readonly words: string[] = [];
  private readonly ids = new Map<string, number>();

  /** Reads a text, whose new words get the next ids. */
  read(tokens: readonly string[]): Text {
    return { tokens, ids: Uint16Array.from(tokens, (token) => this.idOf(token)) };
  }

  private idOf(token: string): number {
    const word = token.toLowerCase();
    let id = this.ids.get(word);
    if (id === undefined) {
      id = this.words.push(word) - 1;
      if (id > 0xffff) throw new RangeError(`the text expected at most 65,536 words, got "${word}" beyond them`);
      this.ids.set(word, id);
    }
    return id;
  }
}

/**
 * Returns true for a token that phrases are made of: no punctuation, and none of the corpus' own signs such as <unk> and @-@.
 */
const isWord = (token: string): boolean => /[\p{L}\p{N}]/u.test(token) && !/[@<>]/.test(token);

/**
 * The phrases of a text that are classes: words, and frequent runs of two to four words that do not end with a function
 * word ("the war", but not "war of the"). The class at a place of the text is the longest of them that begins there.
 */
export class Phrases {
  /** The phrases, each in its most frequent spelling at places where it is the longest, in the order of their code units. */
  readonly labels: readonly string[];
  private readonly lexicon: Lexicon;
  private readonly isWord: readonly boolean[];
  /** The runs of two words or more that are frequent. */
  private readonly frequent: ReadonlySet<string>;
  private readonly classes: ReadonlyMap<string, number>;

  constructor(lexicon: Lexicon, text: Text) {
    this.lexicon = lexicon;
    this.isWord = lexicon.words.map(isWord);
    this.frequent = this.frequentRuns(text);
    const spellings = this.countSpellings(text);
    const found = [...spellings]
      .map(([key, counts]) => ({ key, count: sum(counts.values()), label: mostFrequent(counts) }))
      .filter(({ count }) => count >= LEAST_TARGETS)
      .sort((a, b) => (a.label < b.label ? -1 : 1));
    this.labels = found.map(({ label }) => label);
    this.classes = new Map(found.map(({ key }, id) => [key, id]));
  }

  /** Returns the class that begins at each token of a text, or −1 if there is none. */
  classesOf(text: Text): Int32Array {
    const runs = this.runLengths(text);
    return Int32Array.from(text.ids, (_, at) => this.classes.get(this.longestAt(text, runs, at)) ?? -1);
  }

  private longestAt({ ids }: Text, runs: Uint8Array, at: number): string {
    let length = runs[at] as number;
    while (length > 1 && !this.frequent.has(keyOf(ids, at, length))) length--;
    return keyOf(ids, at, length);
  }

  /** Returns for each token the number of words from there on, up to the longest phrase. */
  private runLengths({ ids }: Text): Uint8Array {
    const lengths = new Uint8Array(ids.length + 1);
    for (let at = ids.length - 1; at >= 0; at--) {
      if (this.isWord[ids[at] as number]) lengths[at] = Math.min(LONGEST, 1 + (lengths[at + 1] as number));
    }
    return lengths;
  }

  private frequentRuns(text: Text): Set<string> {
    const { ids } = text;
    const runs = this.runLengths(text);
    const endsPhrase = this.lexicon.words.map((word) => !FUNCTION_WORDS.has(word));
    const frequent = new Set<string>();
    for (let length = 2; length <= LONGEST; length++) {
      const counts = new Map<string, number>();
      for (let at = 0; at < ids.length; at++) {
        if ((runs[at] as number) < length || !endsPhrase[ids[at + length - 1] as number]) continue;
        const key = keyOf(ids, at, length);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      for (const [key, count] of counts) if (count >= LEAST_OCCURRENCES) frequent.add(key);
    }
    return frequent;
  }

  /** Counts how often each spelling of a phrase is the longest at a place. */
  private countSpellings(text: Text): Map<string, Map<string, number>> {
    const runs = this.runLengths(text);
    const spellings = new Map<string, Map<string, number>>();
    for (let at = 1; at < text.ids.length; at++) {
      if (runs[at] === 0) continue;
      const key = this.longestAt(text, runs, at);
      const spelling = text.tokens.slice(at, at + key.length).join(" ");
      const counts = spellings.get(key) ?? new Map<string, number>();
      counts.set(spelling, (counts.get(spelling) ?? 0) + 1);
      spellings.set(key, counts);
    }
    return spellings;
  }
}

/** Returns a key with a code unit for each word. */
const keyOf = (ids: Uint16Array, at: number, length: number): string =>
  String.fromCharCode(...ids.subarray(at, at + length));

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** Returns the first of the most frequent. */
function mostFrequent(counts: ReadonlyMap<string, number>): string {
  let best: [string, number] = ["", 0];
  for (const entry of counts) if (entry[1] > best[1]) best = entry;
  return best[0];
}
