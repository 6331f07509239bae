import { describe, expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import { Arena } from "../fixtures/arena.ts";
import { anyQuery, biases, INDEX_CASES, LARGE_LOGIT_CASES } from "../fixtures/index-cases.ts";
import { describeKernels } from "../fixtures/kernels.ts";
import { describeBuilds, type OpenedTiny, openTiny } from "../fixtures/opened.ts";
import { anyCodes, tinyIndex } from "../fixtures/tiny-index.ts";
import { type DerivedIndex, derive } from "../reference/buckets.ts";
import { reference } from "../reference/index.ts";
import { codesOf, type ReferenceIndex } from "../reference/reference-index.ts";
import type { Proposal, TailEstimate } from "../reference/search.ts";
import { logTilt } from "../reference/tilt.ts";
import type { Conditions } from "../reference/weights.ts";
import { inTurn } from "../run/turns.ts";
import { randomRows } from "../train/rows.ts";
import { conditionsOf, excludedWhere } from "./condition-cases.ts";

const ALL_CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES];
const WITH_CLASSES = ALL_CASES.filter(([, index]) => index.facts.itemCount > 0);

/** scan and k: no head, k alone, a head, a head for k, everything. */
const HEADS: readonly (readonly [scan: number, k: number])[] = [
  [0, 0],
  [0, 5],
  [30, 0],
  [30, 64],
  [1000, 10],
  [3000, 3],
];
const QUERY_SEEDS = [1, 2];

const UNCONDITIONAL: [string, Conditions] = ["of all classes", {}];
/** Conditions that leave at least one class. */
const leavingOne = (index: ReferenceIndex): [string, Conditions][] => [
  UNCONDITIONAL,
  ...conditionsOf(index).filter(([, conditions]) => (conditions.excluded?.size ?? 0) < index.facts.itemCount),
];

/** The unit roundoff of f32, and the relative error of exp4 (exp.test.ts). */
const U = 2 ** -24;
const EXP4_ERROR = 8.2e-8;

describe("the reference of propose", () => {
  test.each(WITH_CLASSES)(
    "has the sum of e^(score / T) over the head and of w_b e^(s_b) over the rest: %s",
    (_, plain) => {
      for (const [name, conditions] of leavingOne(plain)) {
        const index = derive(plain, conditions);
        for (const [scan, k] of inTurn(HEADS, 2, name)) {
          const proposal = reference.propose(index, anyQuery(index, 1), scan, k);
          const { sum, error } = totalOf(index, proposal);
          const what = `${name}, scan ${scan}, k ${k}`;
          expect(Math.abs(Math.exp(proposal.logProposal - sum.log) - 1), what).toBeLessThanOrEqual(error);
        }
      }
    },
  );

  test.each(WITH_CLASSES)("gives the classes left probabilities that sum to 1: %s", (_, plain) => {
    const ids = Int32Array.from(plain.ids).sort();
    for (const [name, conditions] of leavingOne(plain)) {
      const index = derive(plain, conditions);
      for (const [scan, k] of [HEADS[0], HEADS[3]] as typeof HEADS) {
        const proposal = reference.propose(index, anyQuery(index, 2), scan, k);
        const logQ = reference.logQOf(index, proposal, ids);
        const total = logQ.reduce((sum, value) => sum + Math.exp(value), 0);
        const { error } = totalOf(index, proposal);
        expect(Math.abs(total - 1), `${name}, scan ${scan}, k ${k}`).toBeLessThanOrEqual(error);
        expect(Math.max(...logQ), "at most 0 but for rounding").toBeLessThanOrEqual(error);
        expect(logQ.filter(Number.isFinite).length).toBe(index.allowedCount);
      }
    }
  });
});

describeBuilds("propose", (modules) => {
  test.each(ALL_CASES)("equals the reference bit for bit: %s", async (_, index) => {
    const opened = await openTiny(modules, index);
    for (const seed of QUERY_SEEDS) {
      for (const [scan, k] of inTurn(HEADS, 3, `query ${seed}`)) {
        const query = anyQuery(index, seed);
        opened.ask(query);
        opened.kernels.propose(opened.layout, scan, k);
        const expected = reference.propose(opened.index, query, scan, k);
        expect(readProposal(opened), `scan ${scan}, k ${k}`).toEqual(comparable(expected));
        expect(opened.search(structs.SEARCH_SCORED)).toBe(expected.headCount);
      }
    }
    expect(opened.strayWrites()).toEqual([]);
  });

  test.each(ALL_CASES)("equals the reference bit for bit under every condition: %s", async (_, index) => {
    for (const [name, conditions] of conditionsOf(index)) {
      const opened = await openTiny(modules, index, conditions);
      for (const [scan, k] of inTurn(HEADS, 3, name)) {
        const query = anyQuery(index, 1);
        opened.ask(query);
        opened.kernels.propose(opened.layout, scan, k);
        const expected = comparable(reference.propose(opened.index, query, scan, k));
        expect(readProposal(opened), `${name}, scan ${scan}, k ${k}`).toEqual(expected);
        opened.kernels.scoreHead(opened.layout);
        expect(readProposal(opened), "the head scored again").toEqual(expected);
      }
      expect(opened.strayWrites(), name).toEqual([]);
    }
  });

  test.each(ALL_CASES)("scores any listed head, and completes the proposal with it: %s", async (_, index) => {
    const opened = await openTiny(modules, index, { temperature: 0.7 });
    const query = anyQuery(index, 3);
    opened.ask(query);
    const prepared = reference.prepareQuery(index, query);
    for (const count of [0, 1, 3, 4, 7, 300]) {
      const listed = Int32Array.from(anyCodes(count, index.facts.itemCount, 40 + count));
      if (listed.length > index.facts.itemCount) continue; // the room of headPositions
      opened.write("headPositions", listed);
      opened.kernels.scoreListed(opened.layout, count);
      const head = reference.scoreListed(opened.index, prepared, listed);
      const { headCount, headPositions, headScores, headMax, headSum } = readProposal(opened);
      expect({ headPositions, headScores, headMax, headSum }).toEqual(head);
      expect([headCount, opened.search(structs.SEARCH_SCORED)]).toEqual([count, count]);
      for (const [tailTotal, massShift] of [
        [0, 5],
        [2, -30],
        [1e-30, 800],
        [7, Number.isFinite(head.headMax) ? head.headMax / 0.7 : 0],
      ] as const) {
        opened.setSearch(structs.SEARCH_TAIL_TOTAL, tailTotal);
        opened.setSearch(structs.SEARCH_MASS_SHIFT, massShift);
        opened.kernels.endProposal(opened.layout);
        const expected = reference.endProposal(opened.index, { ...head, tail: { tailTotal }, massShift });
        expect(opened.search(structs.SEARCH_LOG_PROPOSAL)).toBe(expected);
      }
    }
    expect(opened.strayWrites()).toEqual([]);
  });

  test.each(WITH_CLASSES)("has no head, no tail and no mass if no class is left: %s", async (_, index) => {
    const opened = await openTiny(modules, index, { excluded: new Set(index.ids.keys()) });
    for (const [scan, k] of HEADS) {
      opened.ask(anyQuery(index, 1));
      opened.kernels.propose(opened.layout, scan, k);
      expect(opened.search(structs.SEARCH_HEAD_COUNT)).toBe(0);
      expect(opened.search(structs.SEARCH_TAIL_TOTAL)).toBe(0);
      expect(opened.search(structs.SEARCH_LOG_PROPOSAL)).toBe(Number.NEGATIVE_INFINITY);
    }
  });

  test("takes the buckets of the best k classes by logarithm if the masses of the others are 0", async () => {
    // f32 holds six of the sixteen masses, and three of these have a factor that is not clamped.
    const opened = await openTiny(modules, ladder([0, -60, -120, -180], [0, -60, -120, -180]));
    for (let k = 1; k <= 16; k++) expect(topIds(opened, k), `k = ${k}`).toEqual(bestIds(opened.index, k));
  });

  test.each([
    ["falling", [0, -100, -200, -300]],
    ["rising", [-300, -200, -100, 0]],
    ["mixed", [-200, 0, -300, -100]],
  ])("takes the best buckets also among those below e^−87 of the best, codewords %s", async (_, codewords) => {
    for (const others of [
      [0, -1, -2, -3],
      [-3, -2, -1, 0],
      [0, 0, 0, 0],
    ]) {
      for (const [first, second] of [
        [codewords, others],
        [others, codewords],
      ] as const) {
        const opened = await openTiny(modules, ladder(first, second));
        for (let k = 1; k <= 16; k++)
          expect(topIds(opened, k), `${first} and ${second}, k = ${k}`).toEqual(bestIds(opened.index, k));
      }
    }
  });

  test("sums the tail by logarithm if the head has every mass that is not clamped, but scores far below", async () => {
    const index = ladder([0, -100, -200, -300], [0, -1, -2, -3]);
    for (const code of [0, 1, 2, 3]) index.rows[2 * code] = -250; // the classes of the best four buckets
    const opened = await openTiny(modules, index);
    opened.ask(Float32Array.of(1, 1));
    opened.kernels.propose(opened.layout, 4, 0);
    expect(opened.search(structs.SEARCH_HEAD_COUNT)).toBe(4);
    const logTail = -100 + Math.log(1 + Math.exp(-1) + Math.exp(-2) + Math.exp(-3));
    expect(Math.abs(opened.search(structs.SEARCH_LOG_PROPOSAL) - logTail)).toBeLessThan(8 * 100 * U + EXP4_ERROR);
  });
});

describeBuilds("predict", (modules) => {
  test.each(ALL_CASES)("equals the reference: %s", async (_, index) => {
    const opened = await openTiny(modules, index);
    for (const [scan, k] of inTurn(HEADS, 2)) {
      for (const draws of inTurn([0, 1, 60], 3, `${scan} ${k}`)) {
        const query = anyQuery(index, 3);
        const seed = BigInt.asUintN(64, 0x9e3779b97f4a7c15n * BigInt(draws + 1));
        opened.ask(query);
        opened.kernels.predict(opened.layout, k, scan, draws, seed);
        const expected = reference.predict(opened.index, query, k, scan, draws, seed);
        const what = `scan ${scan}, k ${k}, ${draws} draws`;
        expect(readTop(opened), what).toEqual(expected.top);
        expect(readProposal(opened), what).toEqual(comparable(expected.proposal));
        // Draws are compared one by one: none of these targets lies so near a boundary that rounding could name the
        // neighbour.
        expect(readEstimate(opened), what).toEqual(expected.estimate);
        expect(opened.search(structs.SEARCH_SCORED)).toBe(expected.scored);
      }
    }
    expect(opened.strayWrites()).toEqual([]);
  });

  test.each(ALL_CASES)("equals the reference under every condition: %s", async (_, index) => {
    for (const [name, conditions] of conditionsOf(index)) {
      const opened = await openTiny(modules, index, conditions);
      for (const [scan, k] of [HEADS[0], HEADS[3]] as typeof HEADS) {
        const query = anyQuery(index, 6);
        opened.ask(query);
        opened.kernels.predict(opened.layout, k, scan, 60, 11n);
        const expected = reference.predict(opened.index, query, k, scan, 60, 11n);
        const what = `${name}, scan ${scan}, k ${k}`;
        expect(readTop(opened), what).toEqual(expected.top);
        expect(readEstimate(opened), what).toEqual(expected.estimate);
        expect(opened.search(structs.SEARCH_SCORED)).toBe(expected.scored);
        const { excluded } = opened.index;
        expect(expected.estimate.drawPositions.filter((position) => excluded.has(position))).toEqual(new Int32Array(0));
      }
      expect(opened.strayWrites(), name).toEqual([]);
    }
  });

  test.each(WITH_CLASSES)("is brute force if the head is everything left: %s", async (_, index) => {
    for (const [name, conditions] of leavingOne(index)) {
      const opened = await openTiny(modules, index, conditions);
      const { excluded, allowedCount, inverseTemperature } = opened.index;
      const query = anyQuery(index, 4);
      opened.ask(query);
      opened.kernels.predict(opened.layout, 10, allowedCount, 50, 1n);
      const ids = index.ids.filter((_id, position) => !excluded.has(position));
      const scores = reference.scoreIds(index, reference.prepareQuery(index, query), ids);
      const entries = Array.from(scores, (score, i) => ({ id: ids[i] as number, score }));
      expect(readTop(opened), name).toEqual(reference.topSort(entries).slice(0, 10));
      expect(opened.search(structs.SEARCH_DRAW_COUNT)).toBe(0);
      expect([opened.search(structs.SEARCH_TAIL_MASS), opened.search(structs.SEARCH_TAIL_MEAN)]).toEqual([0, 0]);
      const logits = Array.from(scores, (score) => score * inverseTemperature);
      const top = logits.reduce((highest, logit) => Math.max(highest, logit));
      const exact = top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
      const logZ = opened.search(structs.SEARCH_LOG_SHIFT) + Math.log(opened.search(structs.SEARCH_HEAD_MASS));
      // The terms are differences to the maximum over the temperature, and sums. Terms below e^−87 are e^−87.
      expect(Math.abs(logZ - exact), name).toBeLessThan(U * (2 * 87 + 66) + EXP4_ERROR);
    }
  });

  test.each([
    [0.5, 2],
    [4, 0.25],
    [2 ** -20, 2 ** 20],
  ])("at T = %d answers as for logits %d times as large at T = 1, bit for bit", async (temperature, factor) => {
    for (const rows of ["f32", "f16", "i8"] as const) {
      if (rows === "f16" && factor > 2) continue; // f16 cannot hold them
      const plain = tinyIndex({ itemCount: 300, dim: 7, bits: 3, rows, bias: biases(300, 13), seed: 14 });
      const times = (values: Float32Array) => values.map((value) => value * factor);
      const scaled: ReferenceIndex = {
        ...plain,
        codebook1: times(plain.codebook1),
        codebook2: times(plain.codebook2),
        bias: plain.bias && times(plain.bias),
        rows: rows === "i8" ? plain.rows : times(plain.rows),
        rowScales: plain.rowScales && times(plain.rowScales),
      };
      const [tempered, larger] = [await openTiny(modules, plain, { temperature }), await openTiny(modules, scaled)];
      for (const opened of [tempered, larger]) {
        opened.ask(anyQuery(plain, 7));
        opened.kernels.predict(opened.layout, 9, 60, 40, 12n);
      }
      const { drawScores, ...estimate } = readEstimate(larger);
      expect(readEstimate(tempered)).toEqual({ ...estimate, drawScores: drawScores.map((score) => score / factor) });
      expect(readTop(tempered)).toEqual(readTop(larger).map(({ id, score }) => ({ id, score: score / factor })));
      expect(tempered.search(structs.SEARCH_LOG_PROPOSAL)).toBe(larger.search(structs.SEARCH_LOG_PROPOSAL));
    }
  });

  test("depends on index, query and arguments alone", async () => {
    const [, index] = INDEX_CASES.find(([name]) => name === "pq of 64 codewords, int8") as (typeof INDEX_CASES)[number];
    const opened = await openTiny(modules, index);
    const ask = (seed: number) => {
      opened.ask(anyQuery(index, seed));
      opened.kernels.predict(opened.layout, 20, 50, 40, 7n);
      return { top: readTop(opened), proposal: readProposal(opened), estimate: readEstimate(opened) };
    };
    const first = ask(1);
    opened.ask(anyQuery(index, 2, 500));
    opened.kernels.sample(opened.layout, 300, 100, 1n);
    opened.kernels.predict(opened.layout, 64, 700, 9, 3n);
    expect(ask(1)).toEqual(first);
    expect(ask(2)).not.toEqual(first);
  });

  test.each([
    ["with bias", biases(600, 11), 1, 0],
    ["without bias", undefined, 1, 0],
    ["with bias, cold", biases(600, 11), 0.5, 0],
    ["without bias, hot", undefined, 3.7, 0],
    ["with bias, hot, of two classes of three", biases(600, 11), 3.7, 3],
    ["without bias, of a class of two", undefined, 1, 2],
  ])("estimates the tail of Z without bias, %s", async (_, bias, temperature, without) => {
    const index = tinyIndex({ itemCount: 600, dim: 6, bits: 3, seed: 12, ...(bias && { bias }) });
    const excluded = excludedWhere(index, (place) => without > 0 && place % without === 1);
    const opened = await openTiny(modules, index, { temperature, excluded });
    const query = anyQuery(index, 5, Math.min(1, temperature)); // logits of the same spread at a low temperature
    const proposal = reference.propose(opened.index, query, 100, 0);
    const outside = Int32Array.from(index.ids.keys()).filter(
      (position) => !proposal.headPositions.includes(position) && !excluded.has(position),
    );
    const scores = reference.scorePositions(index, proposal.prepared, outside);
    const exact = scores.reduce((sum, score) => sum + Math.exp(score / temperature), 0);
    const means = Array.from({ length: 2000 }, (_unused, seed) => {
      opened.ask(query);
      opened.kernels.predict(opened.layout, 0, 100, 8, BigInt(seed));
      return opened.search(structs.SEARCH_TAIL_MEAN) * Math.exp(opened.search(structs.SEARCH_LOG_SHIFT));
    });
    const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
    const variance = means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (means.length - 1);
    expect(Math.abs(mean - exact)).toBeLessThan(4 * Math.sqrt(variance / means.length));
    expect(Math.sqrt(variance / means.length), "the test says something").toBeLessThan(0.02 * exact);
  });
});

describeKernels("sumExp", (kernels) => {
  test("equals the reference bit for bit, for whole and partial blocks", () => {
    for (const count of [0, 1, 2, 3, 4, 5, 255, 256, 257, 260, 512, 1000]) {
      const values = randomRows(count, 70).map((value) => 20 * value);
      const shift = values.reduce((top, value) => Math.max(top, value), Number.NEGATIVE_INFINITY);
      for (const scale of [1, 2, 1 / 3.7]) {
        const arena = new Arena(kernels);
        const padded = new Float32Array(4 * Math.ceil(count / 4)).fill(Number.NEGATIVE_INFINITY);
        padded.set(values);
        const sum = kernels.sumExp(arena.putLast(padded), count, shift, scale);
        expect(sum, `${count} values, scale ${scale}`).toBe(reference.sumExp(values, shift, scale));
        const exact = values.reduce((total, value) => total + Math.exp((value - shift) * Math.fround(scale)), 0);
        expect(Math.abs(sum - exact)).toBeLessThanOrEqual(exact * (U * (2 * 80 + 66) + EXP4_ERROR));
      }
    }
  });
});

/**
 * A class in each of 4 × 4 buckets of one-dimensional codewords, which its row repeats: score = s_b for the query (1,
 * 1).
 */
function ladder(first: readonly number[], second: readonly number[]): ReferenceIndex {
  const codes = Array.from({ length: 16 }, (_, code) => code);
  const index = tinyIndex({ itemCount: 16, dim: 2, bits: 2, quantizer: "pq", codes });
  index.codebook1.set(first);
  index.codebook2.set(second);
  for (const code of codes) index.rows.set([first[code >> 2] as number, second[code & 3] as number], 2 * code);
  return index;
}

function topIds(opened: OpenedTiny, k: number): number[] {
  opened.ask(Float32Array.of(1, 1));
  opened.kernels.predict(opened.layout, k, 0, 0, 0n);
  return readTop(opened).map(({ id }) => id);
}

/** The k best classes of a ladder. */
function bestIds({ rows, ids }: ReferenceIndex, k: number): number[] {
  const entries = Array.from(ids, (id, p) => ({ id, score: (rows[2 * p] as number) + (rows[2 * p + 1] as number) }));
  return reference
    .topSort(entries)
    .slice(0, k)
    .map(({ id }) => id);
}

/**
 * log S' in f64 from the scores and tables, with the relative error of the reference's f32: each term times its own
 * roundings.
 */
function totalOf(index: DerivedIndex, proposal: Proposal): { sum: { log: number }; error: number } {
  const { headScores, headMax, headBuckets, subScores1, subScores2, massShift, tiltRate, tiltPath } = proposal;
  const terms: { log: number; error: number }[] = Array.from(headScores, (score) => ({
    log: score * index.inverseTemperature,
    error: U * (2 * Math.abs(score - headMax) * index.inverseTemperature + 66) + EXP4_ERROR, // difference, product, sums of 256
  }));
  const shift2 = subScores2.reduce((top, score) => Math.max(top, score));
  for (const bucket of index.bucketCodes.keys()) {
    const logWeight = index.bucketLogWeights[bucket] as number;
    if (headBuckets.includes(bucket) || logWeight === Number.NEGATIVE_INFINITY) continue;
    const { k1, k2 } = codesOf(index, bucket);
    const [a, e] = [subScores1[k1] as number, subScores2[k2] as number];
    const log = a + e + logWeight + logTilt(index, tiltRate, tiltPath, bucket);
    const groupLogWeight = index.slots.groupLogWeights[k1] as number;
    // As in masses.test.ts, with the larger of the two errors and sums over a group's blocks.
    const factors = Math.abs(e - shift2) + Math.abs(logWeight - groupLogWeight);
    const direct = Math.abs(a + groupLogWeight) + factors + Math.abs(log - massShift);
    const byLogs = Math.abs(a + e) + Math.abs(log) + Math.abs(log - massShift);
    terms.push({ log, error: U * (Math.max(direct, byLogs) + 30) + 3 * EXP4_ERROR });
  }
  const top = terms.reduce((highest, { log }) => Math.max(highest, log), Number.NEGATIVE_INFINITY);
  let [sum, error] = [0, 0];
  for (const term of terms) {
    sum += Math.exp(term.log - top);
    error += Math.exp(term.log - top) * term.error;
  }
  return { sum: { log: top + Math.log(sum) }, error: (error / sum) * (1 + 1e-3) + 1e-12 };
}

function readProposal(opened: OpenedTiny): Record<string, unknown> {
  const headCount = opened.search(structs.SEARCH_HEAD_COUNT);
  return {
    headCount,
    headBuckets: opened.read(Int32Array, "headBuckets", opened.search(structs.SEARCH_HEAD_BUCKET_COUNT)),
    headPositions: opened.read(Int32Array, "headPositions", headCount),
    headScores: opened.read(Float32Array, "headScores", headCount),
    headMax: opened.search(structs.SEARCH_HEAD_MAX),
    headSum: opened.search(structs.SEARCH_HEAD_SUM),
    massShift: opened.search(structs.SEARCH_MASS_SHIFT),
    groupPrefix: opened.read(Float64Array, "groupPrefix", 2 ** opened.index.facts.bits + 1),
    logProposal: opened.search(structs.SEARCH_LOG_PROPOSAL),
    queryHash: opened.queryHash(),
  };
}

const comparable = ({ tail, prepared, ...proposal }: Proposal): Record<string, unknown> => ({
  headCount: proposal.headCount,
  headBuckets: proposal.headBuckets,
  headPositions: proposal.headPositions,
  headScores: proposal.headScores,
  headMax: proposal.headMax,
  headSum: proposal.headSum,
  massShift: proposal.massShift,
  groupPrefix: tail.groupPrefix,
  logProposal: proposal.logProposal,
  queryHash: prepared.queryHash,
});

function readTop(opened: OpenedTiny): { id: number; score: number }[] {
  const count = opened.search(structs.SEARCH_TOP_COUNT);
  const scores = opened.read(Float32Array, "topScores", count);
  return Array.from(opened.read(Int32Array, "topIds", count), (id, i) => ({ id, score: scores[i] as number }));
}

function readEstimate(opened: OpenedTiny): TailEstimate {
  const drawCount = opened.search(structs.SEARCH_DRAW_COUNT);
  return {
    drawPositions: opened.read(Int32Array, "drawPositions", drawCount),
    drawScores: opened.read(Float32Array, "drawScores", drawCount),
    logX: opened.read(Float64Array, "drawLogQ", drawCount),
    factors: opened.read(Float64Array, "drawFactors", drawCount),
    drawCount,
    logShift: opened.search(structs.SEARCH_LOG_SHIFT),
    headMass: opened.search(structs.SEARCH_HEAD_MASS),
    tailMass: opened.search(structs.SEARCH_TAIL_MASS),
    tailMean: opened.search(structs.SEARCH_TAIL_MEAN),
    tailSquareMean: opened.search(structs.SEARCH_TAIL_SQUARE_MEAN),
    tailLargest: opened.search(structs.SEARCH_TAIL_LARGEST),
    tailLogSpread: drawCount > 0 ? opened.search(structs.SEARCH_TAIL_LOG_SPREAD) : 0,
  };
}
