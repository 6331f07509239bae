import { batchesWith } from "../src/batch/batches.ts";
import type { Modules } from "../src/memory/kernels.ts";
import { openIndex } from "../src/memory/opened-index.ts";
import { OpenedTiny, writeConditions } from "./opened.ts";
import { derive } from "./reference/buckets.ts";
import type { ReferenceIndex } from "./reference/reference-index.ts";
import type { Conditions } from "./reference/weights.ts";
import { indexFile } from "./tiny-index.ts";

/** openTiny with measured residuals, on which searches with bounds rest. */
export async function openExact(
  modules: Modules,
  index: ReferenceIndex,
  conditions: Conditions = {},
): Promise<OpenedTiny> {
  const maxScan = Math.max(1, index.facts.itemCount);
  const limits = { maxBytes: 2 ** 28, maxBatch: 1, maxDraws: 4096, maxK: 64, maxScan, maxChanged: 64, maxDelta: 0 };
  const opened = await openIndex(modules, indexFile(index), limits, batchesWith(modules.batch));
  const { kernels, plan } = opened;
  const derived = derive(index, conditions);
  kernels.measureResiduals(plan.layout);
  if (index.facts.hasFineCodes) kernels.measureCodeErrors(plan.layout);
  writeConditions(kernels, plan.layout, plan.regions.excluded, derived);
  kernels.countBuckets(plan.layout, 0, 0);
  kernels.weighBuckets(plan.layout, 0, 0);
  return new OpenedTiny(opened, derived);
}

/** A filter of every third position and of the first ten. */
export const someOf = ({ facts }: ReferenceIndex): ReadonlySet<number> =>
  new Set(Array.from({ length: facts.itemCount }, (_, position) => position).filter((p) => p < 10 || p % 3 === 0));

/** Prepares the query, its sub-scores, and the slope and slack of its bounds. */
export function prepare(opened: OpenedTiny, query: Float32Array): void {
  opened.ask(query);
  opened.kernels.subScores(opened.layout);
  opened.kernels.prepareBounds(opened.layout);
}

/** (N) by position: the exact logits of the query in place. */
export function scoresOf(opened: OpenedTiny): Float32Array {
  const { itemCount } = opened.index.facts;
  const scores = new Float32Array(itemCount);
  for (let first = 0; first < itemCount; first += 1024) {
    const count = Math.min(1024, itemCount - first);
    opened.write(
      "drawPositions",
      Int32Array.from({ length: count }, (_, i) => first + i),
    );
    opened.kernels.scorePositions(opened.layout, opened.address("drawPositions"), count, opened.address("drawScores"));
    scores.set(opened.read(Float32Array, "drawScores", count), first);
  }
  return scores;
}

/** (B): s_b over the temperature, in f64 from the f32 sub-scores in place. */
export function bucketScores(opened: OpenedTiny): Float64Array {
  const { bits } = opened.index.facts;
  const first = opened.read(Float32Array, "subScores1", 2 ** bits);
  const second = opened.read(Float32Array, "subScores2", 2 ** bits);
  return Float64Array.from(
    opened.index.bucketCodes,
    (code) => (first[code >> bits] as number) + (second[code & (2 ** bits - 1)] as number),
  );
}
