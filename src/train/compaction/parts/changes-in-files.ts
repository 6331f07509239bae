import { type DecodedChanges, decodeChanges, encodeStored } from "../../../changes/changes-file.ts";
import { declaredOf } from "../../../changes/class-values.ts";
import { contentIdOfParts } from "../../../changes/facts-of-parts.ts";
import { type ChangedLabel, rowFactsOf } from "../../../changes/stored-changes.ts";
import { type ChangesOfParts, type Places, placesAmong } from "./changes-by-part.ts";
import type { KnownPart } from "./known-parts.ts";

/** Reads files of changes of the parts of a manifest, in their order. FormatError for bytes that are no such file. */
export function changesInFiles(files: readonly Uint8Array[]): ChangesOfParts {
  const sets = files.map(decodeChanges);
  return {
    labels: new Set(sets.flatMap(({ labels }) => labels.map(({ label }) => label))),
    sequence: sets.reduce((last, { sequence }) => Math.max(last, sequence), 0),
    byPart(known) {
      checkSets(sets, known);
      return filesByPart(sets, known);
    },
  };
}

/** Throws a RangeError for changes of other parts, and for those that do not follow what the parts have. */
function checkSets(sets: readonly DecodedChanges[], known: readonly KnownPart[]): void {
  const contentId = contentIdOfParts(known);
  let reached = sequenceOf(known);
  for (const [i, { facts, after, sequence }] of sets.entries()) {
    if (facts.contentId !== contentId) {
      throw new RangeError(
        `"changes"[${i}] expected those of the parts with content id ${contentId}, got those of ${facts.contentId}`,
      );
    }
    if (after > reached) {
      throw new RangeError(
        `"changes"[${i}] expected those that follow ${reached}, got ${after + 1} to ${sequence}: pass the ones between before them`,
      );
    }
    reached = Math.max(reached, sequence);
  }
}

/** Returns the number of the last change that the parts have. Those that a compaction left as they are may have a lower one. */
const sequenceOf = (known: readonly KnownPart[]): number =>
  known.reduce((most, { facts }) => Math.max(most, facts.compaction?.sequence ?? 0), 0);

/** Returns a function that makes the files of a part. */
function filesByPart(sets: readonly DecodedChanges[], known: readonly KnownPart[]): (place: number) => Uint8Array[] {
  const places = placesAmong(known);
  const reached = sequenceOf(known);
  const placed = sets
    .filter(({ sequence }) => sequence > reached)
    .map((set) => ({ set, of: set.labels.map((changed) => placeOf(changed, places)) }));
  // The next files follow the number that a part names, so one part takes it even if there are no classes to change.
  const isIdle = placed.every(({ of }) => of.every((place) => place < 0));
  return (place) =>
    placed.flatMap(({ set, of }) => {
      const labels = set.labels.filter((_, i) => of[i] === place);
      if (labels.length === 0 && !(isIdle && place === 0)) return [];
      const { facts, contentId } = known[place] as KnownPart;
      const own = { ...rowFactsOf(facts), contentId, columns: declaredOf(facts.columns?.list) };
      return [encodeStored({ ...set, labels, after: 0 }, own)];
    });
}

const placeOf = ({ label, row, hasId }: ChangedLabel, places: Places): number =>
  // A removal that the file states to have an id is one of a class that the same file has added.
  row >= 0 || hasId ? places.ofUpsert(label) : places.ofRemoval(label);
