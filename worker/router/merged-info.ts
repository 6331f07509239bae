import type { CalibrationInfo, IndexInfo } from "../../src/public.ts";
import type { Manifest, ManifestPart } from "../../src/publication/manifest.ts";
import { measureOrigins } from "../../src/publication/measure-origins.ts";
import { without } from "../../src/publication/without.ts";
import type { GroupInfo } from "../parts/answering-part.ts";

/** Facts about all parts together, in the form of those of one index. */
export interface RouterInfo extends IndexInfo {
  /** The parts in the order of their ids. */
  readonly parts: readonly Pick<ManifestPart, "number" | "classes" | "idBase" | "replicas">[];
}

/** The estimator of merged answers that are not calibrated. */
export const UNCALIBRATED: CalibrationInfo = { calibrated: false, estimator: "merged" };

/** Puts together the facts that the manifest states and those that parts have reported, at least one of them. */
export function mergedInfo(manifest: Manifest, described: readonly GroupInfo[]): RouterInfo {
  const { parts, classes, facts, generation, recallCurves, calibration, log } = manifest;
  const [first] = described as [GroupInfo];
  return {
    // A query in features is encoded before it comes here, and each part was compacted by itself.
    ...without(first, "features", "compaction", "largest"),
    itemCount: classes,
    dim: facts.dim,
    metric: facts.metric,
    contentId: generation,
    hasLabels: facts.hasLabels,
    ...mergedCounts(described),
    fileBytes: sum(parts.map(({ byteLength }) => byteLength)),
    memoryBytes: sum(parts.map(({ memoryBytes }) => memoryBytes)),
    recallCurves: recallCurves ?? [],
    calibration: calibration ? { calibrated: true, ...calibration } : UNCALIBRATED,
    ...(log && { compaction: { sequence: log.sequence, ...without(measureOrigins(manifest), "statistics") } }),
    parts: parts.map(({ number, classes: own, idBase, replicas }) => ({
      number,
      classes: own,
      idBase,
      ...(replicas !== undefined && { replicas }),
    })),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Adds up and compares the facts of parts that differ. */
function mergedCounts(described: readonly IndexInfo[]) {
  return {
    hasBias: described.some(({ hasBias }) => hasBias),
    hasFineCodes: described.every(({ hasFineCodes }) => hasFineCodes),
    bucketCount: sum(described.map(({ bucketCount }) => bucketCount)),
    largestBucket: Math.max(...described.map(({ largestBucket }) => largestBucket)),
    outlierCount: sum(described.map(({ outlierCount }) => outlierCount)),
    ...mergedColumns(described),
  };
}

/** Returns the facts of the largest of all parts, those behind routers below among them. */
export const largestOf = (described: readonly GroupInfo[]): IndexInfo =>
  described
    .map(({ largest, ...info }) => largest ?? info)
    .reduce((most, info) => (info.itemCount > most.itemCount ? info : most));

/**
 * Returns what some of the parts of a router have of its facts, for a router above: what they have by themselves. What a search
 * reads, and its work if they work at the same time (`isAtOnce`), follow from the largest of them.
 */
export function groupInfo(all: RouterInfo, described: readonly GroupInfo[], isAtOnce: boolean): GroupInfo {
  if (described.length === 0) return all;
  const largest = largestOf(described);
  const { recallCurves } = largest;
  return { ...all, ...mergedCounts(described), recallCurves, ...(isAtOnce && { largest }) };
}

/** Parts have the same columns. Their values may be the same or differ, so the largest count of a part is taken. */
function mergedColumns(described: readonly IndexInfo[]): Pick<IndexInfo, "columns"> {
  const [{ columns }] = described as [IndexInfo];
  const most = (at: number, field: "distinct" | "textBytes"): number =>
    Math.max(...described.map((info) => info.columns?.[at]?.[field] ?? 0));
  if (!columns) return {};
  return {
    columns: columns.map((column, i) => ({
      ...column,
      distinct: most(i, "distinct"),
      textBytes: most(i, "textBytes"),
    })),
  };
}
