import { readAll } from "./inputs/input.ts";
import { openInput } from "./inputs/open.ts";

/** Queries to measure an index with: f32 (queryCount, dim). */
export interface HeldOut {
  readonly queries: Float32Array;
  /** Rows of the embeddings themselves stand in where there are no real queries. */
  readonly origin: "file" | "rows";
}

/** Full enumeration costs O(N·D) a query: at most 256 of them, fewer where N is large, but no fewer than 16. */
const MAX_QUERIES = 256;
const MIN_QUERIES = 16;
const MAX_SCORES = 50_000_000;

/** Evenly spaced queries from a file, or rows of `table`, f32 N × D. */
export async function readHeldOut(
  table: { readonly data: Float32Array; readonly shape: readonly [itemCount: number, dim: number] },
  path: string | undefined,
): Promise<HeldOut> {
  const [itemCount, dim] = table.shape;
  const wanted = Math.max(MIN_QUERIES, Math.min(MAX_QUERIES, Math.floor(MAX_SCORES / Math.max(1, itemCount))));
  if (path === undefined) return { queries: evenlySpaced(table.data, dim, wanted), origin: "rows" };
  const input = await openInput(path, { dim });
  try {
    return { queries: evenlySpaced((await readAll(input)).data, dim, wanted), origin: "file" };
  } finally {
    await input.close();
  }
}

/** `wanted` rows, or all where there are no more. */
function evenlySpaced(data: Float32Array, dim: number, wanted: number): Float32Array {
  const rowCount = data.length / dim;
  const count = Math.min(wanted, rowCount);
  const chosen = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    const row = Math.floor((i * rowCount) / count);
    chosen.set(data.subarray(row * dim, (row + 1) * dim), i * dim);
  }
  return chosen;
}
