import { describe, expect, test } from "vitest";
import type { PartedIndex } from "../../src/parts/parted-index.ts";
import type { Question } from "../../src/parts/question.ts";
import { LARGE } from "../run/size.ts";
import { inTurn as takeTurns } from "../run/turns.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { randomRows } from "../train/rows.ts";
import { consecutive, idsTo, indexOf, inParts, inTurn, nested, type Table } from "./split.ts";
import { clustered, DIM, ITEM_COUNT, queries, SIZES, TABLES } from "./tables.ts";

// Draws from parts. log Q is enumerated first, then draws are counted, with fixed seeds.

const [query] = queries.slice(1) as [Float32Array];
const table: Table = { ...(TABLES["int8 rows, biases"] as Table), limits: { maxK: 512 } };
/** `npm run test:statistics` makes six times as many calls. */
const many = (calls: number): number => (LARGE ? 6 * calls : calls);

function expectFit(counts: ArrayLike<number>, probabilities: ArrayLike<number>): void {
  const { g, low, high } = goodnessOfFit(counts, probabilities);
  expect(g).toBeLessThanOrEqual(high + 1e-6);
  expect(g).toBeGreaterThanOrEqual(low - 1e-6);
}

async function softmaxOf(parted: PartedIndex, temperature = 1): Promise<Float64Array> {
  const ids = idsTo(parted.info.itemCount);
  const { logProbabilities } = await parted.logProbability(query, ids, { exact: true, temperature });
  return logProbabilities.map((log) => Math.exp(log));
}

describe("draws from the proposal", () => {
  /** Four parts of like mass, so that routers of routers that make the same choices show. */
  const four = consecutive([60, 60, 60, 60]);
  /** `npm test` nests every second group. */
  const CASES = [...SIZES.map((sizes) => consecutive(sizes)), four, inTurn(ITEM_COUNT, 3)].flatMap((group, i) => {
    const isConsecutive = group.flat().every((id, place) => id === place);
    const ways = [{ group, isNested: false }, ...(isConsecutive ? [{ group, isNested: true }] : [])];
    return LARGE ? ways : ways.slice(i % ways.length).slice(0, 1);
  });

  test.each(CASES)(
    "of $group.length parts, nested: $isNested, sum to 1 and follow log Q",
    async ({ group, isNested }) => {
      const { parts, parted } = await inParts(table, group);
      const router = isNested ? nested(parts) : parted;
      const asked = [{ scan: 0 }, { scan: 24, temperature: 0.7, exclude: [0, 100, 101] }];
      for (const { scan, ...conditions } of takeTurns(asked, 2)) {
        const options = { scan, ...conditions };
        const logQ = await router.logQ(query, idsTo(ITEM_COUNT), options);
        const probabilities = Float64Array.from(logQ, (log) => Math.exp(log));
        expect(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-5);
        const counts = new Float64Array(ITEM_COUNT);
        // The first draws of calls, which are few so that a choice that a router makes for those behind it shows, and pairs of
        // draws within a call by the halves that they fall into.
        const pairs = new Float64Array(4);
        const half = (id: number): number => (id < 150 ? 0 : 1);
        for (let seed = 0; seed < many(1300); seed++) {
          const drawn = await router.sample(query, 4, { ...options, seed });
          for (const id of drawn.ids) (counts[id] as number)++;
          const [a, b] = drawn.ids as unknown as [number, number];
          (pairs[2 * half(a) + half(b)] as number)++;
          if (seed % 500 === 0) {
            expect(drawn.logQ).toEqual(Float32Array.from(drawn.ids, (id) => logQ[id] as number));
            const kept = await router.logProbability(query, drawn.ids, { ...conditions, exact: true });
            expect(kept.logProbabilities.every(Number.isFinite)).toBe(true);
            expect(drawn.scores).toEqual(await router.score(query, drawn.ids));
          }
        }
        expectFit(counts, probabilities);
        const first = probabilities.reduce((sum, p, id) => sum + (half(id) === 0 ? p : 0), 0);
        expectFit(pairs, [first * first, first * (1 - first), (1 - first) * first, (1 - first) ** 2]);
      }
    },
  );

  test("by fine codes follow log Q too", async () => {
    const { parted } = await inParts(TABLES["fine codes"] as Table, consecutive([100, 140]));
    const options = { proposal: "codes", scan: 12 } as const;
    const logQ = await parted.logQ(query, idsTo(ITEM_COUNT), options);
    const counts = new Float64Array(ITEM_COUNT);
    for (let seed = 0; seed < many(600); seed++) {
      for (const id of (await parted.sample(query, 8, { ...options, seed })).ids) (counts[id] as number)++;
    }
    expectFit(
      counts,
      logQ.map((log) => Math.exp(log)),
    );
  });

  test("are independent ones: answers with stratified draws hold none that could be taken (trap 2)", async () => {
    const { parts } = await inParts(table, consecutive([100, 140]));
    const question: Question = { call: "predict", query, size: 3, ids: new Int32Array(0), options: { seed: 1n } };
    const answer = await (parts[0] as (typeof parts)[number]).answer(question);
    expect(Object.keys(answer).sort()).toEqual(
      ["call", "estimate", "generation", "parts", "queryHash", "scored", "top"].sort(),
    );
  });

  test("say their log mass: with log Q it is the log mass of a class", async () => {
    const { parts, parted } = await inParts(table, consecutive([100, 140]));
    const question = { call: "sample", query, size: 20, ids: new Int32Array(0) } as const;
    const drawn = async (asked: Question): Promise<number> => (await parted.answer(asked)).draws?.logMass as number;
    // With everything in the head, it is log Z.
    const { logPartition } = await parted.logPartition(query, { exact: true, temperature: 0.7 });
    const all = await drawn({ ...question, options: { scan: ITEM_COUNT, temperature: 0.7, seed: 1n } });
    expect(Math.abs(all - logPartition)).toBeLessThan(2 ** -18);
    for (const router of [parted, nested(parts)]) {
      const options = { scan: 24, seed: 1n };
      const { logMass } = (await router.answer({ ...question, options })).draws as { logMass: number };
      const logQ = await router.logQ(query, idsTo(ITEM_COUNT), { scan: 24 });
      const scores = await router.score(query, idsTo(ITEM_COUNT));
      const inHead = logQ.filter((log, id) => Math.abs(log + logMass - (scores[id] as number)) < 1e-5);
      expect(inHead.length).toBeGreaterThanOrEqual(16);
    }
    expect(await drawn({ ...question, options: { allow: [], seed: 1n } })).toBe(Number.NEGATIVE_INFINITY);
  });

  test("come from no class that is left out, and there are none if all are", async () => {
    const { parted } = await inParts(table, consecutive([100, 140]));
    const inSecond = await parted.sample(query, 50, { exclude: idsTo(100), seed: 1 });
    expect(Math.min(...inSecond.ids)).toBeGreaterThanOrEqual(100);
    for (const exact of [true, false]) {
      const none = await parted.sample(query, 50, { allow: [], seed: 1, exact });
      expect(none.ids).toHaveLength(0);
      expect(none.effectiveSampleSize).toBe(0);
    }
    expect(Array.from(await parted.logQ(query, [3, 200], { allow: [3] }))).toEqual([0, Number.NEGATIVE_INFINITY]);
  });
});

/** Parts with so many classes that an envelope pays off. */
const LARGER = 3000;
const larger: Table = {
  data: clustered(LARGER, DIM, 11, 2),
  dim: DIM,
  bias: randomRows(LARGER, 13).map((value) => 2 * value),
  options: { bits: 4, seed: 1, calibrate: "off" },
  limits: { maxScan: 128, maxDraws: 4096 },
};

describe("exact draws", () => {
  test.each([
    { path: "envelopes", draws: 2, calls: 3000 },
    { path: "scans", draws: 4096, calls: 4 },
  ])("of parts follow the softmax by $path, nested too", async ({ path, draws, calls }) => {
    const { indexes, parts, parted } = await inParts(larger, consecutive([1000, 800, 1200]));
    let mostOfPart = 0;
    for (let seed = 0; seed < 10; seed++) {
      const [index] = indexes as [(typeof indexes)[number]];
      mostOfPart = Math.max(mostOfPart, index.sample(query, draws, { exact: true, seed }).scored);
    }
    if (path === "envelopes") expect(mostOfPart).toBeLessThan(1000);
    else expect(mostOfPart).toBeGreaterThanOrEqual(1000);
    for (const router of takeTurns([parted, nested(parts)], LARGE ? 1 : 2)) {
      const counts = new Float64Array(LARGER);
      const inParts = new Float64Array(9);
      const partOfId = (id: number): number => (id < 1000 ? 0 : id < 1800 ? 1 : 2);
      for (let seed = 0; seed < many(calls); seed++) {
        const { ids, scores } = await router.sample(query, draws, { exact: true, seed });
        for (const id of ids) (counts[id] as number)++;
        for (let i = 0; i + 1 < ids.length; i += 2) {
          (inParts[3 * partOfId(ids[i] as number) + partOfId(ids[i + 1] as number)] as number)++;
        }
        if (seed % 1000 === 0) expect(scores).toEqual(await router.score(query, ids));
      }
      const probabilities = await softmaxOf(router);
      expectFit(counts, probabilities);
      const shares = [0, 0, 0];
      for (const [id, p] of probabilities.entries()) (shares[partOfId(id)] as number) += p;
      expectFit(
        inParts,
        Array.from(inParts, (_, i) => (shares[Math.floor(i / 3)] as number) * (shares[i % 3] as number)),
      );
    }
  });

  test("of small parts, of one class and of none follow the softmax at a temperature", async () => {
    for (const sizes of SIZES) {
      const { parted } = await inParts(table, consecutive(sizes));
      const counts = new Float64Array(ITEM_COUNT);
      for (let seed = 0; seed < many(350); seed++) {
        const { ids } = await parted.sample(query, 8, { exact: true, temperature: 0.8, seed });
        for (const id of ids) (counts[id] as number)++;
      }
      expectFit(counts, await softmaxOf(parted, 0.8));
    }
  });

  test("of allowed classes, which a head holds, follow their softmax", async () => {
    const { parted } = await inParts(table, consecutive([100, 140]));
    const allow = [1, 5, 7, 120, 130, 239];
    const { logProbabilities } = await parted.logProbability(query, idsTo(ITEM_COUNT), { exact: true, allow });
    const counts = new Float64Array(ITEM_COUNT);
    for (let seed = 0; seed < many(1000); seed++) {
      for (const id of (await parted.sample(query, 4, { exact: true, allow, seed })).ids) (counts[id] as number)++;
    }
    expectFit(
      counts,
      logProbabilities.map((log) => Math.exp(log)),
    );
  });

  test.each([
    { path: "an envelope", draws: 2 },
    { path: "a scan", draws: 512 },
  ])("arrive by $path at the rate of Z", async ({ path, draws }) => {
    const { parts, indexes } = await inParts(larger, [idsTo(1500)]);
    const [part] = parts as [(typeof parts)[number]];
    const [index] = indexes as [(typeof indexes)[number]];
    const { logPartition } = index.logPartition(query, { exact: true });
    const calls = many(path === "an envelope" ? 700 : 7);
    let [sum, squares, count] = [0, 0, 0];
    for (let seed = 0; seed < calls; seed++) {
      const options = { exact: true, seed: BigInt(seed) };
      const answer = await part.answer({ call: "sample", query, size: draws, ids: new Int32Array(0), options });
      let before = 0;
      for (const log of answer.arrivals?.logTimes ?? []) {
        const time = Math.exp(log + logPartition);
        const gap = time - before;
        expect(gap).toBeGreaterThan(0);
        sum += gap;
        squares += gap * gap;
        count++;
        before = time;
      }
    }
    // Gaps in units of 1 / Z are Exp(1): mean 1, mean square 2, with variances 1 and 20.
    expect(count).toBe(calls * draws);
    expect(Math.abs(sum / count - 1)).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(squares / count - 2)).toBeLessThan(5 * Math.sqrt(20 / count));
  });
});

test("equal queries of a batch have seeds of their own if the call has none", async () => {
  const { parted } = await inParts(table, consecutive([100, 140]));
  const equal = Float32Array.of(...query, ...query, ...query);
  for (const ask of [
    (queries: Float32Array, options: object) => parted.sample(queries, 4, options),
    (queries: Float32Array, options: object) => parted.sampleTopK(queries, 4, options),
    (queries: Float32Array, options: object) => parted.decode(queries, { topK: 9, ...options }),
  ]) {
    const answers = (await ask(equal, { batch: 3 })) as unknown as { seed: bigint }[];
    expect(new Set(answers.map(({ seed }) => seed)).size).toBe(3);
    for (const answer of answers) expect(await ask(query, { seed: answer.seed })).toEqual(answer);
  }
});

describe("draws without replacement", () => {
  test.each([true, false])("of parts are the largest keys of all of them, exact: %s", async (exact) => {
    for (const sizes of SIZES) {
      const { parts, parted } = await inParts(table, consecutive(sizes));
      for (const k of [0, 1, 5, 60, 239, 240, 300]) {
        for (let seed = 0; seed < (LARGE ? 5 : 1); seed++) {
          const effort = exact ? { exact } : { scan: 24 };
          const merged = await parted.sampleTopK(query, k, { ...effort, seed });
          // Each part answers for all of its classes: together that is what one index with these keys would have.
          const all: { id: number; key: number }[] = [];
          let first = 0;
          for (const part of parts) {
            const scan = Math.floor((24 * (first + part.info.itemCount)) / 240) - Math.floor((24 * first) / 240);
            const options = { ...(exact ? { exact } : { scan }), seed: BigInt(seed) };
            const question: Question = { call: "sampleTopK", query, size: k, ids: new Int32Array(0), options };
            const { keys } = await part.answer(question);
            keys?.ids.forEach((id, i) => {
              all.push({ id: id + first, key: keys.keys[i] as number });
            });
            if (keys && keys.threshold > Number.NEGATIVE_INFINITY) all.push({ id: -1, key: keys.threshold });
            else expect(keys?.ids).toHaveLength(Math.min(k, part.info.itemCount));
            first += part.info.itemCount;
          }
          all.sort((a, b) => b.key - a.key);
          expect(Array.from(merged.ids)).toEqual(all.slice(0, k).map(({ id }) => id));
          expect(Array.from(merged.keys)).toEqual(all.slice(0, k).map(({ key }) => key));
          expect(merged.threshold).toBe(all[k]?.key ?? Number.NEGATIVE_INFINITY);
          expect(new Set(merged.ids).size).toBe(merged.ids.length);
          expect(merged.exact).toBe(exact);
          expect(merged.scores).toEqual(await parted.score(query, merged.ids));
          const deep = await nested(parts).sampleTopK(query, k, { ...(exact ? { exact } : { scan: 24 }), seed });
          if (exact) expect(deep).toEqual(merged);
        }
      }
    }
  });

  test.each([true, false])("have weights whose sums are unbiased, exact: %s", async (exact) => {
    for (const sizes of SIZES) {
      const { parted } = await inParts(table, consecutive(sizes));
      const { logPartition } = await parted.logPartition(query, { exact: true });
      const sums: number[] = [];
      for (let seed = 0; seed < many(150); seed++) {
        const { logWeights } = await parted.sampleTopK(query, 8, exact ? { exact, seed } : { seed, scan: 16 });
        sums.push(logWeights.reduce((sum, log) => sum + Math.exp(log - logPartition), 0));
      }
      const mean = sums.reduce((sum, value) => sum + value, 0) / sums.length;
      const variance = sums.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (sums.length - 1);
      expect(Math.abs(mean - 1)).toBeLessThanOrEqual(5 * Math.sqrt(variance / sums.length) + 1e-5);
    }
  });

  test("take classes in proportion to their masses: the first is a draw of the softmax", async () => {
    const { parts } = await inParts(table, consecutive([100, 140]));
    const parted = nested(parts);
    const counts = new Float64Array(ITEM_COUNT);
    for (let seed = 0; seed < many(1000); seed++) {
      const [id] = (await parted.sampleTopK(query, 1, { exact: true, seed })).ids;
      (counts[id as number] as number)++;
    }
    expectFit(counts, await softmaxOf(parted));
  });

  test("a seed stands for its layout: the index of all classes draws another sample (trap 5)", async () => {
    const { parted } = await inParts(table, consecutive([100, 140]));
    const whole = await indexOf(table, idsTo(ITEM_COUNT));
    const merged = await parted.sampleTopK(query, 20, { exact: true, seed: 1 });
    expect(merged.ids).not.toEqual(whole.sampleTopK(query, 20, { exact: true, seed: 1 }).ids);
    expect(await parted.sampleTopK(query, 20, { exact: true, seed: 1 })).toEqual(merged);
  });
});
