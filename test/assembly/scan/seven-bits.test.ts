import { expect, test } from "vitest";
import { rowBytes } from "../../../src/format/tensors.ts";
import { anyQuery, biases } from "../../fixtures/index-cases.ts";
import { describeScanBuilds } from "../../fixtures/opened.ts";
import { openExact, scoresOf, someOf } from "../../fixtures/opened-exact.ts";
import { type TinySpec, tinyIndex } from "../../fixtures/tiny-index.ts";
import { at } from "../../reference/at.ts";
import { reference } from "../../reference/index.ts";
import type { ReferenceIndex } from "../../reference/reference-index.ts";

const SPECS: Record<string, TinySpec> = {
  "no class": { itemCount: 0, dim: 3, bits: 1 },
  "one class of one value": { itemCount: 1, dim: 1, bits: 0 },
  "three classes of 16 values": { itemCount: 3, dim: 16, bits: 0, bias: biases(3, 1) },
  "a row that fills its vectors": { itemCount: 95, dim: 32, bits: 2 },
  "biases, pq": { itemCount: 611, dim: 7, bits: 3, quantizer: "pq", bias: biases(611, 2) },
  "more than a block": { itemCount: 1300, dim: 5, bits: 2, bias: biases(1300, 3) },
  "integers, ties": { itemCount: 300, dim: 4, bits: 2, values: "integer" },
  "all alike": { itemCount: 40, dim: 4, bits: 1, values: "integer", scale: 0 },
  cosine: { itemCount: 260, dim: 17, bits: 2, metric: "cosine" },
  "values of 2^38": { itemCount: 90, dim: 6, bits: 2, scale: 2 ** 38, bias: biases(90, 4) },
  "values of 2^-60": { itemCount: 90, dim: 6, bits: 2, scale: 2 ** -60 },
  "the widest row": { itemCount: 20, dim: 4096, bits: 1 },
};
const CASES: readonly (readonly [name: string, index: ReferenceIndex])[] = Object.entries(SPECS).map(
  ([name, spec], i) => [name, tinyIndex({ rows: "i8", seed: 200 + i, ...spec })],
);
const SIZES = [1, 0, 0.01, 300, 2 ** 30, 1e-30];

describeScanBuilds("rows read with 7 bits", (modules) => {
  test.each(CASES)(
    "are those of the reference, and include every row that reaches the threshold: %s",
    async (_, index) => {
      const { itemCount } = index.facts;
      for (const conditions of [{}, { temperature: 0.3, excluded: someOf(index) }]) {
        const opened = await openExact(modules, index, conditions);
        const { kernels, layout } = opened;
        const residuals = reference.measureResiduals(index, opened.index.slots);
        for (const [i, size] of SIZES.entries()) {
          const query = anyQuery(index, 80 + i, size);
          const prepared = reference.prepareQuery(index, query);
          const bounds = reference.prepareBounds(opened.index, prepared, residuals);
          const seven = reference.quantiseQuery(prepared);
          opened.ask(query);
          kernels.prepareBounds(layout);
          const scores = scoresOf(opened);
          const ratio = kernels.quantiseQuery(layout);
          const margin = kernels.sevenBitMargin(layout, ratio);
          expect(ratio).toBe(seven.ratio);
          const stride = rowBytes(index.facts);
          const bytes = opened.read(Uint8Array, "drawLogQ", stride + index.facts.dim);
          const signs = bytes.subarray(stride);
          expect(Array.from(signs, (sign, d) => (sign ? -at(bytes, d) : at(bytes, d)))).toEqual(
            Array.from(seven.values),
          );
          expect(margin).toBe(reference.sevenBitMargin(opened.index, prepared, bounds, residuals, seven));

          const sorted = scores.toSorted((a, b) => b - a);
          for (const threshold of [
            Number.NEGATIVE_INFINITY,
            ...[0, 3, itemCount >> 1].map((rank) => sorted[rank] ?? 0),
          ]) {
            for (const [first, end] of blocks(itemCount)) {
              const count = kernels.rowsReaching(layout, ratio, margin, first, end, threshold);
              const found = Array.from(opened.read(Int32Array, "drawPositions", count));
              expect(found, `size ${size}, threshold ${threshold}`).toEqual(
                reference.rowsReaching(opened.index, prepared, seven, margin, first, end, threshold),
              );
              const missing: number[] = [];
              const listed = new Set(found);
              for (let position = first; position < end; position++) {
                if (at(scores, position) < threshold || opened.index.excluded.has(position)) continue;
                if (!listed.has(position)) missing.push(position);
              }
              expect(missing, `size ${size}, threshold ${threshold}`).toEqual([]);
            }
          }
        }
        expect(opened.strayWrites()).toEqual([]);
      }
    },
  );

  test("are few if the threshold is near the best", async () => {
    const index = tinyIndex({ itemCount: 4000, dim: 64, bits: 3, rows: "i8", seed: 7 });
    const opened = await openExact(modules, index);
    const { kernels, layout } = opened;
    opened.ask(anyQuery(index, 1));
    kernels.prepareBounds(layout);
    const threshold = scoresOf(opened).toSorted((a, b) => b - a)[9] as number;
    const ratio = kernels.quantiseQuery(layout);
    const margin = kernels.sevenBitMargin(layout, ratio);
    let count = 0;
    for (const [first, end] of blocks(4000)) {
      count += kernels.rowsReaching(layout, ratio, margin, first, end, threshold);
    }
    expect(count).toBeGreaterThanOrEqual(10);
    expect(count).toBeLessThan(200);
  });
});

/** Blocks of 1,000 rows. The last one is shorter. */
function* blocks(itemCount: number): Generator<readonly [first: number, end: number]> {
  for (let first = 0; first < itemCount; first += 1000) yield [first, Math.min(first + 1000, itemCount)];
}
