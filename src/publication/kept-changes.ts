/** What a pointer says about the versions that can be served. */
interface Served {
  readonly sequence?: number;
  readonly previous?: string;
  readonly canary?: { readonly version: string };
}

/**
 * Returns the number up to which no version needs the log that can be served: the current one, the one before it, which a
 * rollback or a damaged file brings back, and one that is tried beside it. `sequenceOf` returns that of a version, 0 for one
 * without changes, and undefined for one that is not published any more.
 */
export async function neededBehind(
  { sequence = 0, previous, canary }: Served,
  sequenceOf: (version: string) => Promise<number | undefined>,
): Promise<number> {
  let needed = sequence;
  for (const version of [previous, canary?.version]) {
    const known = version === undefined ? undefined : await sequenceOf(version);
    needed = Math.min(needed, known ?? needed);
  }
  return needed;
}
