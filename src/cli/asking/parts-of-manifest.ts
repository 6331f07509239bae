import type { IndexInfo, LoadOptions, MultiIndex } from "../../index.ts";
import { partOf } from "../../parts/loaded-part.ts";
import { PartedIndex } from "../../parts/parted-index.ts";
import { indexesInPlace, readByPart } from "../../parts/read-by-part.ts";
import type { Manifest } from "../../publication/manifest.ts";
import type { ChangesFile } from "../files/changes-files.ts";
import { loadHere } from "../files/load-here.ts";
import type { FilesOfManifest } from "../publishing/publish-manifest.ts";
import { statisticsInMemory } from "../serving/statistics-in-memory.ts";
import { applyFiles } from "./apply-files.ts";
import type { AskedIndex } from "./asked-index.ts";
import { openEncoderOfParts } from "./item-encoder.ts";

const GIB = 2 ** 30;

/** All parts of a manifest in memory. */
export interface OpenedParts extends Pick<FilesOfManifest, "manifest" | "openPart"> {
  /** The indexes in the order of the parts. */
  readonly indexes: readonly MultiIndex[];
  readonly parted: PartedIndex;
  /** The parts as one index. */
  readonly index: AskedIndex;
  readonly dispose: () => void;
}

/**
 * Opens all parts of a manifest as one index, and applies files of changes to it, for which `limits` have room.
 *
 * @throws RangeError if the parts take more than `machineBytes` of memory, and for changes of other parts; FormatError for a part
 *   other than the one that the manifest names
 */
export async function openParts(
  files: FilesOfManifest,
  path: string,
  limits: LoadOptions,
  changes: readonly ChangesFile[],
  machineBytes: number,
): Promise<OpenedParts> {
  const { manifest } = files;
  const { generation, parts, recallCurves, calibration } = manifest;
  const needed = parts.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  if (needed > machineBytes) {
    throw new RangeError(
      `${path} has ${parts.length} parts, which take ${(needed / GIB).toFixed(1)} GiB of memory together, and this machine has ${(machineBytes / GIB).toFixed(1)} GiB: ask on a larger one, or serve the parts on several`,
    );
  }
  const indexes: MultiIndex[] = [];
  const dispose = (): void => {
    for (const index of indexes) index.dispose();
  };
  try {
    for (const part of parts) indexes.push(await loadHere(await files.openPart(part), limits));
    const held = indexes.map((index, i) => partOf(index, { number: parts[i]?.number ?? i, generation }));
    const parted = new PartedIndex(held, { recallCurves, calibration });
    await applyFiles(parted, changes);
    const index = askedParts(manifest, indexes, parted);
    return { manifest, openPart: (part) => files.openPart(part), indexes, parted, index, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

function askedParts(manifest: Manifest, indexes: readonly MultiIndex[], parted: PartedIndex): AskedIndex {
  const { generation, parts } = manifest;
  const infos = indexes.map(({ info }) => info);
  const first = infos[0] as IndexInfo;
  const total = (name: "fileBytes" | "memoryBytes"): number => infos.reduce((sum, info) => sum + info[name], 0);
  const { itemCount, dim, metric, hasFineCodes, changes } = parted.info;
  const { hasBias, hasLabels, hasResiduals } = first;
  const inPlace = indexesInPlace(parted, indexes);
  return {
    info: {
      itemCount,
      dim,
      metric,
      hasFineCodes,
      hasBias,
      hasLabels,
      hasResiduals,
      factory: `${parts.length} parts of ${first.factory}`,
      contentId: generation,
      fileBytes: total("fileBytes"),
      memoryBytes: total("memoryBytes"),
      ...(changes && { changes }),
    },
    statistics: statisticsInMemory(manifest, indexes),
    openEncoder: () => openEncoderOfParts({ manifest, indexes, parted }),
    idsOf: (names) => parted.idsOf(names),
    labels: (ids) => readByPart(inPlace, Int32Array.from(ids), (index, own) => index.labels(own)),
    encode() {
      throw new RangeError('"features" expected an index with features, got parts, which have none');
    },
    topK: (query, k, options) => parted.topK(query, k, options),
    predict: (query, k, options) => parted.predict(query, k, options),
    score: (query, ids) => parted.score(query, ids),
    logQ: (query, ids, options) => parted.logQ(query, ids, options),
    logProbability: (query, ids, options) => parted.logProbability(query, ids, options),
    sample: (query, draws, options) => parted.sample(query, draws, options),
    decode: (query, options) => parted.decode(query, options),
    sampleTopK: (query, k, options) => parted.sampleTopK(query, k, options),
  };
}
