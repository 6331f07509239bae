import { xxh64 } from "../../src/arithmetic/xxh64.ts";
import { encodeLoggedSet } from "../../src/changes/logged-set.ts";
import { compactPublished } from "../../src/cli/compacting/compact-published.ts";
import { ESTIMATOR } from "../../src/format/calibration-values.ts";
import { sealManifest } from "../../src/publication/manifest.ts";
import { mergedStatistics } from "../../src/publication/merged-statistics.ts";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { publishParts } from "../cli/compacting/compacted-parts.ts";
import { memoryStore } from "../cli/publishing/memory-store.ts";
import { memorySegments } from "../live/log/memory-segments.ts";
import { partedFiles } from "../router/parted-files.ts";
import { randomRows } from "../train/rows.ts";

const DIM = 8;
export const POINTER = "words/current.json";

const CALIBRATION = {
  ...{ estimator: ESTIMATOR, source: "queries" as const, queryCount: 9, factor: 1.1, limit: 0.5 },
  ...{ coverage: 0.96, flagged: 0.01, answers: 400, largestMiss: 3.2 },
};

/** A new label that a service adds to this of three parts. */
const labelFor = (place: number): string => {
  const labels = Array.from({ length: 60 }, (_, i) => `new ${i}`);
  return labels.find((label) => Number(xxh64(new TextEncoder().encode(label), 0n) % 3n) === place) as string;
};

/** Changes of the first and the last part of three. */
const SETS: readonly Uint8Array[] = [
  encodeLoggedSet({
    upserts: { labels: [labelFor(0), "class 3"], rows: randomRows(2 * DIM, 4), biases: [0.5, 0.25] },
    removals: ["class 37", "nobody"],
  }),
  encodeLoggedSet({ removals: ["class 5"] }),
];

/** A bucket's values by key. */
export type Values = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** Returns what a bucket holds: a manifest "old" of three parts, and a log of these sets. */
export async function publishedParts(sets = SETS, hasLabels = true): Promise<Values> {
  const files = await partedFiles({ version: "old", seed: 5, sizes: [20, 12, 16], hasLabels });
  const { generation: _, ...manifest } = files.manifest;
  const statistics = mergedStatistics({ source: "queries", queryCount: 9 }, new Float32Array(32).fill(9), false);
  const measured = { ...manifest, calibration: CALIBRATION, ...(statistics && { statistics }) };
  const [store, segments] = [memoryStore(), memorySegments()];
  await publishParts(store, { ...files, manifest: await sealManifest(measured) });
  const log = new SegmentLog(segments, "words/log/");
  for (const set of sets) await log.append(set);
  return new Map([...store.values, ...segments.values] as [string, Uint8Array<ArrayBuffer>][]);
}

/** Returns what a bucket holds after midx compact has published the next version of it. */
export async function compactedByCommand(values: Values, calibrate: "carry" | "quick"): Promise<Values> {
  const [store, segments] = [memoryStore(), memorySegments()];
  for (const [key, bytes] of values) (key.startsWith("words/log/") ? segments : store).values.set(key, bytes);
  const log = new SegmentLog(segments, "words/log/");
  await compactPublished(store, POINTER, log, { compact: { calibrate }, onStep: () => {} });
  return new Map(store.values as Map<string, Uint8Array<ArrayBuffer>>);
}
