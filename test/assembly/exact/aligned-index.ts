import type { IndexFacts } from "../../../src/format/facts.ts";
import { biases } from "../../fixtures/index-cases.ts";
import { tinyIndex } from "../../fixtures/tiny-index.ts";
import type { ReferenceIndex } from "../../reference/reference-index.ts";
import { randomRows } from "../../train/rows.ts";

const BITS = 5;

/**
 * An index of rows whose residuals point along `query` and are short compared with the rows. Its bounds are equalities
 * up to rounding, so only their slack keeps them valid. Each class has its own first codeword.
 */
function alignedIndex(query: Float32Array, rows: IndexFacts["rows"], seed: number): ReferenceIndex {
  const dim = query.length;
  const itemCount = 2 ** BITS;
  const codes = Array.from({ length: itemCount }, (_, id) => id * itemCount);
  const index = tinyIndex({ itemCount, dim, bits: BITS, codes, rows, bias: biases(itemCount, seed), seed });
  const lengths = randomRows(itemCount, seed + 1).map((value) => value / 10_000);
  const codebook1 = index.rows.map((value, i) => {
    const position = Math.floor(i / dim);
    const scale = index.rowScales?.[position] ?? 1;
    return value * scale - (lengths[position] as number) * (query[i % dim] as number);
  });
  return { ...index, codebook1, codebook2: new Float32Array(itemCount * dim) };
}

/** Queries of 3 to 200 values with an index of each row type. */
export const ALIGNED_CASES: readonly (readonly [name: string, index: ReferenceIndex, query: Float32Array])[] = [
  3, 17, 200,
].flatMap((dim, i) =>
  (["f32", "f16", "i8"] as const).map((rows) => {
    const query = randomRows(dim, 950 + i);
    return [`${rows}, residuals along a query of ${dim}`, alignedIndex(query, rows, 960 + i), query] as const;
  }),
);
