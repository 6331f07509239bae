import { beforeAll, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { randomRows } from "../train/rows.ts";

const ITEM_COUNT = 16_000;
const DIM = 8;

/** Rows around 60 centres: a short query has a flat softmax over them, a long one a peaked one. */
let index: MultiIndex;
let peaked: Float32Array;
let flat: Float32Array;

beforeAll(async () => {
  const centres = randomRows(60 * DIM, 1);
  const noise = randomRows(ITEM_COUNT * DIM, 2);
  const data = noise.map((value, i) => {
    const centre = Math.floor(i / DIM) % 60;
    return 2 * (centres[centre * DIM + (i % DIM)] as number) + 0.5 * value;
  });
  const file = await buildIndex(
    { data, shape: [ITEM_COUNT, DIM] },
    { rowType: "f32", bits: 4, bias: randomRows(ITEM_COUNT, 3) },
  );
  index = (await open(file, { maxScan: 4096, maxDraws: 4096 })).index;
  peaked = centres.slice(0, DIM).map((value) => 6 * value);
  flat = randomRows(DIM, 9).map((value) => 2 * value);
});

test("a first head with nearly all of the mass is chosen", () => {
  const { choice, standardError } = index.logPartition(peaked, { scan: "auto", seed: 1 });
  expect(choice).toMatchObject({ proposal: "buckets", scan: 1024, exact: false });
  expect(choice?.headShare).toBeGreaterThan(0.9);
  expect(choice?.expectedError).toBeLessThanOrEqual(0.05);
  expect(choice?.expectedErrorAtDefault).toBeLessThanOrEqual(0.05);
  expect(standardError).toBeLessThanOrEqual(0.05);
});

test("all rows are scored if no head meets the target, and the answer says so", () => {
  const answer = index.predict(flat, 5, { scan: "auto", targetError: 1e-6, seed: 1 });
  expect(answer.choice).toMatchObject({ scan: ITEM_COUNT, exact: true, expectedError: 0 });
  expect(answer.choice).not.toHaveProperty("headShare"); // no head was looked at
  expect(answer.choice).not.toHaveProperty("expectedErrorAtDefault");
  expect(answer.exact).toBe(true);
  expect(answer.standardError).toBe(0);
  expect(answer.ids).toEqual(index.topK(flat, 5, { exact: true }).ids);
});

test("every target is met, a loose one with fewer rows, and the choice depends on the call alone", () => {
  for (const query of [peaked, flat]) {
    const scored = [10, 0.3, 0.05, 0.01, 0.001, 1e-6].map((targetError) => {
      const answer = index.logPartition(query, { scan: "auto", targetError, seed: 5 });
      expect(index.logPartition(query, { scan: "auto", targetError, seed: 5 })).toEqual(answer);
      expect(answer.standardError <= targetError || answer.choice?.exact).toBe(true);
      return answer.scored;
    });
    expect(scored[0]).toBeLessThan(ITEM_COUNT / 3);
    expect(scored.at(-1)).toBe(ITEM_COUNT); // below what rounding leaves, nothing is tried
  }
});

test("the answer is that of the chosen scan, with draws that the choice did not use", () => {
  const query = flat.map((value) => value / 2);
  const { choice, ...answer } = index.logPartition(query, { scan: "auto", targetError: 0.5, seed: 7 });
  expect(choice?.exact).toBe(false);
  expect(answer).toEqual(index.logPartition(query, { scan: choice?.scan ?? 0, seed: 7 }));
});

test("few answers are off by more than twice the target error", () => {
  const target = 0.04;
  const ids = Int32Array.from({ length: ITEM_COUNT }, (_, id) => id);
  let far = 0;
  let sampled = 0;
  for (let i = 0; i < 60; i++) {
    const query = randomRows(DIM, 100 + i).map((value) => ((i % 4) + 1) * value);
    const { logPartition, choice } = index.logPartition(query, {
      scan: "auto",
      targetError: target,
      draws: 200,
      seed: i,
    });
    if (!choice?.exact) sampled++;
    if (Math.abs(logPartition - logSumExp(index.score(query, ids))) > 2 * target) far++;
  }
  expect(sampled).toBeGreaterThan(20);
  expect(far).toBeLessThanOrEqual(3);
});

test("conditions are respected, and without draws all rows are scored", () => {
  const exclude = Array.from({ length: 500 }, (_, i) => 7 * i);
  const answer = index.predict(peaked, 3, { scan: "auto", exclude, temperature: 1.5, seed: 2 });
  expect(answer.ids.every((id) => !exclude.includes(id))).toBe(true);
  expect(index.logPartition(flat, { scan: "auto", draws: 0 }).choice?.exact).toBe(true);
});

describe("fine codes of many classes with a diffuse head", () => {
  const COUNT = 200_010;
  const query = randomRows(4, 7).map((value) => 2 * value);
  const ids = Int32Array.from({ length: COUNT }, (_, id) => id);
  let file: Uint8Array<ArrayBuffer>;
  let coded: MultiIndex;

  beforeAll(async () => {
    let state = 1;
    const data = Float32Array.from({ length: COUNT * 4 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return state / 2 ** 31;
    });
    file = await buildIndex({ data, shape: [COUNT, 4] }, { bits: 2, rowType: "f16", fineCodes: true });
    coded = (await open(file, { maxScan: 65536, maxDraws: 100 })).index;
  });

  test("are not needed where more draws do", async () => {
    const { choice, standardError } = (await open(file)).index.predict(query, 5, { scan: "auto", seed: 3 });
    expect(choice).toMatchObject({ proposal: "buckets", exact: false });
    expect(choice?.draws).toBeGreaterThan(100);
    expect(standardError).toBeLessThanOrEqual(0.05);
  });

  test("are not tried as a proposal, as all rows take little longer", () => {
    const { choice, scored } = coded.logPartition(query, { scan: "auto", seed: 3 });
    expect(choice).toMatchObject({ proposal: "buckets", exact: true, scan: COUNT });
    expect(choice?.expectedErrorAtDefault).toBeGreaterThan(0.05);
    expect(scored).toBeGreaterThan(COUNT); // a head was scored first, but nothing was drawn from its tail
    expect(scored).toBeLessThan(COUNT + 2000);
  });

  test("leave it to all rows if the target is missed, or if a filter leaves few classes", () => {
    const sharp = coded.logPartition(query, { scan: "auto", targetError: 0.001, seed: 3 });
    expect(sharp.choice).toMatchObject({ scan: COUNT, exact: true });
    const { choice } = coded.logPartition(query, { scan: "auto", exclude: ids.subarray(0, 11), seed: 3 });
    expect(choice).toMatchObject({ proposal: "buckets", scan: COUNT - 11, exact: true });
  });
});

test("a target for the error chooses the head as auto does", () => {
  for (const targetError of [0.5, 0.001]) {
    expect(index.predict(flat, 5, { targetError, seed: 3 })).toEqual(
      index.predict(flat, 5, { scan: "auto", targetError, seed: 3 }),
    );
  }
});
