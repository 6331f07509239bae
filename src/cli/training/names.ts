import { replaceFile } from "../files/replace-file.ts";

const BYTE_ORDER_MARK = "\ufeff";

/**
 * Returns a function that writes lists of names when it is first called: with the first model of their data, so that a training
 * that is refused leaves the names of the model that there is.
 */
export function namesWriter(
  files: readonly (readonly [path: string | undefined, names: readonly string[]])[],
): () => Promise<void> {
  let left = files;
  return async () => {
    const now = left;
    left = [];
    for (const [path, names] of now) if (path !== undefined) await writeNames(path, names);
  };
}

/** Writes names, one a line. Readers skip a mark at the start of a file, so a first name that begins with one has another. */
function writeNames(path: string, names: readonly string[]): Promise<void> {
  const start = names[0]?.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
  return replaceFile(path, new TextEncoder().encode(start + names.map((name) => `${name}\n`).join("")));
}

/** Counts names, and numbers them in the order of their first occurrence. */
export class NameCounts {
  readonly #ids = new Map<string, number>();
  readonly counts: number[] = [];

  /** Counts `name` and returns its id. */
  add(name: string): number {
    const id = this.#ids.get(name) ?? this.counts.length;
    if (id === this.counts.length) this.#ids.set(name, id);
    this.counts[id] = (this.counts[id] ?? 0) + 1;
    return id;
  }

  names(): string[] {
    return [...this.#ids.keys()];
  }
}

/** Names with ids, in the order of decreasing counts. Ties are in the order of first occurrence. */
export interface Vocabulary {
  readonly names: readonly string[];
  /** Returns the id of `name`, or the id of the name that replaces unknown ones. Undefined if there is neither. */
  idOf(name: string): number | undefined;
  /** Tells whether `name` has an id of its own. */
  has(name: string): boolean;
  /** The result of `idOf` for each id of `NameCounts`. */
  readonly ids: readonly (number | undefined)[];
}

export interface VocabularyLimits {
  /** Names that occur less often get no id. */
  readonly minCount: number;
  /** Only this many names, the most frequent, get an id. */
  readonly maxNames: number;
}

/** @param others the name that replaces names without an id, if there are any */
export function chooseNames(counted: NameCounts, limits: VocabularyLimits, others?: string): Vocabulary {
  const all = counted.names();
  const count = (id: number): number => counted.counts[id] ?? 0;
  const byCount = all.map((_, id) => id).sort((a, b) => count(b) - count(a));
  const kept = byCount.filter((id) => count(id) >= limits.minCount).slice(0, limits.maxNames);
  const names = kept.map((id) => all[id] as string);
  if (others !== undefined && kept.length < all.length && !names.includes(others)) {
    if (names.length === limits.maxNames) names.pop();
    names.push(others);
  }
  const places = new Map(names.map((name, id) => [name, id]));
  const rest = others === undefined ? undefined : places.get(others);
  const idOf = (name: string): number | undefined => places.get(name) ?? rest;
  return { names, idOf, has: (name) => places.has(name), ids: all.map(idOf) };
}

/** The names of a file, of which a vocabulary may lack some. */
export interface FoundNames {
  readonly names: number;
  /** Those that the vocabulary lacks. They are left out, or become <unk>. */
  readonly unknown: number;
}

/** The names that a file has to predict. */
export interface FoundTargets {
  readonly targets: number;
  /** Those that are not measured, because they are unknown or come after unknown names only. */
  readonly unmeasured: number;
}

/** The counts of names and targets in a file that was read with the vocabulary of another one. */
export interface Found extends FoundNames, FoundTargets {}

/** The data of a file that were read with the vocabulary of another one. */
export interface HeldOut<Data> extends Found {
  readonly data: Data;
}

/** Looks names up in a vocabulary, and counts them. */
export function startFinding({ has, idOf }: Vocabulary) {
  let [names, unknown] = [0, 0];
  return {
    idOf(name: string): number | undefined {
      names++;
      if (!has(name)) unknown++;
      return idOf(name);
    },
    found: (): FoundNames => ({ names, unknown }),
  };
}
