import { describe, expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import { anyQuery, INDEX_CASES, LARGE_LOGIT_CASES } from "../../fixtures/index-cases.ts";
import { describeBuilds, type OpenedTiny } from "../../fixtures/opened.ts";
import { bucketScores, openExact, scoresOf, someOf } from "../../fixtures/opened-exact.ts";
import { tinyIndex } from "../../fixtures/tiny-index.ts";
import { reference } from "../../reference/index.ts";
import { positionsOf } from "../../reference/reference-index.ts";
import type { Cursor } from "../../reference/survivors.ts";
import { inTurn } from "../../run/turns.ts";
import { ALIGNED_CASES } from "./aligned-index.ts";

const WITH_CLASSES = [...INDEX_CASES, ...LARGE_LOGIT_CASES].filter(([, index]) => index.facts.itemCount > 0);
const ROOMS = [4, 8, 1024];

describeBuilds("candidates and survivors", (modules) => {
  test.each(WITH_CLASSES)("equal the reference, call by call: %s", async (_, index) => {
    for (const conditions of [{}, { temperature: 0.7, excluded: someOf(index) }]) {
      const opened = await openExact(modules, index, conditions);
      const residuals = reference.measureResiduals(index, opened.index.slots);
      const query = anyQuery(index, 7);
      const { thresholds } = startSearch(opened, query, 20);
      const prepared = reference.prepareQuery(index, query);
      const bounds = reference.prepareBounds(opened.index, prepared, residuals);
      const bounded = { ...residuals, ...bounds, ...reference.subScores(opened.index, prepared) };
      const headSlots = opened.read(Int32Array, "headSlots", opened.search(structs.SEARCH_HEAD_BUCKET_COUNT));
      for (const [i, threshold] of inTurn([...thresholds.entries()], 2, `${conditions.temperature}`)) {
        const room = [256, 8, 4][i % 3] as number;
        const expected = reference.candidates(opened.index, bounded, headSlots, threshold);
        expect(opened.kernels.candidates(opened.layout, threshold)).toBe(expected.count);
        const count = opened.search(structs.SEARCH_CANDIDATE_COUNT);
        expect(Array.from(opened.read(Int32Array, "candidateSlots", count))).toEqual(expected.candidateSlots);
        let cursor: Cursor = expected;
        for (let call = 0; call < 20; call++) {
          const next = reference.survivors(opened.index, bounded, cursor, threshold, room);
          expect(survivors(opened, threshold, room)).toEqual(next.positions);
          cursor = next.cursor;
        }
      }
    }
  });

  describe.each([
    { temperature: 1, filtered: false },
    { temperature: 0.5, filtered: true },
    { temperature: 3.7, filtered: true },
  ])("at temperature $temperature, filtered: $filtered", ({ temperature, filtered }) => {
    test.each(WITH_CLASSES)("list exactly what can reach the threshold: %s", async (_, index) => {
      const { itemCount } = index.facts;
      const opened = await openExact(modules, index, { temperature, ...(filtered && { excluded: someOf(index) }) });
      for (const [i, size] of inTurn([...[0, 0.5, 30].entries()], 2)) {
        const query = anyQuery(index, 8 + i, size);
        for (const scan of inTurn([0, 20, itemCount], 3, `${size}`)) {
          const { classes, thresholds } = startSearch(opened, query, scan);
          for (const threshold of thresholds) {
            const count = opened.kernels.candidates(opened.layout, threshold);
            expect(count).toBe(expectedCount(opened, classes));
            const listed = listAll(opened, threshold, 1024);
            expectCovers(listed, classes, threshold, threshold);
            for (const room of ROOMS) {
              opened.kernels.candidates(opened.layout, threshold);
              expect(listAll(opened, threshold, room)).toEqual(listed);
            }
          }
        }
      }
      expect(opened.strayWrites()).toEqual([]);
    });

    test.each(WITH_CLASSES)("continue under a rising threshold: %s", async (_, index) => {
      const opened = await openExact(modules, index, { temperature, ...(filtered && { excluded: someOf(index) }) });
      const query = anyQuery(index, 11, 2);
      for (const room of ROOMS) {
        const { classes, thresholds } = startSearch(opened, query, 5);
        const [first = 0, ...others] = [Number.NEGATIVE_INFINITY, ...thresholds].toSorted((a, b) => a - b);
        opened.kernels.candidates(opened.layout, first);
        const listed: number[] = [];
        let threshold = first;
        for (;;) {
          const call = survivors(opened, threshold, room);
          if (call.length === 0) break;
          expectOnly(call, classes, threshold);
          listed.push(...call);
          threshold = others.shift() ?? threshold;
        }
        expectCovers(listed, classes, threshold, Number.NEGATIVE_INFINITY);
        expect(survivors(opened, threshold, room)).toEqual([]);
      }
    });
  });

  test("keep classes that tie with the threshold", async () => {
    const index = tinyIndex({ itemCount: 400, dim: 8, bits: 3, values: "integer", seed: 51 });
    const opened = await openExact(modules, index);
    const query = anyQuery(index, 1).map((value) => Math.round(4 * value));
    const { classes } = startSearch(opened, query, 0);
    const scores = [...new Set(classes.map(({ score }) => score))].sort((a, b) => b - a);
    for (const threshold of scores.slice(0, 12)) {
      opened.kernels.candidates(opened.layout, threshold);
      const listed = new Set(listAll(opened, threshold, 1024));
      const reaching = classes.filter(({ score }) => score >= threshold);
      expect(reaching.filter(({ position }) => !listed.has(position))).toEqual([]);
    }
    expect(classes.length).toBeGreaterThan(4 * scores.length);
  });

  test.each(ALIGNED_CASES)("keep a class whose bound is its score: %s", async (_, index, query) => {
    for (const temperature of [1, 0.5, 3.7]) {
      const opened = await openExact(modules, index, { temperature });
      for (const { position, score } of startSearch(opened, query, 0).classes) {
        opened.kernels.candidates(opened.layout, score);
        expect(listAll(opened, score, 1024)).toContain(position);
      }
    }
  });

  test("leave most classes out if buckets are tight", async () => {
    const index = tinyIndex({ itemCount: 4000, dim: 4, bits: 5, seed: 52, scale: 1 / 64 });
    const tight = { ...index, rows: index.rows.map((value) => value / 64) };
    for (const [bucket, code] of tight.bucketCodes.entries()) {
      const { first, end } = positionsOf(tight, bucket);
      for (let p = first; p < end; p++) {
        for (let d = 0; d < 4; d++) {
          const centre =
            (tight.codebook1[(code >> 5) * 4 + d] as number) + (tight.codebook2[(code & 31) * 4 + d] as number);
          tight.rows[4 * p + d] = centre + (tight.rows[4 * p + d] as number);
        }
      }
    }
    const opened = await openExact(modules, tight);
    const { classes } = startSearch(opened, anyQuery(tight, 1, 100), 0);
    const threshold = classes.map(({ score }) => score).sort((a, b) => b - a)[9] as number;
    expect(opened.kernels.candidates(opened.layout, threshold)).toBeLessThan(200);
    expect(listAll(opened, threshold, 1024).length).toBeLessThan(40);
  });
});

/** A class that survivors may list. */
interface TailClass {
  readonly bucket: number;
  readonly position: number;
  /** Exact logit. */
  readonly score: number;
  /** Its largest possible score: (s_b + slope · norm + bias / T) · T, in f64. */
  readonly bound: number;
  /** Slack of the bound, times T. */
  readonly slack: number;
}

/** Puts head and bounds in place. Returns the classes outside of the head that take part, and thresholds to try. */
function startSearch(
  opened: OpenedTiny,
  query: Float32Array,
  scan: number,
): { classes: TailClass[]; thresholds: number[] } {
  const { index } = opened;
  const { itemCount } = index.facts;
  const inverse = index.inverseTemperature;
  opened.ask(query);
  opened.kernels.propose(opened.layout, scan, 0);
  opened.kernels.prepareBounds(opened.layout);
  const slope = opened.search(structs.SEARCH_SLOPE);
  const slack = opened.search(structs.SEARCH_SLACK) / inverse;
  const norms = opened.read(Float32Array, "residualNorms", itemCount);
  const head = new Set(opened.read(Int32Array, "headBuckets", opened.search(structs.SEARCH_HEAD_BUCKET_COUNT)));
  const scores = scoresOf(opened);
  const classes: TailClass[] = [];
  for (const [bucket, bucketScore] of bucketScores(opened).entries()) {
    if (head.has(bucket)) continue;
    const { first, end } = positionsOf(index, bucket);
    for (let p = first; p < end; p++) {
      if (index.excluded.has(p)) continue;
      const bound = (bucketScore + slope * (norms[p] as number)) / inverse + (index.bias?.[p] ?? 0);
      classes.push({ bucket, position: p, score: scores[p] as number, bound, slack });
    }
  }
  const sorted = scores.toSorted().reverse();
  const quantiles = [0, 0.003, 0.05, 0.5, 1].map((share) => sorted[Math.floor(share * (itemCount - 1))] as number);
  const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number;
  return {
    classes,
    thresholds: [...quantiles, Math.fround(2 * (sorted[0] as number) + 1), POSITIVE_INFINITY, NEGATIVE_INFINITY],
  };
}

/** The next positions that survivors lists. */
function survivors(opened: OpenedTiny, threshold: number, room: number): number[] {
  const count = opened.kernels.survivors(opened.layout, threshold, room);
  if (count > room) expect.fail(`${count} survivors where there is room for ${room}`);
  return Array.from(opened.read(Int32Array, "drawPositions", count));
}

function listAll(opened: OpenedTiny, threshold: number, room: number): number[] {
  const listed: number[] = [];
  for (;;) {
    const call = survivors(opened, threshold, room);
    if (call.length === 0) return listed;
    listed.push(...call);
  }
}

/** Classes of the buckets that candidates has listed. */
function expectedCount(opened: OpenedTiny, classes: readonly TailClass[]): number {
  const slots = opened.read(Int32Array, "candidateSlots", opened.search(structs.SEARCH_CANDIDATE_COUNT));
  const buckets = opened.read(Int32Array, "slotBuckets", opened.index.slots.slotBuckets.length);
  const listed = new Set(Array.from(slots, (slot) => buckets[slot] as number));
  return classes.filter(({ bucket }) => listed.has(bucket)).length;
}

/** Each class that scores `least` or more is listed; each that is listed can reach `most`; none twice. */
function expectCovers(listed: readonly number[], classes: readonly TailClass[], least: number, most: number): void {
  const found = new Set(listed);
  expect(found.size).toBe(listed.length);
  expect(classes.filter(({ position, score }) => score >= least && !found.has(position))).toEqual([]);
  expectOnly(listed, classes, most);
}

function expectOnly(listed: readonly number[], classes: readonly TailClass[], threshold: number): void {
  const byPosition = new Map(classes.map((entry) => [entry.position, entry]));
  const out = listed.filter((position) => {
    const { bound, slack } = byPosition.get(position) ?? { bound: Number.NaN, slack: 0 };
    return !(bound + 2 * slack >= threshold);
  });
  expect(out).toEqual([]);
}
