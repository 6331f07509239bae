import { expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import { anyQuery, biases, INDEX_CASES, LARGE_LOGIT_CASES } from "../../fixtures/index-cases.ts";
import { describeBuilds, type OpenedTiny } from "../../fixtures/opened.ts";
import { openExact, prepare, scoresOf } from "../../fixtures/opened-exact.ts";
import { tinyIndex } from "../../fixtures/tiny-index.ts";
import { at } from "../../reference/at.ts";
import { reference } from "../../reference/index.ts";
import { inTurn } from "../../run/turns.ts";

const WIDE = [
  ["int8, 4096 values", tinyIndex({ itemCount: 20, dim: 4096, bits: 1, rows: "i8", seed: 41 })],
  ["int8, values of 2^38", tinyIndex({ itemCount: 60, dim: 6, bits: 2, rows: "i8", scale: 2 ** 38, seed: 42 })],
  ["int8, cosine", tinyIndex({ itemCount: 70, dim: 9, bits: 2, rows: "i8", metric: "cosine", bias: biases(70, 3) })],
  ["f32, 300 values", tinyIndex({ itemCount: 40, dim: 300, bits: 2, seed: 43 })],
] as const;
const CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES, ...WIDE].filter(([, index]) => index.facts.itemCount > 0);
const INT8 = CASES.filter(([, index]) => index.rowScales);
const SIZES = [0, 1e-40, 1e-6, 0.3, 40, 2 ** 38];
const TEMPERATURES = [1, 0.1, 0.3, 3.7];

describeBuilds("the remainder of the query", (modules) => {
  test.each(INT8)("equals the reference bit for bit: %s", async (_, index) => {
    for (const temperature of inTurn(TEMPERATURES, 2)) {
      const opened = await openExact(modules, index, { temperature });
      const residuals = reference.measureResiduals(index, opened.index.slots);
      for (const [i, size] of SIZES.entries()) {
        const query = anyQuery(index, 60 + i, size);
        prepare(opened, query);
        const prepared = reference.prepareQuery(index, query);
        const bounds = reference.prepareBounds(opened.index, prepared, residuals);
        const expected = reference.prepareRemainder(opened.index, prepared, bounds, residuals);
        expect(opened.kernels.prepareRemainder(opened.layout)).toBe(expected.slack);
        expect(opened.search(structs.SEARCH_REMAINDER_STEP)).toBe(expected.remainderStep);
        expect(opened.read(Int16Array, "remainder", index.facts.dim)).toEqual(expected.remainder);
        const positions = Int32Array.from({ length: Math.min(index.facts.itemCount, 90) }, (_, p) => p);
        const scores = reference.scorePositions(index, prepared, positions);
        expect(wholeScores(opened, positions)).toEqual(reference.addRemainder(index, expected, positions, scores));
        opened.kernels.propose(opened.layout, i * 40, 0);
        const head = opened.read(Int32Array, "headPositions", opened.search(structs.SEARCH_LISTED_COUNT));
        expect(opened.kernels.headWithRemainder(opened.layout)).toBe(
          reference.headWithRemainder(opened.index, prepared, expected, head),
        );
      }
      expect(opened.strayWrites()).toEqual([]);
    }
  });

  test.each(CASES)("no score over T is off by more than its slack, in f64: %s", async (_, index) => {
    for (const temperature of TEMPERATURES) {
      const opened = await openExact(modules, index, { temperature });
      for (const [i, size] of SIZES.entries()) {
        const query = anyQuery(index, 70 + i, size);
        const exact = Float64Array.from(exactScores(index, query), (score) => score / temperature);
        prepare(opened, query);
        const largestError = (scores: Float32Array): number =>
          scores.reduce((top, s, p) => Math.max(top, Math.abs(s * opened.index.inverseTemperature - at(exact, p))), 0);
        const what = `size ${size}, temperature ${temperature}`;
        const given = opened.search(structs.SEARCH_SCORE_SLACK);
        expect(largestError(scoresOf(opened)), what).toBeLessThanOrEqual(given);
        if (!index.rowScales) continue;
        const slack = opened.kernels.prepareRemainder(opened.layout);
        const positions = Int32Array.from({ length: Math.min(index.facts.itemCount, 1000) }, (_, p) => p);
        expect(largestError(wholeScores(opened, positions)), what).toBeLessThanOrEqual(slack);
        if (index.facts.dim > 100 && size > 0.1) expect(slack, what).toBeLessThan(given / 50);
      }
    }
  });
});

/** The scores at `positions` with their remainder. */
function wholeScores(opened: OpenedTiny, positions: Int32Array): Float32Array {
  const { kernels, layout } = opened;
  const [at, scores] = [opened.address("drawPositions"), opened.address("drawScores")];
  opened.write("drawPositions", positions);
  kernels.scorePositions(layout, at, positions.length, scores);
  kernels.addRemainder(layout, at, positions.length, scores);
  return opened.read(Float32Array, "drawScores", positions.length);
}

/** (N) by position: the logits of the stored rows in f64, of the query as given, or at unit length for cosine. */
function exactScores({ facts, rows, rowScales, bias }: (typeof CASES)[number][1], given: Float32Array): Float64Array {
  const norm = facts.metric === "cosine" ? Math.hypot(...given) || 1 : 1;
  const query = Float64Array.from(given, (value) => value / norm);
  return Float64Array.from({ length: facts.itemCount }, (_, p) => {
    const row = rows.subarray(p * facts.dim, (p + 1) * facts.dim);
    const sum = query.reduce((total, value, d) => total + value * at(row, d), 0);
    return sum * (rowScales ? at(rowScales, p) : 1) + (bias ? at(bias, p) : 0);
  });
}
