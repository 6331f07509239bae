import { decodeLoggedSet, encodeLoggedSet, type LoggedSet, type SetToLog } from "../../../changes/logged-set.ts";
import { partOfLabel } from "../../../changes/part-of-label.ts";

/** The sets of a log, in their order, and the labels that they name. */
export interface LoggedChanges {
  readonly sets: readonly LoggedSet[];
  readonly labels: ReadonlySet<string>;
}

/** Reads all sets. They are in memory together. `onBytes` gets the bytes of the sets so far, and may throw. */
export async function loggedChanges(
  given: AsyncIterable<Uint8Array>,
  onBytes: (byteLength: number) => void = () => {},
): Promise<LoggedChanges> {
  const sets: LoggedSet[] = [];
  const labels = new Set<string>();
  let byteLength = 0;
  for await (const bytes of given) {
    byteLength += bytes.byteLength;
    onBytes(byteLength);
    const set = decodeLoggedSet(bytes);
    sets.push(set);
    for (const label of [...(set.upserts?.labels ?? []), ...set.removals]) labels.add(label);
  }
  return { sets, labels };
}

/**
 * Divides changes among parts as a PartedIndex does: a change goes to the part that has its label, and a new label to the part
 * that its hash selects. `known` has the labels that each part has. Returns a function that makes the sets of a part, in the
 * form of a log; none for a part without changes.
 */
export function changesByPart(
  { sets }: LoggedChanges,
  known: readonly ReadonlySet<string>[],
): (place: number) => Uint8Array[] {
  const encoder = new TextEncoder();
  const has = (part: number, label: string): boolean => known[part]?.has(label) ?? false;
  const placeOf = (label: string): number => partOfLabel({ label, bytes: encoder.encode(label) }, known.length, has);
  const upserted = new Set<string>();
  const placed = sets.map((set) => {
    const { labels = [] } = set.upserts ?? {};
    for (const label of labels) upserted.add(label);
    // The removal of a label that no part has changes no part.
    const isThere = (label: string): boolean => upserted.has(label) || known.some((own) => own.has(label));
    const removals = set.removals.map((label) => (isThere(label) ? placeOf(label) : -1));
    return { set, upserts: labels.map(placeOf), removals };
  });
  return (place) =>
    placed.flatMap(({ set, upserts, removals }) => {
      const own = ofPart(
        set,
        (i) => upserts[i] === place,
        (i) => removals[i] === place,
      );
      return own ? [encodeLoggedSet(own)] : [];
    });
}

/** Returns the changes of a set that belong to one part. Undefined if there are none. */
function ofPart(
  { upserts, removals, space }: LoggedSet,
  isUpserted: (i: number) => boolean,
  isRemoved: (i: number) => boolean,
): SetToLog | undefined {
  const removed = removals.filter((_, i) => isRemoved(i));
  const places = upserts ? [...upserts.labels.keys()].filter(isUpserted) : [];
  if (removed.length + places.length === 0) return undefined;
  if (!upserts || places.length === 0) return { removals: removed };
  const { labels, rows, biases, metadata } = upserts;
  const dim = rows.length / labels.length;
  const own = new Float32Array(places.length * dim);
  for (const [at, i] of places.entries()) own.set(rows.subarray(i * dim, (i + 1) * dim), at * dim);
  return {
    upserts: {
      ...{ labels: places.map((i) => labels[i] as string), rows: own },
      ...(biases && { biases: places.map((i) => biases[i] as number) }),
      ...(metadata && { metadata: places.map((i) => metadata[i]) }),
    },
    ...{ removals: removed, ...(space !== undefined && { space }) },
  };
}
