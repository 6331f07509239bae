import { expect, test } from "vitest";
import {
  cheapestEffort,
  drawsAhead,
  isBeyondReach,
  isVain,
  type KnownBars,
  moreDraws,
  reachOf,
  worthOf,
} from "../../src/answers/next-effort.ts";
import type { HeadAndDraws } from "../../src/memory/head-and-draws.ts";
import type { OpenedIndex } from "../../src/memory/opened-index.ts";

/** What the choice of an effort reads of an index of `itemCount` classes. */
const indexOf = (
  itemCount: number,
  { maxScan = 65_536, maxDraws = 4096, hasFineCodes = false, flagged = 0, dim = 64 } = {},
): OpenedIndex =>
  ({
    conditions: { allowedCount: itemCount },
    plan: { maxScan, maxDraws },
    kernels: { exp64: Math.exp, log64: Math.log },
    header: { facts: { bucketCount: 1000, dim, rows: "i8", hasFineCodes } },
    errorBars: { flagged },
  }) as unknown as OpenedIndex;

const AT = { scan: 1024, draws: 100 };
/** Returns the cheapest effort that is worth a try of `scan: "auto"`. */
const nextEffort = (index: OpenedIndex, at: HeadAndDraws, bars: KnownBars, targetError: number) =>
  cheapestEffort(index, at, bars, { targetError, worth: worthOf(index) });
const reachAt = (index: OpenedIndex, draws: number): number => reachOf(index, draws, worthOf(index));
const known = (bar: number, leastBar: number): KnownBars => ({ bar, leastBar });

test("more draws are made where they cost less than a larger head", () => {
  // The bar has to fall by a factor of 2: four times the draws, and a fifth more because bars differ.
  expect(nextEffort(indexOf(100_000), AT, known(0.1, 0.09), 0.05)).toEqual({ scan: 1024, draws: 485 });
  expect(nextEffort(indexOf(100_000), AT, known(0.051, 0.001), 0.05)).toEqual({ scan: 1024, draws: 200 });
});

test("the head grows where the bar falls quickly with it", () => {
  const effort = nextEffort(indexOf(100_000), AT, known(0.5, 0.001), 0.02);
  expect(effort?.scan).toBeGreaterThan(2048);
  expect(effort?.draws).toBeLessThan(400);
});

test("all rows are scored where that costs less, or where nothing within reach will do", () => {
  expect(nextEffort(indexOf(20_000), AT, known(1, 0.9), 0.01)).toBeUndefined();
  expect(nextEffort(indexOf(1_000_000), AT, known(Infinity, Infinity), 0.01)).toBeUndefined();
  expect(nextEffort(indexOf(1_000_000, { maxScan: 1024 }), AT, known(1, 1), 0.1)).toBeUndefined();
});

test("no limit of load is exceeded", () => {
  for (const bar of [0.06, 0.1, 0.5, 2, Infinity]) {
    for (const leastBar of [0.001, 0.05, 0.5]) {
      const effort = nextEffort(indexOf(1_000_000, { maxScan: 5000, maxDraws: 300 }), AT, known(bar, leastBar), 0.05);
      expect(effort?.draws ?? 0).toBeLessThanOrEqual(300);
      expect(effort?.scan ?? 0).toBeLessThanOrEqual(5000);
    }
  }
});

test("each step is larger than the one before, so that a search ends", () => {
  let effort: typeof AT | undefined = AT;
  let steps = 0;
  for (; effort && steps < 100; steps++) {
    const next = nextEffort(indexOf(1_000_000), effort, known(0.0501, 0.05), 0.05);
    if (next) expect(next.scan > effort.scan || next.draws >= 2 * effort.draws).toBe(true);
    effort = next;
  }
  expect(steps).toBeLessThan(20);
});

test("more draws are from the same head, and cost little beside what was made", () => {
  const more = (bar: number, { worth = Infinity, ...facts } = {}, draws = 100) =>
    moreDraws(indexOf(1_000_000, facts), { scan: 1024, draws }, bar, { targetError: 0.05, worth });
  expect(more(0.051)).toEqual({ scan: 1024, draws: 200 });
  expect(more(0.08)).toEqual({ scan: 1024, draws: 310 });
  expect(more(0.11)).toBeUndefined(); // 586 draws, and the search took as long as 360
  expect(more(0.08, { maxDraws: 300 } as object)).toBeUndefined();
  expect(more(0.08, { worth: 4000 })).toBeUndefined();
  expect(more(Infinity)).toBeUndefined();
  for (let bar = 0.05; bar < 0.2; bar *= 1.05) {
    for (const draws of [2, 30, 100, 1000]) expect(more(bar, {}, draws)?.scan ?? 1024).toBe(1024);
  }
});

test("draws are multiplied ahead where a few times as many will do", () => {
  expect(drawsAhead(indexOf(100_000), 100, 0.04, 0.05)).toBe(100);
  expect(drawsAhead(indexOf(100_000), 100, 0.08, 0.05)).toBe(310);
  expect(drawsAhead(indexOf(100_000), 100, Infinity, Infinity)).toBe(100);
});

test("nothing is drawn where that would be in vain, or dearer than all rows", () => {
  expect(drawsAhead(indexOf(100_000), 100, 0.2, 0.05)).toBe(0);
  expect(drawsAhead(indexOf(100_000, { maxDraws: 200 }), 100, 0.08, 0.05)).toBe(0);
  expect(drawsAhead(indexOf(5000), 100, 0.08, 0.05)).toBe(0);
});

test("a first head is vain on few classes, and on more where the calibration trusted few answers", () => {
  expect(isVain(indexOf(4000), AT, 0.05)).toBe(true);
  expect(isVain(indexOf(20_000), AT, 0.05)).toBe(false);
  expect(isVain(indexOf(20_000, { flagged: 0.9 }), AT, 0.02)).toBe(true);
  expect(isVain(indexOf(1_000_000, { flagged: 0.9 }), AT, 0.05)).toBe(false);
  expect(isVain(indexOf(1_000_000, { flagged: 1 }), AT, 0.05)).toBe(true);
  // Small targets are met less often.
  expect(isVain(indexOf(20_000, { flagged: 0.5 }), AT, 0.05)).toBe(false);
  expect(isVain(indexOf(20_000, { flagged: 0.5 }), AT, 0.005)).toBe(true);
  expect(isVain(indexOf(1_000_000, { flagged: 0.5 }), AT, 0.005)).toBe(false);
  // Large targets are not met by any multiple of the trusted answers.
  expect(isVain(indexOf(20_000, { flagged: 0.6 }), AT, 0.1)).toBe(false);
  expect(isVain(indexOf(20_000, { flagged: 0.9 }), AT, 0.1)).toBe(true);
  expect(isVain(indexOf(20_000, { flagged: 0.9 }), AT, 0.5)).toBe(true);
  expect(isVain(indexOf(100_000, { flagged: 0.9 }), AT, 0.1)).toBe(false);
  // With fine codes a try takes longer, and long rows make a scan take longer.
  expect(isVain(indexOf(7000, { dim: 60 }), AT, 0.05)).toBe(false);
  expect(isVain(indexOf(7000, { dim: 60, hasFineCodes: true }), AT, 0.05)).toBe(true);
  expect(isVain(indexOf(7000, { dim: 256, hasFineCodes: true }), AT, 0.05)).toBe(false);
});

test("a bar that is far above the target is beyond reach, by their ratio", () => {
  expect(isBeyondReach(0.5, 0.05)).toBe(false);
  expect(isBeyondReach(100, 0.05)).toBe(false);
  expect(isBeyondReach(1000, 0.05)).toBe(true);
  expect(isBeyondReach(Number.POSITIVE_INFINITY, 0.05)).toBe(true);
  expect(isBeyondReach(1000, 0.5)).toBe(false);
});

test("where few answers are trusted, an effort that may miss is worth less", () => {
  const at = (flagged: number) => nextEffort(indexOf(40_000, { flagged }), AT, known(0.1, 0.09), 0.05);
  expect(at(0.1)).toEqual({ scan: 1024, draws: 485 });
  expect(at(0.6)).toEqual({ scan: 1024, draws: 485 });
  const dearer = (flagged: number) => nextEffort(indexOf(40_000, { flagged }), AT, known(0.14, 0.13), 0.05);
  expect(dearer(0.1)).toEqual({ scan: 1024, draws: 949 });
  expect(dearer(0.6)).toBeUndefined();
});

test("heads of up to half of the classes are tried where rows are long enough for that to be cheaper", () => {
  expect(reachAt(indexOf(100_000), 100)).toBeLessThan(50_000);
  expect(reachAt(indexOf(100_000, { dim: 400 }), 100)).toBe(50_000);
  expect(reachAt(indexOf(100_000, { dim: 400, maxScan: 1024 }), 100)).toBe(1024);
  expect(reachAt(indexOf(1000), 100)).toBe(0);
});
