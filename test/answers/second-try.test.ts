import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Estimated } from "../../src/answers/answers.ts";
import { costOf, costOfAll, MOST_TIMES } from "../../src/answers/next-effort.ts";
import type { ConditionOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { Kernels } from "../../src/memory/kernels.ts";
import type { OpenedIndex } from "../../src/memory/opened-index.ts";
import { partOf } from "../../src/parts/loaded-part.ts";
import type { Question } from "../../src/parts/question.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";

// A default answer that is flagged is made again with more effort. Rows are long, so that all of them cost more than a few heads.

const [N, DIM] = [10_000, 256];
const FIRST = { scan: 1024, draws: 100 };
const CONDITIONS: Record<string, ConditionOptions> = {
  "no conditions": {},
  "classes left out": { exclude: Int32Array.from({ length: 300 }, (_, i) => 3 * i) },
  "changed logits": { bias: { ids: [4, 999, 7000], values: [2, -3, Number.NEGATIVE_INFINITY] }, history: [5, 5, 8] },
};

let index: MultiIndex;
let opened: OpenedIndex;
const direction = randomRows(DIM, 50);
/** A query whose default answer is trusted, one for which more draws and a larger head help, and one that needs all rows. */
const easy = direction.map((value) => 0.05 * value);
const hard = direction.map((value) => 0.16 * value);
const hopeless = direction.map((value) => 0.8 * value);

beforeAll(async () => {
  const centres = randomRows(200 * DIM, 1);
  const data = randomRows(N * DIM, 2).map((value, i) => {
    const centre = Math.floor(i / DIM) % 200;
    return (centres[centre * DIM + (i % DIM)] as number) + 0.7 * value;
  });
  const file = await buildIndex({ data, shape: [N, DIM] }, { bits: 3, calibrate: "off" });
  ({ index, opened } = await open(file, { maxScan: 8192, maxDraws: 4096 }));
});

const NAMED = [0, 17, 9999];
const CALLS = {
  predict: (query, options) => index.predict(query, 5, options),
  logPartition: (query, options) => index.logPartition(query, options),
  logProbability: (query, options) => index.logProbability(query, NAMED, options),
} as const satisfies Record<string, (query: Float32Array, options: object) => Estimated>;

describe.each(Object.entries(CALLS))("%s", (name, call) => {
  test.each(Object.entries(CONDITIONS))("is tried again if it is flagged: %s", (_, conditions) => {
    const first = call(hard, { ...conditions, scan: FIRST.scan, seed: 3 });
    expect(first.lowEss).toBe(true);
    const { choice, ...again } = call(hard, { ...conditions, seed: 3 });
    expect(again.lowEss).toBe(false);
    expect(choice).toMatchObject({ proposal: "buckets", exact: false });
    expect(choice?.scan).toBeGreaterThanOrEqual(FIRST.scan);
    expect(choice?.draws).toBeGreaterThanOrEqual(FIRST.draws);
    expect(choice?.expectedErrorAtDefault).toBeGreaterThan(choice?.expectedError as number);
    // It is the answer to a call with the effort that was chosen.
    const { scan, draws } = choice as { scan: number; draws: number };
    const asked = call(hard, { ...conditions, scan, draws, seed: 3 });
    const named = name === "logProbability" ? NAMED.length : 0; // these rows are read once
    expect(again).toEqual({ ...asked, scored: first.scored + asked.scored - named });
    expect(costOf(opened, { scan, draws })).toBeLessThan(MOST_TIMES * costOf(opened, FIRST));
  });

  test("is left alone if it is trusted", () => {
    expect(call(easy, { seed: 3 }).lowEss).toBe(false);
    expect(call(easy, { seed: 3 })).toEqual(call(easy, { ...FIRST, seed: 3 }));
  });

  test.each(Object.entries(CONDITIONS))("is made from all rows if nothing cheaper helps: %s", (_, conditions) => {
    expect(costOfAll(opened)).toBeGreaterThan(MOST_TIMES * costOf(opened, FIRST));
    const first = call(hopeless, { ...conditions, ...FIRST, seed: 3 });
    expect(first.lowEss).toBe(true);
    const { scored, choice, ...again } = call(hopeless, { ...conditions, seed: 3 });
    expect(choice).toMatchObject({ draws: 0, exact: true, expectedError: 0 });
    const { scored: all, ...exact } = call(hopeless, { ...conditions, exact: true, seed: 3 });
    expect(again).toEqual(exact);
    const named = name === "logProbability" ? NAMED.length : 0; // these rows are read once
    expect(scored).toBe(first.scored + all - named);
  });

  test("is tried once where the caller says how", () => {
    for (const effort of [{ scan: 1024 }, { scan: 0 }, { draws: 1 }, { draws: 0 }]) {
      expect(call(hard, { ...effort, seed: 3 })).not.toHaveProperty("choice");
    }
    expect(call(hard, { draws: 50, seed: 3 }).choice?.draws).toBeGreaterThanOrEqual(50);
  });
});

test("more draws from the same head are made where they are enough, and the rows of the head count once", () => {
  const query = hard.map((value) => 0.8 * value);
  for (const call of [CALLS.predict, CALLS.logProbability]) {
    const first = call(query, { scan: FIRST.scan, seed: 3 });
    const { choice, ...again } = call(query, { seed: 3 });
    expect([first.lowEss, again.lowEss, choice?.scan]).toEqual([true, false, FIRST.scan]);
    const { draws } = choice as { draws: number };
    expect(again).toEqual({ ...call(query, { scan: FIRST.scan, draws, seed: 3 }), scored: first.scored + draws });
  }
});

test.each(Object.entries(CONDITIONS))("second answers are those of their effort: %s", (_, conditions) => {
  let [byHeads, byDraws] = [0, 0];
  for (let strength = 0.06; strength < 0.4; strength *= 1.07) {
    const query = direction.map((value) => strength * value);
    const { choice, logPartition, standardError } = index.predict(query, 5, { ...conditions, seed: 3 });
    if (choice === undefined || choice.exact) continue;
    if (choice.scan === FIRST.scan) byDraws++;
    else byHeads++;
    const asked = index.predict(query, 5, { ...conditions, scan: choice.scan, draws: choice.draws, seed: 3 });
    expect({ logPartition, standardError }, `strength ${strength}`).toEqual({
      logPartition: asked.logPartition,
      standardError: asked.standardError,
    });
  }
  expect(byHeads).toBeGreaterThan(2);
  expect(byDraws).toBeGreaterThan(0);
});

describe("where most answers of the calibration were flagged", () => {
  /** Answers as an index does whose calibration flagged this share. */
  function flagged<T>(share: number, answer: () => T): T {
    const { errorBars } = opened;
    opened.errorBars = { ...errorBars, flagged: share };
    try {
      return answer();
    } finally {
      opened.errorBars = errorBars;
    }
  }

  test("draws that the dispersions flag beforehand are not made", () => {
    const all = index.predict(hopeless, 5, { exact: true, seed: 3 }).scored;
    const head = index.predict(hopeless, 5, { ...FIRST, draws: 0, seed: 3 }).scored;
    const [few, most] = [0.5, 0.51].map((share) => flagged(share, () => index.predict(hopeless, 5, { seed: 3 })));
    expect(few?.scored).toBe(head + FIRST.draws + all);
    expect(most).toEqual({ ...few, scored: head + all });
    const joined = Float32Array.from([...hopeless, ...easy]);
    const batch = flagged(0.6, () => index.predict(joined, 5, { batch: 2, seed: 3 }));
    expect(batch).toEqual([most, index.predict(easy, 5, { seed: 3 })]);
  });

  test("a single draw is made, as it is not tried again", () => {
    const call = { draws: 1, seed: 3 };
    expect(flagged(0.6, () => index.predict(hopeless, 5, call))).toEqual(index.predict(hopeless, 5, call));
  });

  test("answers that are trusted are the same, and others are those of their effort", () => {
    const found = { trusted: 0, byHeads: 0, byDraws: 0, exact: 0 };
    for (let strength = 0.02; strength < 0.8; strength *= 1.07) {
      const query = direction.map((value) => strength * value);
      for (const seed of [3, 4]) {
        const first = index.predict(query, 5, { ...FIRST, seed });
        const { choice, scored, ...answer } = flagged(0.6, () => index.predict(query, 5, { seed }));
        if (!first.lowEss) {
          found.trusted++;
          expect({ choice, scored, ...answer }).toEqual(first);
          continue;
        }
        const { scan, draws, exact } = choice as { scan: number; draws: number; exact: boolean };
        found[exact ? "exact" : scan === FIRST.scan ? "byDraws" : "byHeads"]++;
        const { scored: _, ...asked } = index.predict(query, 5, { seed, ...(exact ? { exact } : { scan, draws }) });
        expect(answer).toEqual(asked);
      }
    }
    expect(Math.min(...Object.values(found)), JSON.stringify(found)).toBeGreaterThan(0);
  });
});

test("no larger head is looked at where it would be in vain", () => {
  const looks = vi.spyOn(opened.kernels as Kernels, "proposeTail");
  try {
    index.predict(hopeless, 5, { seed: 3 });
    expect(looks).toHaveBeenCalledTimes(1);
    const far = direction.map((value) => 3 * value);
    expect(index.predict(far, 5, { seed: 3 }).choice?.exact).toBe(true);
    expect(looks).toHaveBeenCalledTimes(1);
  } finally {
    looks.mockRestore();
  }
});

test("a bitmap thins out both tries, or neither", () => {
  const bitmap = new Uint8Array(Math.ceil(N / 8)).fill(0xff);
  for (let id = 0; id < N; id += 9) (bitmap[id >> 3] as number) &= ~(1 << (id & 7));
  const keptHead = new Set<boolean>();
  for (const conditions of [CONDITIONS["classes left out"], { allow: { bitmap } }]) {
    for (const [seed, part] of [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1].entries()) {
      const query = hard.map((value) => part * value);
      // Fewer than 32 draws are not thinned out, and more of them would be.
      for (const draws of [12, 31, 32, 100]) {
        for (const call of [CALLS.predict, CALLS.logProbability]) {
          const { choice, scored: _, ...again } = call(query, { ...conditions, draws, seed });
          if (choice === undefined) continue;
          if (choice.exact) {
            const { logPartition, standardError } = call(query, { ...conditions, exact: true });
            expect(again).toMatchObject({ logPartition, standardError });
            continue;
          }
          expect(draws).toBeGreaterThanOrEqual(32);
          keptHead.add(choice.scan === FIRST.scan);
          const { scored: __, ...asked } = call(query, {
            ...conditions,
            scan: choice.scan,
            draws: choice.draws,
            seed,
          });
          expect(again).toEqual(asked);
        }
      }
    }
    const queries = [hard, easy, hard.map((value) => 0.6 * value), hopeless, easy];
    const joined = Float32Array.from(queries.flatMap((query) => [...query]));
    for (const draws of [20, 100]) {
      const options = { ...conditions, draws, seed: 3 };
      const singles = queries.map((query) => index.predict(query, 5, options));
      expect(index.predict(joined, 5, { ...options, batch: queries.length })).toEqual(singles);
    }
  }
  expect([...keptHead].sort()).toEqual([false, true]);
});

test("all rows are scored where they cost little more than a head", async () => {
  const few = { data: randomRows(6000 * 8, 5), shape: [6000, 8] as const };
  const { index: small } = await open(await buildIndex(few, { bits: 3, calibrate: "off" }), { maxScan: 64 });
  const query = randomRows(8, 6).map((value) => 4 * value);
  const first = small.predict(query, 5, { scan: 64, seed: 1 });
  expect(first.lowEss).toBe(true);
  const { scored, choice, ...again } = small.predict(query, 5, { seed: 1 });
  expect(choice).toMatchObject({ scan: 6000, draws: 0, exact: true, expectedError: 0 });
  const { scored: all, ...exact } = small.predict(query, 5, { exact: true, seed: 1 });
  expect(again).toEqual(exact);
  expect(scored).toBe(first.scored + all);
});

test("a part has the terms of the answer that it gives", async () => {
  const question: Question = {
    call: "predict",
    query: hopeless,
    size: 5,
    ids: new Int32Array(0),
    options: { seed: 3n },
  };
  for (const query of [hard, hopeless]) {
    const { choice, scored: _, ...answer } = index.predict(query, 5, { seed: 3 });
    const part = await partOf(index).answer({ ...question, query });
    const { scan, draws } = choice ?? FIRST;
    const effort = choice?.exact ? { exact: true } : { scan, draws };
    const asked = await partOf(index).answer({ ...question, query, options: { seed: 3n, ...effort } });
    expect(part.estimate?.terms).toEqual(asked.estimate?.terms);
    expect(part.estimate).toMatchObject({ logPartition: answer.logPartition, standardError: answer.standardError });
  }
});

test("a second answer that is flagged as well gives way to all rows, and all three count", () => {
  let count = 0;
  for (let strength = 0.2; strength < 0.8; strength *= 1.03) {
    const query = direction.map((value) => strength * value);
    const first = index.predict(query, 5, { ...FIRST, seed: 3 });
    const { choice, scored, ...again } = index.predict(query, 5, { seed: 3 });
    if (!choice?.exact || scored === first.scored + N) continue;
    count++;
    expect(scored).toBeGreaterThan(first.scored + N);
    const { scored: _, ...exact } = index.predict(query, 5, { exact: true, seed: 3 });
    expect(again).toEqual(exact);
  }
  expect(count).toBeGreaterThan(0);
});

test("in a batch, and after other calls, answers are those of single calls", () => {
  const queries = [hard, easy, hopeless, hard.map((value) => 0.9 * value), easy.map((value) => -value), hard];
  const joined = Float32Array.from(queries.flatMap((query) => [...query]));
  const batch = { batch: queries.length, seed: 3 };
  const singles = queries.map((query) => index.predict(query, 5, { seed: 3 }));
  expect(singles.some(({ choice }) => choice !== undefined)).toBe(true);
  expect(index.predict(joined, 5, batch)).toEqual(singles);
  expect(index.logPartition(joined, batch)).toEqual(queries.map((query) => index.logPartition(query, { seed: 3 })));
});

test("a file of format 1.0 is tried once", async () => {
  const file = readFileSync(new URL("../golden/format-1.0/rq-f32-bias.midx", import.meta.url));
  const { index: old } = await open(file);
  const query = randomRows(old.info.dim, 1).map((value) => 9 * value);
  for (const options of [{ scan: 1, draws: 2 }, {}])
    expect(old.predict(query, 3, options)).not.toHaveProperty("choice");
});
