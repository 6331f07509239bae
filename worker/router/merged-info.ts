import type { CalibrationInfo, IndexInfo } from "../../src/public.ts";
import type { Manifest, ManifestPart } from "../../src/publication/manifest.ts";
import { measureOrigins } from "../../src/publication/measure-origins.ts";

/** Facts about all parts together, in the form of those of one index. */
export interface RouterInfo extends IndexInfo {
  /** The parts in the order of their ids. */
  readonly parts: readonly Pick<ManifestPart, "number" | "classes" | "idBase" | "replicas">[];
}

/** The estimator of merged answers that are not calibrated. */
export const UNCALIBRATED: CalibrationInfo = { calibrated: false, estimator: "merged" };

/** Puts together the facts that the manifest states and those that parts have reported, at least one of them. */
export function mergedInfo(manifest: Manifest, described: readonly IndexInfo[]): RouterInfo {
  const { parts, classes, facts, generation, recallCurves, calibration, log } = manifest;
  const [first] = described as [IndexInfo];
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const of = (take: (info: IndexInfo) => number): number[] => described.map(take);
  // A query in features is encoded before it comes here, and each part was compacted by itself.
  const { features: _, compaction: __, ...alike } = first;
  return {
    ...alike,
    ...{ itemCount: classes, dim: facts.dim, metric: facts.metric, contentId: generation },
    hasLabels: facts.hasLabels,
    hasBias: described.some(({ hasBias }) => hasBias),
    hasFineCodes: described.every(({ hasFineCodes }) => hasFineCodes),
    bucketCount: sum(of(({ bucketCount }) => bucketCount)),
    largestBucket: Math.max(...of(({ largestBucket }) => largestBucket)),
    ...mergedColumns(described),
    outlierCount: sum(of(({ outlierCount }) => outlierCount)),
    fileBytes: sum(parts.map(({ byteLength }) => byteLength)),
    memoryBytes: sum(parts.map(({ memoryBytes }) => memoryBytes)),
    recallCurves: recallCurves ?? [],
    calibration: calibration ? { calibrated: true, ...calibration } : UNCALIBRATED,
    ...(log && { compaction: { sequence: log.sequence, ...measureOrigins(manifest) } }),
    parts: parts.map(({ number, classes: own, idBase, replicas }) => ({
      ...{ number, classes: own, idBase },
      ...(replicas !== undefined && { replicas }),
    })),
  };
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
