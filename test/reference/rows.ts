import { at } from "./at.ts";
import type { Bounds } from "./bounds.ts";
import type { DerivedIndex } from "./buckets.ts";
import { dotIntegers } from "./dot.ts";
import type { PreparedQuery } from "./query.ts";
import type { ReferenceIndex } from "./reference-index.ts";
import type { Residuals } from "./residuals.ts";

const f32 = Math.fround;
const ROUNDING = 2 ** -19;

/** 0, as in the module without relaxed SIMD. */
export const hasRelaxedDot = (): number => 0;

/** A query in signs and 7 bits. */
export interface SevenBits {
  /** (D): −127 … 127. */
  readonly values: Int16Array;
  /** The size of a unit of the 7 bits in units of the 16 bits. */
  readonly ratio: number;
}

/** Rounds a prepared query to signs and 7 bits. */
export function quantiseQuery({ fixedQuery }: PreparedQuery): SevenBits {
  const ratio = Math.max(1, ...fixedQuery.map(Math.abs)) / 127;
  return { values: fixedQuery.map((value) => nearest(value / ratio)), ratio };
}

/** The most that 7 bits and rounding can take from the score of a row. */
export function sevenBitMargin(
  index: DerivedIndex,
  { fixedQuery, queryStep }: PreparedQuery,
  { queryNorm, slack }: Bounds,
  { rowBound, biasBound }: Residuals,
  { values, ratio }: SevenBits,
): number {
  const square = fixedQuery.reduce((sum, value, d) => sum + (value - ratio * at(values, d)) ** 2, 0);
  return (
    Math.sqrt(square) * queryStep * rowBound +
    slack / index.inverseTemperature +
    (queryNorm * rowBound + biasBound) * ROUNDING
  );
}

/** The positions in [first, end) that are not excluded and whose score can reach the threshold. */
export function rowsReaching(
  index: DerivedIndex,
  { queryStep }: PreparedQuery,
  { values, ratio }: SevenBits,
  margin: number,
  first: number,
  end: number,
  threshold: number,
): number[] {
  const least = f32(threshold - margin - Math.abs(threshold) * ROUNDING);
  const step = f32(ratio * queryStep);
  const reaching: number[] = [];
  for (let position = first; position < end; position++) {
    const dot = f32(dotIntegers(values, codesOf(index, position)));
    const scaled = f32(dot * f32(at(index.rowScales as Float32Array, position) * step));
    const score = index.bias ? f32(scaled + at(index.bias, position)) : scaled;
    if (score >= least && !index.excluded.has(position)) reaching.push(position);
  }
  return reaching;
}

const codesOf = ({ facts, rows }: ReferenceIndex, position: number): Float32Array =>
  rows.subarray(position * facts.dim, (position + 1) * facts.dim);

/** Rounds to the nearest integer, ties to even. */
function nearest(value: number): number {
  const floor = Math.floor(value);
  const isUp = value - floor > 0.5 || (value - floor === 0.5 && floor % 2 !== 0);
  return isUp ? floor + 1 : floor;
}
