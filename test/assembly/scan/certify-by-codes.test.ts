import { expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import { anyQuery } from "../../fixtures/index-cases.ts";
import { describeBuilds, describeScanBuilds, type OpenedTiny } from "../../fixtures/opened.ts";
import { openExact, scoresOf, someOf } from "../../fixtures/opened-exact.ts";
import { tinyIndex } from "../../fixtures/tiny-index.ts";
import { at } from "../../reference/at.ts";
import { type CodeErrors, measureCodeErrors } from "../../reference/certify.ts";
import { reference } from "../../reference/index.ts";
import type { ReferenceIndex } from "../../reference/reference-index.ts";
import { firstOutlierOf } from "../../reference/reference-index.ts";
import type { Scored } from "../../reference/topk.ts";
import { inTurn } from "../../run/turns.ts";
import { FINE_CASES, WITH_CLASSES } from "../fine-cases.ts";

const CASES = [
  ...FINE_CASES,
  ["values of 2^38", tinyIndex({ itemCount: 90, dim: 6, bits: 2, scale: 2 ** 38, fineCodes: true })],
  ["values of 2^-60", tinyIndex({ itemCount: 90, dim: 6, bits: 2, scale: 2 ** -60, fineCodes: true })],
  ["sums beyond 16 bits", tinyIndex({ itemCount: 90, dim: 1100, bits: 1, bias: wide(90), fineCodes: true })],
  ["biases of 2^30", tinyIndex({ itemCount: 90, dim: 6, bits: 1, bias: wide(90, 2 ** 30), fineCodes: true })],
] as const satisfies readonly (readonly [string, ReferenceIndex])[];

const SIZES = [1, 0, 0.01, 300, 2 ** 30, 1e-30];

describeBuilds("measureCodeErrors", (modules) => {
  test.each(CASES)("equals the reference: %s", async (_, index) => {
    expect(measured(await openExact(modules, index))).toEqual(measureCodeErrors(index));
  });
});

describeScanBuilds("certifyByCodes", (modules) => {
  test.each(CASES)("and codedShare equal the reference: %s", async (_, index) => {
    const errors = measureCodeErrors(index);
    for (const conditions of [{}, { temperature: 0.3, excluded: someOf(index) }]) {
      const opened = await openExact(modules, index, conditions);
      const residuals = reference.measureResiduals(index, opened.index.slots);
      for (const [i, size] of inTurn([...SIZES.entries()], 3, `${conditions.temperature}`)) {
        const query = anyQuery(index, 60 + i, size);
        const prepared = reference.prepareQuery(index, query);
        const bounds = reference.prepareBounds(opened.index, prepared, residuals);
        for (const k of [1, 7]) {
          const threshold = start(opened, query, k);
          const expected = reference.certifyByCodes(opened.index, prepared, bounds, errors, k, threshold);
          expect(certify(opened, k, threshold), `size ${size}, k ${k}`).toEqual(expected);
          opened.kernels.subScores(opened.layout);
          for (const stride of inTurn([1, 2, 5], 3, `${size}, ${k}`)) {
            const share = reference.codedShare(opened.index, prepared, bounds, errors, threshold, stride);
            expect(opened.kernels.codedShare(opened.layout, threshold, stride)).toBe(share);
          }
        }
      }
      expect(opened.strayWrites()).toEqual([]);
    }
  });

  test.each(WITH_CLASSES)(
    "is brute force over the buckets from any threshold that k classes reach: %s",
    async (_, index) => {
      for (const excluded of [new Set<number>(), someOf(index)]) {
        const opened = await openExact(modules, index, { excluded });
        for (const [i, size] of inTurn([...SIZES.entries()], 3, `${excluded.size}`)) {
          const query = anyQuery(index, 70 + i, size);
          for (const k of [1, 7, 64]) {
            start(opened, query, k);
            const entries = Array.from(scoresOf(opened), (score, position) => ({ id: at(index.ids, position), score }));
            const best = reference.topPush(
              [],
              entries.filter((_entry, position) => !excluded.has(position) && position < firstOutlierOf(index)),
              k,
            );
            const exactly = best[k - 1]?.score ?? Number.NEGATIVE_INFINITY;
            for (const threshold of [exactly, exactly - 1, Number.NEGATIVE_INFINITY]) {
              const answer = certify(opened, k, threshold);
              if (answer) expect(answer.top).toEqual(best);
            }
          }
        }
      }
    },
  );

  test("scores few rows if codes are precise, and gives up if 15 bits are too few", async () => {
    const [, index] = CASES.find(([name]) => name === "biases of 2^30") as (typeof CASES)[number];
    const opened = await openExact(modules, index);
    expect(certify(opened, 3, start(opened, anyQuery(index, 1), 3))).toBeUndefined();
    const [, alike] = CASES.find(([name]) => name === "all alike") as (typeof CASES)[number];
    const none = await openExact(modules, alike);
    expect(certify(none, 3, start(none, anyQuery(alike, 1), 3))).toBeUndefined(); // no step
  });
});

/** Biases of which a few are large. */
function wide(count: number, factor = 1): number[] {
  return Array.from({ length: count }, (_, i) => factor * ((i * 37) % 11) - (i % 5));
}

function measured(opened: OpenedTiny): CodeErrors {
  const { itemCount, hasBias } = opened.index.facts;
  const fields = new DataView(opened.kernels.memory.buffer, opened.layout);
  return {
    codeErrors: opened.read(Int16Array, "codeErrors", itemCount),
    codeBiases: opened.read(Int16Array, "codeBiases", hasBias ? itemCount : 0),
    errorBound: fields.getFloat32(structs.LAYOUT_ERROR_BOUND, true),
    biasLeast: fields.getFloat32(structs.LAYOUT_BIAS_LEAST, true),
    biasRange: fields.getFloat32(structs.LAYOUT_BIAS_RANGE, true),
  };
}

/** Prepares query, tables and bounds, and returns the k-th best score of some rows. */
function start(opened: OpenedTiny, query: Float32Array, k: number): number {
  opened.ask(query);
  opened.kernels.scanTop(opened.layout, k, 20, 2 * k);
  const found = opened.search(structs.SEARCH_TOP_COUNT);
  const threshold = found === k ? at(opened.read(Float32Array, "topScores", k), k - 1) : Number.NEGATIVE_INFINITY;
  opened.kernels.prepareBounds(opened.layout);
  return threshold;
}

function certify(opened: OpenedTiny, k: number, threshold: number): { top: Scored[]; scored: number } | undefined {
  opened.setSearch(structs.SEARCH_TOP_COUNT, 0);
  const scored = opened.kernels.certifyByCodes(opened.layout, k, threshold);
  if (scored < 0) return undefined;
  opened.kernels.topSort(opened.layout);
  const count = opened.search(structs.SEARCH_TOP_COUNT);
  const scores = opened.read(Float32Array, "topScores", count);
  const top = Array.from(opened.read(Int32Array, "topIds", count), (id, i) => ({ id, score: at(scores, i) }));
  return { top, scored };
}
