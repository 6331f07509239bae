import type { MultiIndex } from "../src/index/multi-index.ts";
import type { ColumnTable, FeatureTable } from "../src/train/build/build-options.ts";
import { INDEX_LIMITS } from "../worker/contract/limits.ts";
import { buildIndex } from "./build-index.ts";
import { open } from "./open.ts";
import { randomRows } from "./train/rows.ts";

export const SERVED_DIM = 4;

/** Options of an index of random rows. */
export interface ServedSpec {
  readonly itemCount: number;
  readonly labels?: readonly string[];
  readonly fineCodes?: boolean;
  readonly metric?: "dot" | "cosine";
  readonly features?: FeatureTable;
  readonly columns?: Readonly<Record<string, ColumnTable>>;
  readonly namespaces?: ColumnTable["values"];
  /** The largest head, below that of the Worker. */
  readonly maxScan?: number;
}

/** An index with biases that is loaded with the Worker's limits, in Node and in workerd. */
export async function servedIndex({
  itemCount,
  maxScan = INDEX_LIMITS.maxScan,
  namespaces,
  ...options
}: ServedSpec): Promise<MultiIndex> {
  const matrix = { data: randomRows(itemCount * SERVED_DIM, 1), shape: [itemCount, SERVED_DIM] as const };
  const bias = randomRows(itemCount, 2);
  const file = await buildIndex(matrix, {
    bits: 3,
    seed: 1,
    bias,
    ...options,
    ...(namespaces && { namespaces: namespaces as string[] }),
  });
  return (await open(file, { ...INDEX_LIMITS, maxScan })).index;
}

/** A query that depends on `seed`. */
export const servedQuery = (seed: number): Float32Array => randomRows(SERVED_DIM, 100 + seed);
