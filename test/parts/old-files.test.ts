import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { partOf } from "../../src/parts/loaded-part.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";

// Files of format 1.0, whose bars the draws alone make (docs/method.md, 4), as parts.

const file = (name: string) => readFileSync(new URL(`../golden/format-1.0/${name}.midx`, import.meta.url));

test.each(["rq-i8-bias-codes", "pq-f16-cosine-codes"])("two files of format 1.0 answer as one: %s", async (name) => {
  const { index } = await open(Uint8Array.from(file(name)));
  const { dim } = index.info;
  const parted = new PartedIndex([partOf(index), partOf(index, { number: 1 })]);
  const alone = new PartedIndex([partOf(index)]);
  const seeds = Array.from({ length: 400 }, (_, seed) => seed);
  const query = randomRows(dim, 3).map((value) => 2 * value);
  const options = { scan: 8, draws: 40 };
  for (const seed of seeds.slice(0, 5)) {
    expect(await alone.predict(query, 5, { ...options, seed })).toEqual(index.predict(query, 5, { ...options, seed }));
  }
  const exact = index.logPartition(query, { exact: true }).logPartition + Math.LN2;
  const merged = await parted.logPartition(query, { exact: true });
  expect(Math.abs(merged.logPartition - exact)).toBeLessThan(2 ** -20);
  let [sum, square, covered, trusted] = [0, 0, 0, 0];
  for (const seed of seeds) {
    const answer = await parted.predict(query, 5, { ...options, seed });
    const error = Math.exp(answer.logPartition - exact) - 1;
    expect(answer).toMatchObject({ calibrated: false, modelError: 0 });
    sum += error;
    square += error * error;
    if (answer.lowEss) continue;
    trusted++;
    if (Math.abs(answer.logPartition - exact) <= 1.96 * answer.standardError) covered++;
  }
  expect(Math.abs(sum / seeds.length)).toBeLessThanOrEqual((5 * Math.sqrt(square)) / seeds.length + 1e-6);
  expect(covered).toBeGreaterThanOrEqual(0.93 * trusted);
});

test("an estimate without draws has no standard error", async () => {
  const { index } = await open(Uint8Array.from(file("rq-i8-bias-codes")));
  const parted = new PartedIndex([partOf(index), partOf(index, { number: 1 })]);
  const query = randomRows(index.info.dim, 3);
  const answer = await parted.predict(query, 5, { scan: 4, draws: 0, seed: 1 });
  const own = index.predict(query, 5, { scan: 2, draws: 0, seed: 1 });
  expect(own.standardError).toBe(Number.POSITIVE_INFINITY);
  expect(answer.standardError).toBe(Number.POSITIVE_INFINITY);
  expect(answer).toMatchObject({ lowEss: true, calibrated: false, effectiveSampleSize: 0 });
});
