import { quantile } from "../../src/train/arithmetic/averages.ts";
import { divergenceOf } from "../../src/train/evaluation/divergence.ts";
import { spacedRows } from "../../src/train/model/order.ts";
import { pickRows } from "../../src/train/random/pick-rows.ts";
import { createSamplerWith, type SamplerOptions } from "../../src/train/samplers/create.ts";
import type { Sampler } from "../../src/train/samplers/sampler.ts";
import type { BiasedHead } from "../heads.ts";
import { samplerTools } from "../library.ts";
import type { SamplerKind } from "./kinds.ts";
import type { DivergencePoint } from "./result.ts";

export const samplerOf = (options: SamplerOptions, { data, bias, counts }: BiasedHead): Promise<Sampler> =>
  createSamplerWith(samplerTools(), options, { rows: data, biases: bias, counts });

/** Makes one of the curves' samplers for measurements with at most `measured` of the head's queries. */
export function samplerOfKind({ options, fitted }: SamplerKind, head: BiasedHead, measured: number): Promise<Sampler> {
  if (fitted === undefined || options.kind !== "midx") return samplerOf(options, head);
  return samplerOf({ ...options, fit: { queries: otherQueries(head, fitted, measured) } }, head);
}

/** Returns the head of its first classes. */
export const firstClasses = (head: BiasedHead, itemCount: number): BiasedHead => ({
  ...head,
  itemCount,
  data: head.data.subarray(0, itemCount * head.dim),
  bias: head.bias.subarray(0, itemCount),
  counts: Array.prototype.slice.call(head.counts, 0, itemCount),
});

/** `count` of the head's queries, evenly spaced. */
export const spacedQueries = (head: BiasedHead, count: number): Float32Array[] =>
  Array.from(spacedRows(queryCountOf(head), count), (row) => pickRows(head.queries, head.dim, [row]));

/**
 * f32 (n, dim): at most `most` of the queries that are not among the `measured` evenly spaced ones, evenly spaced
 * themselves.
 */
export function otherQueries(head: BiasedHead, most: number, measured: number): Float32Array {
  const taken = new Set(spacedRows(queryCountOf(head), measured));
  const others = [...Array(queryCountOf(head)).keys()].filter((row) => !taken.has(row));
  const picked = Array.from(spacedRows(others.length, most), (place) => others[place] as number);
  return pickRows(head.queries, head.dim, picked);
}

const queryCountOf = ({ queries, dim }: BiasedHead): number => queries.length / dim;

/** Returns the ids of all classes. */
export const allIds = (itemCount: number): Int32Array => Int32Array.from({ length: itemCount }, (_, id) => id);

/** Measures proposals of one head against log P, which is computed once. */
export async function divergencesFrom(head: BiasedHead, queryCount: number) {
  const { exp64, log64 } = samplerTools().train;
  const queries = spacedQueries(head, queryCount);
  const ids = allIds(head.itemCount);
  const full = await samplerOf({ kind: "full" }, head);
  const logP = queries.map((query) => full.logQ(query, ids, []));
  return (sampler: string, proposal: Sampler): DivergencePoint => {
    const measured = queries.map((query, i) =>
      divergenceOf({ exp64, log64 }, logP[i] as Float64Array, proposal.logQ(query, ids, [])),
    );
    const chiSquares = Float64Array.from(measured, ({ chiSquare }) => chiSquare);
    return {
      head: head.name,
      itemCount: head.itemCount,
      sampler,
      queryCount,
      kl: measured.reduce((sum, { kl }) => sum + kl, 0) / queryCount,
      chiSquare: quantile(chiSquares, 0.5),
      chiSquareP90: quantile(chiSquares, 0.9),
      effectiveSampleShare: quantile(
        chiSquares.map((chiSquare) => 1 / (1 + chiSquare)),
        0.5,
      ),
    };
  };
}
