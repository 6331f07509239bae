import { pickRows } from "../random/pick-rows.ts";
import { PURPOSE, uniforms } from "../random/uniforms.ts";

/** The queries, f32 (n, D), that a fit learns from and those that validate its steps. */
export interface SplitQueries {
  readonly fitted: Float32Array;
  readonly heldOut: Float32Array;
}

/** Share of the queries that is held out. */
const HELD_OUT = 1 / 4;
/** Most queries of either part. */
const MOST_FITTED = 4096;
const MOST_HELD_OUT = 512;
/** Most scores of all classes with all queries of a part. Where there are many classes, this limits the queries. */
const MOST_FITTED_SCORES = 2 ** 31;
const MOST_HELD_OUT_SCORES = 2 ** 28;
const LEAST = 64;

/** Splits at least two queries in a seeded random order, so that held-out queries resemble the rest. */
export function splitQueries(queries: Float32Array, dim: number, itemCount: number, seed: bigint): SplitQueries {
  const count = queries.length / dim;
  const order = seededOrder(count, seed);
  const most = (limit: number, scores: number): number =>
    Math.min(limit, Math.max(LEAST, Math.floor(scores / Math.max(1, itemCount))));
  const heldOutCount = Math.min(Math.ceil(count * HELD_OUT), most(MOST_HELD_OUT, MOST_HELD_OUT_SCORES));
  const fittedCount = Math.min(count - heldOutCount, most(MOST_FITTED, MOST_FITTED_SCORES));
  const pick = (from: number, to: number): Float32Array => pickRows(queries, dim, order.slice(from, to));
  return { heldOut: pick(0, heldOutCount), fitted: pick(heldOutCount, heldOutCount + fittedCount) };
}

function seededOrder(count: number, seed: bigint): number[] {
  const uniform = uniforms({ seed, purpose: PURPOSE.fitQueries, codebook: 0, restart: 0 });
  const places = Float64Array.from({ length: count }, (_, q) => uniform(q));
  return Array.from(places.keys()).sort((a, b) => (places[a] as number) - (places[b] as number));
}
