import { at } from "./at.ts";
import { type Bounds, scoreSlack } from "./bounds.ts";
import type { DerivedIndex } from "./buckets.ts";
import { dotIntegers } from "./dot.ts";
import { log64 } from "./log.ts";
import { roundToEven } from "./numbers.ts";
import { fixedScale, type PreparedQuery } from "./query.ts";
import type { ReferenceIndex } from "./reference-index.ts";
import type { Residuals } from "./residuals.ts";
import { scorePositions } from "./score.ts";
import { sumExp } from "./search.ts";

const f32 = Math.fround;

/** What the fixed point of a query loses, in fixed point of its own. */
export interface Remainder {
  /** (D) */
  readonly remainder: Int16Array;
  /** The value of one unit. */
  readonly remainderStep: number;
  /** The most by which a score over T can still be off. */
  readonly slack: number;
}

/** Puts what fixed point loses of a query into fixed point. For int8 rows: others see all of it. */
export function prepareRemainder(
  index: DerivedIndex,
  { query, fixedQuery, queryStep }: PreparedQuery,
  bounds: Bounds,
  residuals: Residuals,
): Remainder {
  const missing = Array.from(query, (value, d) => value - at(fixedQuery, d) * queryStep);
  const scale = fixedScale(missing);
  const remainder = Int16Array.from(missing, (value) => roundToEven(value * scale));
  const remainderStep = scale > 0 ? 1 / scale : 0;
  const square = missing.reduce((sum, value, d) => sum + (value - at(remainder, d) * remainderStep) ** 2, 0);
  const slack = scoreSlack(index, residuals, bounds.queryNorm, Math.sqrt(square));
  return { remainder, remainderStep, slack };
}

/** The scores of int8 rows with what the remainder adds: f32(remainder · r) · (scale · step). */
export function addRemainder(
  { facts: { dim }, rows, rowScales }: ReferenceIndex,
  { remainder, remainderStep }: Remainder,
  positions: Int32Array,
  scores: Float32Array,
): Float32Array {
  return scores.map((score, i) => {
    const position = at(positions, i);
    const dot = f32(dotIntegers(remainder, rows.subarray(position * dim, (position + 1) * dim)));
    return score + f32(dot * f32(at(rowScales as Float32Array, position) * f32(remainderStep)));
  });
}

/** The logarithm of the mass of the classes at `positions`, scored with their remainder. */
export function headWithRemainder(
  index: DerivedIndex,
  prepared: PreparedQuery,
  remainder: Remainder,
  positions: Int32Array,
): number {
  if (positions.length === 0) return Number.NEGATIVE_INFINITY;
  return logMassOf(index, addRemainder(index, remainder, positions, scorePositions(index, prepared, positions)));
}

/** The logarithm of the mass of classes with these scores. */
export function logMassOf(index: DerivedIndex, scores: Float32Array): number {
  const top = scores.reduce((a, b) => Math.max(a, b));
  return top * index.inverseTemperature + log64(sumExp(scores, top, index.inverseTemperature));
}
