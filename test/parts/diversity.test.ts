import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import type { Part } from "../../src/parts/part.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import { inTurn as takeTurns } from "../run/turns.ts";
import { encodeThrough } from "./encoded.ts";
import { consecutive, idsTo, indexOf, inParts, inTurn } from "./split.ts";
import { DIM, ITEM_COUNT, queries, SIZES, TABLES } from "./tables.ts";

// Diverse answers of parts against those of one index of all rows.

const CONDITIONS: readonly ConditionOptions[] = [
  {},
  { temperature: 0.4, exclude: [0, 3, 101, 239] },
  { allow: [5, 1, 230, 235, 7, 120] },
  { allow: [] },
];

const DIVERSITIES = [{}, { lambda: 0 }, { lambda: 0.8, pool: 60 }, { lambda: 1 }];

describe.each(Object.entries(TABLES))("%s", (_, table) => {
  test("the classes, scores and their order are those of one index, bit for bit, where the pool is exact", async () => {
    const whole = await indexOf(table, idsTo(ITEM_COUNT));
    for (const group of [...SIZES.map((sizes) => consecutive(sizes)), inTurn(ITEM_COUNT, 3)]) {
      const { routers } = await inParts(table, group);
      for (const [number, router] of routers.map(encodeThrough).entries()) {
        for (const query of queries) {
          for (const conditions of CONDITIONS) {
            for (const diversity of takeTurns(DIVERSITIES, 4, JSON.stringify([group, number, conditions]))) {
              const options = { exact: true, diversity, ...conditions } as const;
              expect(await router.topK(query, 9, options)).toMatchObject({
                ...whole.topK(query, 9, options),
                scored: expect.any(Number),
              });
              const found = await router.predict(query, 9, { ...options, seed: 1 });
              const { ids, scores, probabilities } = whole.predict(query, 9, { ...options, seed: 1 });
              expect([found.ids, found.scores]).toEqual([ids, scores]);
              for (const [i, probability] of probabilities.entries()) {
                expect(Math.abs((found.probabilities[i] as number) - probability)).toBeLessThan(2 ** -20);
              }
            }
          }
        }
      }
    }
  });

  test("one part alone is the index, bit for bit, in batches too", async () => {
    const whole = await indexOf({ ...table, limits: { maxK: 40 } }, idsTo(ITEM_COUNT));
    const { parted } = await inParts({ ...table, limits: { maxK: 40 } }, [idsTo(ITEM_COUNT)]);
    const batch = Float32Array.from(queries.flatMap((query) => [...query]));
    for (const diversity of [{ lambda: 0.3 }, { pool: 24 }]) {
      for (const effort of [{ scan: 10 }, { exact: true }, {}] as const) {
        const options = { ...effort, diversity };
        for (const query of queries) {
          expect(await parted.topK(query, 20, options)).toEqual(whole.topK(query, 20, options));
          expect(await parted.predict(query, 5, { ...options, seed: 2 })).toEqual(
            whole.predict(query, 5, { ...options, seed: 2 }),
          );
        }
        expect(await parted.topK(batch, 5, { ...options, batch: 3 })).toEqual(
          whole.topK(batch, 5, { ...options, batch: 3 }),
        );
      }
    }
  });
});

test("rows of one length less than four, and rows of zeros, have the cosines of the kernels", async () => {
  for (const dim of [1, 3, 13]) {
    const data = Float32Array.from({ length: 40 * dim }, (_, i) => (i < 2 * dim ? 0 : Math.fround(Math.sin(i * i))));
    for (const rowType of ["f32", "i8"] as const) {
      const table = { data, dim, options: { bits: 1, seed: 1, rowType } } as const;
      const whole = await indexOf(table, idsTo(40));
      const { parted } = await inParts(table, consecutive([15, 25]));
      const query = data.slice(7 * dim, 8 * dim);
      const options = { exact: true, diversity: { lambda: 0.2, pool: 40 } };
      expect((await parted.topK(query, 30, options)).ids).toEqual(whole.topK(query, 30, options).ids);
    }
  }
});

test("rows of the same codes and other scales are as alike as the kernels find them, so ties go to the same class", async () => {
  const [dim, directions] = [7, 5];
  const data = Float32Array.from({ length: 60 * dim }, (_, i) => {
    const [row, at] = [Math.floor(i / dim), i % dim];
    return (1 + row / 9) * Math.sin(7 * (row % directions) + at * at + 1);
  });
  const table = { data, dim, options: { bits: 1, seed: 1, rowType: "i8" } } as const;
  const whole = await indexOf(table, idsTo(60));
  const { parted } = await inParts(table, consecutive([25, 35]));
  for (const lambda of [0, 2 ** -40]) {
    const options = { exact: true, diversity: { lambda, pool: 60 } };
    const found = await parted.topK(data.slice(0, dim), 30, options);
    expect(found.ids).toEqual(whole.topK(data.slice(0, dim), 30, options).ids);
  }
});

test("a pool and its rows of two generations are not mixed", async () => {
  const { parts } = await inParts(TABLES["f32 rows"] as (typeof TABLES)[string], consecutive([100, 140]));
  const [first] = parts as [Part];
  let generation = "old";
  const changing: Part = {
    info: first.info,
    answer: async (question) => ({ ...(await first.answer(question)), generation }),
  };
  const parted = new PartedIndex([changing]);
  const query = queries[0] as Float32Array;
  expect((await parted.topK(query, 3, { diversity: {} })).ids).toHaveLength(3);
  const renewed: Part = {
    info: first.info,
    answer: async (question) => {
      const answer = await changing.answer(question);
      generation = "new";
      return answer;
    },
  };
  await expect(new PartedIndex([renewed]).topK(query, 3, { diversity: {} })).rejects.toThrow(
    'rows of the pool expected generation "old", got "new": ask again',
  );
});

test("bad options are refused with the words of one index", async () => {
  const table = TABLES["f32 rows"] as (typeof TABLES)[string];
  const whole = await indexOf(table, idsTo(ITEM_COUNT));
  const { parted } = await inParts(table, consecutive([100, 140]));
  const query = new Float32Array(DIM);
  for (const diversity of [{ lambda: 2 }, { pool: 9 }, { pool: 0.5 }, { pool: 65 }, { lamda: 1 }, []]) {
    const options = { diversity } as { diversity: { lambda: number } };
    let message = "";
    try {
      whole.topK(query, 10, options);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).not.toBe("");
    await expect(parted.topK(query, 10, options)).rejects.toThrow(message);
  }
});
