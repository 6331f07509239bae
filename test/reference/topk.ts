/** A class with its score. */
export interface Scored {
  readonly id: number;
  readonly score: number;
}

/** Higher score first, then lower id. */
export const topSort = (entries: readonly Scored[]): Scored[] =>
  entries.toSorted((a, b) => b.score - a.score || a.id - b.id);

/** The k best of the entries kept so far and the new ones. */
export const topPush = (kept: readonly Scored[], entries: readonly Scored[], k: number): Scored[] =>
  topSort([...kept, ...entries]).slice(0, k);
