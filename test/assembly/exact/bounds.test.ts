import { describe, expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import { anyQuery, INDEX_CASES, LARGE_LOGIT_CASES } from "../../fixtures/index-cases.ts";
import { describeBuilds, type OpenedTiny } from "../../fixtures/opened.ts";
import { bucketScores, openExact, prepare, scoresOf, someOf } from "../../fixtures/opened-exact.ts";
import type { Bounds } from "../../reference/bounds.ts";
import { reference } from "../../reference/index.ts";
import { firstOutlierOf, positionsOf } from "../../reference/reference-index.ts";
import { inTurn } from "../../run/turns.ts";
import { ALIGNED_CASES } from "./aligned-index.ts";

const WITH_CLASSES = [...INDEX_CASES, ...LARGE_LOGIT_CASES].filter(([, index]) => index.facts.itemCount > 0);
const TEMPERATURES = [1, 0.5, 3.7];
const SIZES = [0, 1e-6, 0.3, 40, 1e6];

/** f32's unit roundoff. */
const U = 2 ** -24;

describeBuilds("prepareBounds", (modules) => {
  test.each(WITH_CLASSES)("equals the reference bit for bit: %s", async (_, index) => {
    for (const temperature of inTurn(TEMPERATURES, 3)) {
      const opened = await openExact(modules, index, { temperature });
      const residuals = reference.measureResiduals(index, opened.index.slots);
      for (const [i, size] of inTurn([...SIZES.entries()], 2, "sizes")) {
        const query = anyQuery(index, 4 + i, size);
        prepare(opened, query);
        const prepared = reference.prepareQuery(index, query);
        expect(boundsOf(opened)).toEqual(reference.prepareBounds(opened.index, prepared, residuals));
      }
      expect(opened.strayWrites()).toEqual([]);
    }
  });

  describe.each(TEMPERATURES)("at temperature %d", (temperature) => {
    test.each(WITH_CLASSES)("no class is further from its bucket than slope · norm + slack: %s", async (_, index) => {
      const opened = await openExact(modules, index, { temperature });
      for (const [i, size] of inTurn([...SIZES.entries()], 2)) {
        prepare(opened, anyQuery(index, 5 + i, size));
        const largest = excessesOf(opened).reduce((a, b) => Math.max(a, b));
        expect(largest, `size ${size}`).toBeLessThanOrEqual(boundsOf(opened).slack);
      }
    });
  });

  test.each(ALIGNED_CASES)("no class is, where bounds are equalities but for rounding: %s", async (_, index, query) => {
    for (const temperature of TEMPERATURES) {
      const opened = await openExact(modules, index, { temperature });
      for (const size of [1e-3, 1, 1e4]) {
        prepare(
          opened,
          query.map((value) => size * value),
        );
        const excesses = excessesOf(opened);
        const { slack } = boundsOf(opened);
        expect(Math.max(...excesses)).toBeLessThanOrEqual(slack);
        expect(Math.max(...excesses), "there are some that need it").toBeGreaterThan(0);
      }
    }
  });

  test.each(WITH_CLASSES)("slope is the query's norm over T, and slack no more than rounding: %s", async (_, index) => {
    const { dim, metric } = index.facts;
    for (const temperature of inTurn(TEMPERATURES, 3)) {
      const opened = await openExact(modules, index, { temperature });
      const fields = new DataView(opened.kernels.memory.buffer, opened.layout);
      const normBound = fields.getFloat32(structs.LAYOUT_NORM_BOUND, true);
      const biasBound = fields.getFloat32(structs.LAYOUT_BIAS_BOUND, true);
      for (const size of SIZES) {
        const query = anyQuery(index, 6, size);
        prepare(opened, query);
        const { queryNorm, slope, slack } = boundsOf(opened);
        const norm = metric === "cosine" ? Math.sign(size) : Math.hypot(...query);
        expect(queryNorm).toBeGreaterThanOrEqual(norm * (1 - (metric === "cosine" ? 4 * U : 0)));
        expect(queryNorm).toBeLessThanOrEqual(norm * (1 + 1e-6));
        expect(slope).toBeGreaterThanOrEqual(queryNorm / temperature);
        expect(slope).toBeLessThanOrEqual((queryNorm / temperature) * (1 + 1e-6));
        // For int8 rows, each value is off by half a step of the fixed point, and a step is at least 2^-15 of the
        // largest value.
        const lost = index.rowScales ? Math.sqrt(dim) * opened.search(structs.SEARCH_QUERY_STEP) * 0.5 : 0;
        const rounding = U * (4 * dim + 33) * queryNorm * normBound + 17 * U * biasBound + 1.01 * lost * normBound;
        expect(slack).toBeLessThanOrEqual(rounding / temperature + 2 ** -99);
      }
    }
  });
});

const PARTS = [0, 1, 20, Number.POSITIVE_INFINITY];

describeBuilds("tailBound", (modules) => {
  test.each([...INDEX_CASES, ...LARGE_LOGIT_CASES])("equals the reference bit for bit: %s", async (_, index) => {
    for (const conditions of [{}, { temperature: 0.7, excluded: someOf(index) }]) {
      const opened = await openExact(modules, index, conditions);
      const residuals = reference.measureResiduals(index, opened.index.slots);
      const query = anyQuery(index, 7);
      for (const scan of inTurn(PARTS, 2, `${conditions.temperature}`)) {
        opened.ask(query);
        opened.kernels.propose(opened.layout, Math.min(scan, index.facts.itemCount), 0);
        opened.kernels.prepareBounds(opened.layout);
        const { slope } = boundsOf(opened);
        const scores = reference.subScores(opened.index, reference.prepareQuery(index, query));
        const headSlots = opened.read(Int32Array, "headSlots", headOf(opened).length);
        for (const signed of [-slope, 0, slope]) {
          const expected = reference.tailBound(opened.index, { ...scores, ...residuals }, headSlots, signed);
          expect(opened.kernels.tailBound(opened.layout, signed)).toBe(expected);
        }
      }
      expect(opened.strayWrites()).toEqual([]);
    }
  });

  describe.each(TEMPERATURES)("at temperature %d", (temperature) => {
    test.each(WITH_CLASSES)("brackets the log mass of the tail: %s", async (_, index) => {
      for (const excluded of [new Set<number>(), someOf(index)]) {
        const opened = await openExact(modules, index, { temperature, excluded });
        for (const size of inTurn([0, 0.3, 40], 2, `${excluded.size}`)) {
          const query = anyQuery(index, 7, size);
          for (const scan of inTurn(PARTS, 4, `${size}, ${excluded.size}`)) {
            opened.ask(query);
            opened.kernels.propose(opened.layout, Math.min(scan, index.facts.itemCount), 0);
            opened.kernels.prepareBounds(opened.layout);
            const { slope, slack } = boundsOf(opened);
            const lower = opened.kernels.tailBound(opened.layout, -slope) - slack - ROUNDING;
            const upper = opened.kernels.tailBound(opened.layout, slope) + slack + ROUNDING;
            const exact = logTailMass(opened);
            expect(lower, `size ${size}, scan ${scan}`).toBeLessThanOrEqual(exact);
            expect(upper, `size ${size}, scan ${scan}`).toBeGreaterThanOrEqual(exact);
            if (exact === Number.NEGATIVE_INFINITY) expect([lower, upper]).toEqual([exact, exact]);
            else if (slope === 0) expect(upper - lower).toBeLessThan(2 * (slack + ROUNDING) + 1e-12);
          }
        }
      }
    });
  });
});

/** The largest error of sums of f32 in lanes of 64, and of their exponentials (src/answers/bracket.ts). */
const ROUNDING = 288 * 2 ** -24;

/** (N) by position: |o / T − s_b − bias / T| − slope · norm, in f64 from the kernels' numbers. */
function excessesOf(opened: OpenedTiny): Float64Array {
  const { index } = opened;
  const norms = opened.read(Float32Array, "residualNorms", index.facts.itemCount);
  const slope = Math.fround(boundsOf(opened).slope);
  const excesses = Float64Array.from(
    scoresOf(opened),
    (score, p) => (score - (index.bias?.[p] ?? 0)) * index.inverseTemperature,
  );
  for (const [bucket, bucketScore] of bucketScores(opened).entries()) {
    const { first, end } = positionsOf(index, bucket);
    for (let p = first; p < end; p++) {
      excesses[p] = Math.abs((excesses[p] as number) - bucketScore) - slope * (norms[p] as number);
    }
  }
  return excesses.subarray(0, firstOutlierOf(index)); // outliers are in no bucket
}

const headOf = (opened: OpenedTiny): Int32Array =>
  opened.read(Int32Array, "headBuckets", opened.search(structs.SEARCH_HEAD_BUCKET_COUNT));

function boundsOf(opened: OpenedTiny): Bounds {
  return {
    queryNorm: opened.search(structs.SEARCH_QUERY_NORM),
    slope: opened.search(structs.SEARCH_SLOPE),
    slack: opened.search(structs.SEARCH_SLACK),
    scoreSlack: opened.search(structs.SEARCH_SCORE_SLACK),
  };
}

/** log Σ e^(score / T) of the classes outside the head that are not excluded, in f64 from their exact scores. */
function logTailMass(opened: OpenedTiny): number {
  const { index } = opened;
  const head = headOf(opened);
  const scores = scoresOf(opened);
  const logs: number[] = [];
  for (const bucket of index.bucketCodes.keys()) {
    if (head.includes(bucket)) continue;
    const { first, end } = positionsOf(index, bucket);
    for (let p = first; p < end; p++) {
      if (!index.excluded.has(p)) logs.push((scores[p] as number) * index.inverseTemperature);
    }
  }
  const top = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return logs.length === 0 ? top : top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0));
}
