import type { Pointer } from "./pointer.ts";

/**
 * Returns the number up to which no version needs the log that can be served: the current one and the one before it, which a
 * rollback or a damaged file brings back. `sequenceOf` returns that of a version, 0 for one without changes, and undefined for
 * one that is not published any more.
 */
export async function neededBehind(
  current: Pick<Pointer, "sequence" | "previous">,
  sequenceOf: (version: string) => Promise<number | undefined>,
): Promise<number> {
  const { sequence = 0, previous } = current;
  const before = previous === undefined ? undefined : await sequenceOf(previous);
  return Math.min(sequence, before ?? sequence);
}
