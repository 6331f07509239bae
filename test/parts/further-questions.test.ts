import { beforeAll, describe, expect, test } from "vitest";
import { load } from "../../src/index.ts";
import { askAgain, furtherQuestions } from "../../src/parts/further-questions.ts";
import { type Part, PartedIndex, partOf, type Question } from "../../src/parts/index.ts";
import type { PartialEstimate } from "../../src/parts/partial-answer.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { randomRows } from "../train/rows.ts";

const [DIM, QUERIES] = [16, 12];
const queries = randomRows(QUERIES * DIM, 7).map((value) => 0.5 * value);
const queryOf = (row: number): Float32Array => queries.slice(row * DIM, (row + 1) * DIM);

/** Coarse codebooks, so that many default answers are flagged. */
async function partsOf(itemCount: number, options: { maxDraws?: number; maxScan?: number } = {}): Promise<Part[]> {
  const data = randomRows(itemCount * DIM, 1);
  const half = itemCount / 2;
  return Promise.all(
    [0, 1].map(async (number) => {
      const rows = data.slice(number * half * DIM, (number + 1) * half * DIM);
      const file = await buildIndex({ data: rows, shape: [half, DIM] }, { bits: 2, seed: 1, calibrate: "off" });
      return partOf(await load(file, options), { number });
    }),
  );
}

describe("a flagged default answer of parts with many classes", () => {
  let parts: Part[];
  let parted: PartedIndex;
  beforeAll(async () => {
    parts = await partsOf(20_000);
    parted = new PartedIndex(parts);
  });

  test("is the answer with four times the head and the draws, and of all rows if that is flagged or the first bar above 1", async () => {
    const byChoice = { none: 0, second: 0, third: 0, atOnce: 0 };
    for (const temperature of [0.25, 0.4, 0.5, 0.6, 1]) {
      for (let seed = 0; seed < QUERIES; seed++) {
        const conditions = { temperature, seed };
        const first = await parted.predict(queryOf(seed), 5, { ...conditions, scan: 1024, draws: 100 });
        const answer = await parted.predict(queryOf(seed), 5, conditions);
        if (!first.lowEss) {
          expect(answer).toEqual(first);
          byChoice.none++;
          continue;
        }
        const second = await parted.predict(queryOf(seed), 5, { ...conditions, scan: 4096, draws: 400 });
        const exact = await parted.predict(queryOf(seed), 5, { ...conditions, exact: true });
        const isAtOnce = first.standardError > 1;
        const isExact = isAtOnce || second.lowEss;
        byChoice[isAtOnce ? "atOnce" : isExact ? "third" : "second"]++;
        const { choice, scored, ...others } = answer;
        const { scored: last, ...expected } = isExact ? exact : second;
        expect(others).toEqual(expected);
        expect(scored).toBe(first.scored + last + (isExact && !isAtOnce ? second.scored : 0));
        expect(choice).toEqual({
          ...(isExact ? { scan: 20_000, draws: 0 } : { scan: 4096, draws: 400 }),
          ...{ proposal: "buckets", exact: isExact },
          expectedError: isExact ? exact.modelError : second.modelError,
          headShare: expect.closeTo(0.5, 0), // a share
          expectedErrorAtDefault: first.modelError,
        });
      }
    }
    for (const [name, count] of Object.entries(byChoice)) expect(count, name).toBeGreaterThan(2);
  });

  test("is asked for by every estimate, and has the bits of the batch", async () => {
    const batch = await parted.predict(queries, 5, { seed: 3, batch: QUERIES });
    const again = batch.findIndex(({ choice }) => choice !== undefined);
    const query = queryOf(again);
    const { ids, logPartition, choice } = batch[again] as (typeof batch)[number];
    const one = await parted.logPartition(query, { seed: 3 });
    expect([one.logPartition, one.choice]).toEqual([logPartition, choice]);
    expect(one.lower).toBeLessThan(one.upper);
    const named = await parted.logProbability(query, ids, { seed: 3 });
    expect([named.logPartition, named.choice]).toEqual([logPartition, choice]);
  });

  test("stays if the call names its effort", async () => {
    const { choice } = await parted.predict(queryOf(0), 5, { temperature: 0.5, draws: 1 });
    expect(choice).toBeUndefined();
    for (let seed = 0; seed < QUERIES; seed++) {
      for (const options of [{ scan: 1024 }, { proposal: "buckets", scan: 256 }, { exact: true }] as const) {
        expect((await parted.predict(queryOf(seed), 5, { ...options, seed })).choice).toBeUndefined();
      }
    }
  });

  test("is that of all rows at once if limits leave no larger head and no more draws", async () => {
    const small = new PartedIndex(await partsOf(20_000, { maxScan: 1024, maxDraws: 100 }));
    const answers = await small.predict(queries, 5, { temperature: 0.5, seed: 3, batch: QUERIES });
    const choices = answers.flatMap(({ choice }) => choice ?? []);
    expect(choices.length).toBeGreaterThan(3);
    for (const choice of choices) expect(choice).toMatchObject({ exact: true, scan: 20_000 });
  });

  test("stays if some of the parts are missing, whose share of Z nobody knows, or were asked again already", async () => {
    const question: Question = {
      ...{ call: "predict", size: 5, ids: new Int32Array(0), options: { seed: 0n } },
      query: queries.slice(0, DIM),
    };
    const answer = await new PartedIndex(parts).answer({
      ...question,
      options: { ...question.options, scan: 8, draws: 4 },
    });
    const estimate = { ...(answer.estimate as PartialEstimate), lowEss: true, standardError: 0.3 };
    const flagged = { ...answer, estimate };
    const efforts = (given: typeof answer) =>
      furtherQuestions(question, given, parted.info).map(({ options }) => options);
    expect(efforts(flagged)).toEqual([
      { seed: 0n, scan: 4096, draws: 400 },
      { seed: 0n, exact: true },
    ]);
    expect(efforts({ ...flagged, parts: [1] })).toEqual([]);
    const barless = { ...estimate, standardError: Number.POSITIVE_INFINITY };
    expect(efforts({ ...flagged, estimate: barless })).toHaveLength(2);
    const beyondSpread = { ...barless, terms: { ...estimate.terms, variance: Number.POSITIVE_INFINITY } };
    expect(efforts({ ...flagged, estimate: beyondSpread })).toEqual([{ seed: 0n, exact: true }]);
    const choice = { scan: 4096, draws: 400, proposal: "buckets", exact: false, expectedError: 1 } as const;
    expect(efforts({ ...flagged, estimate: { ...estimate, choice } })).toEqual([]);
    const answers = [flagged, { ...answer, parts: [1], scored: 7 }];
    const kept = await askAgain(question, parted.info, async () => answers.shift() as typeof answer);
    expect([kept, answers]).toEqual([{ ...flagged, scored: flagged.scored + 7 }, []]);
  });

  test("stays if a part fails when it is asked again, also for some queries of a batch", async () => {
    const [near, far] = parts as [Part, Part];
    const failing: Part = {
      info: far.info,
      answer: async (question) => {
        // Its share of the first head is 512 rows, and of the second 2,048.
        if (question.options.exact || Number(question.options.scan) > 1024) throw new TypeError("fetch failed");
        return far.answer(question);
      },
    };
    const lacking = new PartedIndex([near, failing]);
    const conditions = { temperature: 0.5, seed: 3, batch: QUERIES };
    const first = await parted.predict(queries, 5, { ...conditions, scan: 1024, draws: 100 });
    const again = await parted.predict(queries, 5, conditions);
    expect(await lacking.predict(queries, 5, conditions)).toEqual(first);
    expect(again.filter(({ choice }) => choice !== undefined).length).toBeGreaterThan(3);
    const { lowEss, choice } = await lacking.logPartition(queryOf(3), { temperature: 0.5, seed: 6 });
    expect([lowEss, choice]).toEqual([true, undefined]);
    await expect(lacking.predict(queries, 5, { ...conditions, scan: 4096 })).rejects.toThrow("fetch failed");
  });

  test("is the second answer if a part fails at the third question", async () => {
    const [near, far] = parts as [Part, Part];
    const failing: Part = {
      info: far.info,
      answer: async (question) => {
        if (question.options.exact) throw new TypeError("fetch failed");
        return far.answer(question);
      },
    };
    const conditions = { temperature: 0.4, batch: QUERIES, seed: 3 };
    const whole = await parted.predict(queries, 5, conditions);
    const answers = await new PartedIndex([near, failing]).predict(queries, 5, conditions);
    const kept = answers.filter(({ choice }, i) => whole[i]?.choice?.exact && choice);
    expect(kept.length).toBeGreaterThan(0);
    for (const { choice, lowEss } of kept) expect([choice?.scan, lowEss]).toEqual([4096, true]);
  });

  test("is not asked for again by the parts of which these are one", async () => {
    const nested = new PartedIndex([parted]);
    const asked = { temperature: 0.5, seed: 3, batch: QUERIES };
    expect(await nested.predict(queries, 5, asked)).toEqual(await parted.predict(queries, 5, asked));
  });
});

test("all rows of few classes are read", async () => {
  const parted = new PartedIndex(await partsOf(6000));
  let asked = 0;
  for (let seed = 0; seed < QUERIES; seed++) {
    const query = queryOf(seed);
    const exact = await parted.predict(query, 5, { temperature: 0.5, seed, exact: true });
    const answer = await parted.predict(query, 5, { temperature: 0.5, seed });
    if (answer.choice === undefined) continue;
    const { choice, scored, ...others } = answer;
    expect(others).toEqual({ ...exact, scored: undefined });
    expect(scored).toBeGreaterThan(6000);
    expect(choice).toMatchObject({ scan: 6000, draws: 0, exact: true, expectedError: 0 });
    asked++;
  }
  expect(asked).toBeGreaterThan(3);
});
