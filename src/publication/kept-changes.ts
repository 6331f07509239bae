/** The fields of a pointer that name the versions that can be served. */
export interface ServedVersions {
  readonly sequence?: number;
  readonly previous?: string;
  readonly canary?: { readonly version: string };
}

/**
 * Returns the number up to which no version that can be served needs the log: the current one, the one before it, which a
 * rollback or a damaged file brings back, and a canary beside it. `sequenceOf` returns the sequence of a version, 0 for one
 * without changes, and undefined for one that is no longer published.
 */
export async function neededBehind(
  { sequence = 0, previous, canary }: ServedVersions,
  sequenceOf: (version: string) => Promise<number | undefined>,
): Promise<number> {
  let needed = sequence;
  for (const version of [previous, canary?.version]) {
    const known = version === undefined ? undefined : await sequenceOf(version);
    needed = Math.min(needed, known ?? needed);
  }
  return needed;
}
