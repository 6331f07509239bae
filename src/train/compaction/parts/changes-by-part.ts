import { decodeLoggedSet, encodeLoggedSet, type LoggedSet, type SetToLog } from "../../../changes/logged-set.ts";
import { partOfLabel } from "../../../changes/part-of-label.ts";
import type { LogSets } from "../log-sets.ts";
import type { KnownPart } from "./known-parts.ts";

/** Changes of the parts of an index, in their order. */
export interface ChangesOfParts {
  /** The labels that they name. */
  readonly labels: ReadonlySet<string>;
  /** The number of the last change. */
  readonly sequence: number;
  /** Divides the changes. Returns a function that gives those of one part, as `compact` takes them; none for one without. */
  byPart(known: readonly KnownPart[]): (place: number) => Uint8Array[];
}

/** Reads all sets of a log. They are in memory together. `onBytes` gets the bytes of the sets so far, and may throw. */
export async function loggedChanges(
  { sequence, sets: given }: LogSets,
  onBytes: (byteLength: number) => void = () => {},
): Promise<ChangesOfParts> {
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
  return { labels, sequence, byPart: (known) => setsByPart(sets, placesAmong(known)) };
}

/** Tells to which part a change of a label goes. */
export interface Places {
  /** Returns the place of the part that has the label, or that its hash selects; the label has a class from now on. */
  ofUpsert(label: string): number;
  /** Returns the place of the part that has the label, or −1 if it has no class: then its removal changes no part. */
  ofRemoval(label: string): number;
}

/** Divides changes among parts as a PartedIndex does. Changes must be given in their order. */
export function placesAmong(known: readonly KnownPart[]): Places {
  const encoder = new TextEncoder();
  const upserted = new Set<string>();
  const has = (part: number, label: string): boolean => known[part]?.labels.has(label) ?? false;
  const placeOf = (label: string): number => partOfLabel({ label, bytes: encoder.encode(label) }, known.length, has);
  return {
    ofUpsert(label) {
      upserted.add(label);
      return placeOf(label);
    },
    ofRemoval(label) {
      const isThere = upserted.has(label) || known.some(({ labels }) => labels.has(label));
      return isThere ? placeOf(label) : -1;
    },
  };
}

/** Returns a function that makes the sets of a part, in the form of a log. */
function setsByPart(sets: readonly LoggedSet[], places: Places): (place: number) => Uint8Array[] {
  const placed = sets.map((set) => {
    const upserts = (set.upserts?.labels ?? []).map(places.ofUpsert);
    return { set, upserts, removals: set.removals.map(places.ofRemoval) };
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
      labels: places.map((i) => labels[i] as string),
      rows: own,
      ...(biases && { biases: places.map((i) => biases[i] as number) }),
      ...(metadata && { metadata: places.map((i) => metadata[i]) }),
    },
    removals: removed,
    ...(space !== undefined && { space }),
  };
}
