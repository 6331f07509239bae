import type { KnotPlace } from "../../src/memory/knots.ts";
import { at } from "./at.ts";
import type { Filter } from "./filter.ts";
import { laneSums, sumLanes } from "./lanes.ts";
import { log32 } from "./log.ts";
import { positionsOf, type ReferenceIndex } from "./reference-index.ts";
import { biasesOf, LEAST_F32, logWeightAt, weighKnot, weightsOf } from "./weights.ts";

const f32 = Math.fround;

/** The smallest normal f32, which no portion is below. */
const SMALLEST = 2 ** -126;

/** With less than this part left of a bucket, its weight is summed anew. */
const LEAST_PART = 2 ** -16;

/** The portions of the classes of a bucket at 1 / T = `scale`: e^(bias · scale) over their sum, in f32. */
export function portionOut(index: ReferenceIndex, bucket: number, scale: number): Float32Array {
  const { weights, total } = weightsOf(index, biasesOf({ ...index, excluded: new Set() }, bucket), scale);
  return weights.map((weight) => Math.max(f32(weight * f32(1 / total)), SMALLEST));
}

/** (N): the portions of all classes; 0 for outliers. */
export function measurePortions(index: ReferenceIndex, scale: number): Float32Array {
  const portions = new Float32Array(index.facts.itemCount);
  for (const bucket of index.bucketCodes.keys()) {
    portions.set(portionOut(index, bucket, scale), positionsOf(index, bucket).first);
  }
  return portions;
}

/** The sum of the portions of a bucket that are not excluded; 1 where all are left. */
function sumPortions(index: ReferenceIndex & Filter, bucket: number, portions: Float32Array): number {
  const { first, end } = positionsOf(index, bucket);
  const own = portions.slice(first, end).map((portion, i) => (index.excluded.has(first + i) ? 0 : portion));
  if (own.every((portion) => portion > 0)) return 1;
  let total = 0;
  for (let begin = 0; begin < own.length; begin += 32) total += sumLanes(laneSums(own.subarray(begin, begin + 32)));
  return f32(total);
}

/** (B): log w_b under a filter at a knot, from the weights and portions of all classes; NaN where too little is left. */
export function filterKnot(index: ReferenceIndex & Filter, knot: number): Float32Array {
  const logs = weighKnot(index, knot);
  const portions = measurePortions(index, knot);
  return logs.map((log, bucket) => {
    const part = sumPortions(index, bucket, portions);
    if (part === 0) return Number.NEGATIVE_INFINITY;
    return part < LEAST_PART ? Number.NaN : log + log32(part);
  });
}

/** (B): log w_b under a filter, on the chord between knots; the smallest f32 without classes. */
export function weighFiltered(index: ReferenceIndex & Filter, place: KnotPlace): Float32Array {
  const { low, high, lowPart, highPart } = place;
  const onChord = (lower: number, upper: number): number =>
    highPart === 0 ? lower : f32(f32(f32(lowPart) * lower) + f32(f32(highPart) * upper));
  const lowLogs = filterKnot(index, low);
  const highLogs = filterKnot(index, high);
  return lowLogs.map((log, bucket) => {
    const value = onChord(log, at(highLogs, bucket));
    if (!Number.isNaN(value)) return Math.max(value, LEAST_F32);
    return onChord(logWeightAt(index, bucket, low), logWeightAt(index, bucket, high));
  });
}
