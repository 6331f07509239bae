import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import { inTurn as takeTurns } from "../run/turns.ts";
import { consecutive, idsTo, indexOf, inParts, inTurn } from "./split.ts";
import { ITEM_COUNT, queries, SIZES, TABLES } from "./tables.ts";

// Exact answers of parts against those of one index of all rows.

const bitmap = new Uint8Array(ITEM_COUNT / 8).fill(0b10110101);

/** Conditions that touch every part, some parts, or leave a part without a class. */
const CONDITIONS: Readonly<Record<string, ConditionOptions>> = {
  none: {},
  temperature: { temperature: 0.4 },
  exclude: { exclude: [0, 3, 101, 102, 239] },
  allow: { allow: [5, 1, 230, 235, 7] },
  bitmap: { allow: { bitmap }, temperature: 2 },
  bias: { bias: { ids: [7, 120, 200, 201], values: [3, -2, 1, Number.NEGATIVE_INFINITY] } },
  penalties: { history: [1, 1, 130, 239], repetitionPenalty: 1.3, presencePenalty: 0.2, frequencyPenalty: 0.1 },
  "all left out": { allow: [] },
};

describe.each(Object.entries(TABLES))("%s", (_, table) => {
  const groups = [...SIZES.map((sizes) => consecutive(sizes)), inTurn(ITEM_COUNT, 3)];

  test("the best classes are those of one index, bit for bit, and exact log Z is within 2^-20", async () => {
    const whole = await indexOf(table, idsTo(ITEM_COUNT));
    for (const group of groups) {
      const { routers } = await inParts(table, group);
      for (const [number, router] of routers.entries()) {
        for (const [name, conditions] of Object.entries(CONDITIONS)) {
          for (const query of queries) {
            const message = `${group.map((ids) => ids.length)}, ${name}`;
            for (const k of takeTurns([1, 12, 64], 3, `${message}, ${number}, ${query}`)) {
              const best = whole.topK(query, k, { exact: true, ...conditions });
              const found = await router.topK(query, k, { exact: true, ...conditions });
              expect(found.ids, message).toEqual(best.ids);
              expect(found.scores, message).toEqual(best.scores);
              expect(found.exact, message).toBe(true);
            }
            const exactly = whole.logPartition(query, { exact: true, ...conditions });
            const sum = await router.logPartition(query, { exact: true, ...conditions });
            if (exactly.logPartition === Number.NEGATIVE_INFINITY) expect(sum).toEqual({ ...exactly, seed: sum.seed });
            else expect(Math.abs(sum.logPartition - exactly.logPartition), message).toBeLessThan(2 ** -20);
            expect(sum.lower, message).toBeLessThanOrEqual(exactly.logPartition);
            expect(sum.upper, message).toBeGreaterThanOrEqual(exactly.logPartition);
            expect(sum, message).toMatchObject({
              standardError: exactly.standardError,
              calibrated: true,
              lowEss: false,
            });
          }
        }
      }
    }
  });

  test("scores and probabilities of named classes come in their order", async () => {
    const whole = await indexOf(table, idsTo(ITEM_COUNT));
    const ids = [239, 0, 100, 5, 5, 101, 60];
    for (const group of groups) {
      const { parted } = await inParts(table, group);
      const [query] = queries as [Float32Array];
      expect(await parted.score(query, ids)).toEqual(whole.score(query, ids));
      for (const conditions of Object.values(CONDITIONS)) {
        const all = whole.logProbability(query, ids, { exact: true, ...conditions });
        const named = await parted.logProbability(query, ids, { exact: true, ...conditions });
        for (const [i, log] of all.logProbabilities.entries()) {
          const found = named.logProbabilities[i] as number;
          if (log === Number.NEGATIVE_INFINITY) expect(found).toBe(log);
          else expect(Math.abs(found - log)).toBeLessThan(2 ** -20);
        }
      }
    }
  });

  test("certain bounds hold where parts are sampled, with a tolerance too", async () => {
    const whole = await indexOf(table, idsTo(ITEM_COUNT));
    const { parted } = await inParts(table, consecutive([100, 140]));
    for (const query of queries) {
      for (const temperature of [0.5, 1]) {
        const exact = whole.logPartition(query, { exact: true, temperature }).logPartition;
        for (const tolerance of [undefined, 0.5, 0.001]) {
          const limit = tolerance === undefined ? {} : { tolerance };
          const answer = await parted.logPartition(query, { scan: 8, draws: 20, seed: 1, temperature, ...limit });
          expect(answer.lower).toBeLessThanOrEqual(exact);
          expect(answer.upper).toBeGreaterThanOrEqual(exact);
          expect(answer.logPartition).toBeGreaterThanOrEqual(answer.lower);
          expect(answer.logPartition).toBeLessThanOrEqual(answer.upper);
          if (tolerance !== undefined) expect(answer.upper - answer.lower).toBeLessThanOrEqual(tolerance + 2 ** -30);
        }
      }
    }
  });

  test("one part alone is the index, bit for bit, in every call", async () => {
    const whole = await indexOf(table, idsTo(ITEM_COUNT));
    const { parted } = await inParts(table, [idsTo(ITEM_COUNT)]);
    const twice = new PartedIndex([parted]);
    const ids = [0, 7, 200];
    for (const alone of [parted, twice]) {
      for (const query of queries) {
        for (const conditions of Object.values(CONDITIONS)) {
          const efforts = [{}, { scan: 10 }, { exact: true } as const];
          for (const effort of takeTurns(efforts, 3, JSON.stringify([conditions, query, alone === twice]))) {
            const options = { ...effort, ...conditions };
            const seeded = { ...options, seed: 5 };
            expect(await alone.topK(query, 9, options)).toEqual(whole.topK(query, 9, options));
            expect(await alone.predict(query, 9, seeded)).toEqual(whole.predict(query, 9, seeded));
            expect(await alone.logPartition(query, seeded)).toEqual(whole.logPartition(query, seeded));
            expect(await alone.logProbability(query, ids, seeded)).toEqual(whole.logProbability(query, ids, seeded));
            expect(await alone.sample(query, 30, seeded)).toEqual(whole.sample(query, 30, seeded));
            expect(await alone.sampleTopK(query, 9, seeded)).toEqual(whole.sampleTopK(query, 9, seeded));
            expect(await alone.slateLogProbability(query, ids, options)).toEqual(
              whole.slateLogProbability(query, ids, options),
            );
          }
          const seeded = { ...conditions, scan: "auto", targetError: 0.02, seed: 5 } as const;
          expect(await alone.predict(query, 9, seeded)).toEqual(whole.predict(query, 9, seeded));
          expect(await alone.logPartition(query, seeded)).toEqual(whole.logPartition(query, seeded));
          expect(await alone.logQ(query, ids, { ...conditions, scan: 10 })).toEqual(
            whole.logQ(query, ids, { ...conditions, scan: 10 }),
          );
        }
        expect(await alone.score(query, ids)).toEqual(whole.score(query, ids));
      }
      const batch = Float32Array.of(...queries.flatMap((query) => Array.from(query)));
      const many = { batch: 3, seed: 1, conditions: [{}, { temperature: 0.5 }, { exclude: [1] }] };
      expect(await alone.predict(batch, 4, many)).toEqual(whole.predict(batch, 4, many));
    }
  });
});

test("the proposal by fine codes is answered by one part alone as by the index", async () => {
  const table = TABLES["fine codes"] as (typeof TABLES)[string];
  const whole = await indexOf(table, idsTo(ITEM_COUNT));
  const { parted } = await inParts(table, [idsTo(ITEM_COUNT)]);
  for (const query of queries) {
    const options = { proposal: "codes", scan: 12, seed: 2 } as const;
    expect(await parted.predict(query, 9, options)).toEqual(whole.predict(query, 9, options));
    expect(await parted.logPartition(query, options)).toEqual(whole.logPartition(query, options));
    expect(await parted.sample(query, 9, options)).toEqual(whole.sample(query, 9, options));
    const rescored = { rescore: 12, scan: 100 };
    expect(await parted.topK(query, 9, rescored)).toEqual(whole.topK(query, 9, rescored));
    expect(await parted.topK(query, 9, { recall: 0.9 })).toEqual(whole.topK(query, 9, { recall: 0.9 }));
  }
});
