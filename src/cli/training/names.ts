/** Names as ids in the order of their first appearance, counted. */
export class NameCounts {
  readonly #ids = new Map<string, number>();
  readonly counts: number[] = [];

  /** The id of `name`, whose count goes up. */
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

/** Names that have an id: by falling count, equal ones by first appearance. */
export interface Vocabulary {
  readonly names: readonly string[];
  /** Undefined where `name` has none, nor is there one for all of those. */
  idOf(name: string): number | undefined;
  /** The same of what `NameCounts` gave. */
  readonly ids: readonly (number | undefined)[];
}

export interface VocabularyLimits {
  /** Rarer names get no id. */
  readonly minCount: number;
  /** Nor do others than so many, the most frequent. */
  readonly maxNames: number;
}

/** `others`: the name whose id stands for those that get none, where there are any. */
export function chooseNames(counted: NameCounts, limits: VocabularyLimits, others?: string): Vocabulary {
  const all = counted.names();
  const count = (id: number): number => counted.counts[id] ?? 0;
  const byCount = all.map((_, id) => id).sort((a, b) => count(b) - count(a) || a - b);
  const kept = byCount.filter((id) => count(id) >= limits.minCount).slice(0, limits.maxNames);
  const names = kept.map((id) => all[id] as string);
  if (others !== undefined && kept.length < all.length && !names.includes(others)) {
    if (names.length === limits.maxNames) names.pop();
    names.push(others);
  }
  const places = new Map(names.map((name, id) => [name, id]));
  const rest = others === undefined ? undefined : places.get(others);
  const idOf = (name: string): number | undefined => places.get(name) ?? rest;
  return { names, idOf, ids: all.map(idOf) };
}
