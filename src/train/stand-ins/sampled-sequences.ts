import { isNoItemsError } from "../../encoder/item-ids.ts";
import type { IndexInfo } from "../../index/info.ts";

/** Makes a query of items, as the encoder of an index does. */
export interface ItemEncoding {
  encode(items: readonly number[], options: { readonly unknown: "skip" }): Float32Array;
}

/** The index that sequences are sampled from, or its parts, which answer with promises. */
export interface SampledIndex {
  readonly info: Pick<IndexInfo, "itemCount" | "dim" | "metric">;
  sample(
    query: Float32Array,
    count: number,
    options: { readonly exact: true; readonly seed: bigint },
  ): { readonly ids: Int32Array } | Promise<{ readonly ids: Int32Array }>;
}

/** How many sequences are sampled, and the seed of all draws. */
export interface SequenceSampling {
  readonly count: number;
  readonly seed: bigint;
}

/** The queries of sampled sequences: f32 (sequences, dim). */
export interface SampledQueries {
  readonly queries: Float32Array<ArrayBuffer>;
  /** The number of sequences that have no query, because the encoder has no vector of their items. */
  readonly leftOut: number;
}

/** The most items of a sampled sequence. Real ones are often longer, but each item costs an exact draw. */
const LONGEST = 16;

/**
 * Makes queries, f32 (count, dim), of sequences that the model draws itself: each next item from the softmax of the query
 * so far, and the first one by the biases, or evenly if there are none. They have 1 to 16 items, as many of each length. A
 * calibration with them is about as good as one with held-out sequences (docs/trust-results.md).
 */
export async function sampleQueries(
  encoder: ItemEncoding,
  index: SampledIndex,
  { count, seed }: SequenceSampling,
  yieldIfDue?: () => Promise<void>,
): Promise<SampledQueries> {
  const { itemCount, dim, metric } = index.info;
  const found: Float32Array[] = [];
  for (let i = 0; i < count; i++) {
    const draw = async (query: Float32Array, step: number): Promise<number> => {
      const { ids } = await index.sample(query, 1, { exact: true, seed: seed + BigInt(i * LONGEST + step) });
      return ids[0] as number;
    };
    const items = [
      metric === "cosine" ? Math.floor(((i + 0.5) * itemCount) / count) : await draw(new Float32Array(dim), 0),
    ];
    let query = queryAfter(encoder, items);
    for (let step = 1; query && step < lengthOf(i); step++) {
      items.push(await draw(query, step));
      query = queryAfter(encoder, items);
    }
    if (query) found.push(query);
    await yieldIfDue?.();
  }
  const queries = new Float32Array(found.length * dim);
  for (const [row, query] of found.entries()) queries.set(query, row * dim);
  return { queries, leftOut: count - found.length };
}

/** All lengths take turns, and those of neighbours differ. */
const lengthOf = (sequence: number): number => 1 + ((7 * sequence) % LONGEST);

/** Returns the query after the items that the encoder can read. Undefined if it can read none: some items have no vector. */
function queryAfter(encoder: ItemEncoding, items: readonly number[]): Float32Array | undefined {
  try {
    return encoder.encode(items, { unknown: "skip" });
  } catch (error) {
    if (error instanceof RangeError && isNoItemsError(error)) return undefined;
    throw error;
  }
}
