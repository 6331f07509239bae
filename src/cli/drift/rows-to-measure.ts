import type { MultiIndex } from "../../index.ts";
import type { PartedIndex } from "../../parts/parted-index.ts";
import { ownClasses } from "../../parts/place.ts";
import { indexesInPlace } from "../../parts/read-by-part.ts";
import type { ChangesFile } from "../files/changes-files.ts";
import type { FilesOfManifest } from "../publishing/publish-manifest.ts";
import { quantizerOf, type RowsToMeasure, upsertsOf } from "./changed-rows.ts";

/** Finds the rows of files of changes in the index that has them. `file` has the bytes of the index. */
export async function rowsOfIndex(
  index: MultiIndex,
  file: Uint8Array,
  applied: readonly ChangesFile[],
): Promise<RowsToMeasure> {
  const upserts = upsertsOf(applied.map(({ info }) => info));
  const ids = index.info.hasLabels ? index.idsOf(upserts) : Int32Array.from(upserts, Number);
  const { quantizer, fileCount } = await quantizerOf(file);
  return {
    held: [{ index, fileCount, ids }],
    quantizer,
    logProbabilities: (query) => index.logProbability(query, ids).logProbabilities,
  };
}

/** The parts of a manifest in memory, in its order, and the index of all of them. */
interface PartsWithChanges extends Pick<FilesOfManifest, "manifest" | "openPart"> {
  readonly indexes: readonly MultiIndex[];
  readonly parted: PartedIndex;
}

/** Finds the rows of files of changes in the parts of a manifest that have them. All parts have the same codebooks. */
export async function rowsOfParts(
  { manifest, openPart, indexes, parted }: PartsWithChanges,
  applied: readonly ChangesFile[],
): Promise<RowsToMeasure> {
  const ids = await parted.idsOf(upsertsOf(applied.map(({ info }) => info)));
  const largest = manifest.parts.reduce((most, part) => (part.classes > most.classes ? part : most));
  return {
    held: indexesInPlace(parted, indexes).map(({ index, place }, i) => ({
      index,
      ids: ownClasses(place, ids).ids,
      fileCount: manifest.parts[i]?.classes ?? 0,
    })),
    quantizer: (await quantizerOf(await openPart(largest))).quantizer,
    logProbabilities: async (query) => (await parted.logProbability(query, ids)).logProbabilities,
  };
}
