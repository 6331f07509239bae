import { beforeAll, expect, test } from "vitest";
import { load, type MultiIndex } from "../../src/index.ts";
import { openedOf } from "../../src/parts/opened-of.ts";
import { build } from "../../src/train/index.ts";
import { randomRows } from "../train/rows.ts";

// Kernels return addresses, which JavaScript reads as signed numbers. Room for changes moves the last regions beyond 2 GiB; hardly
// any of that memory is touched.

const [COUNT, DIM] = [2000, 64];
const query = randomRows(DIM, 3);
let small: MultiIndex;
let large: MultiIndex;
beforeAll(async () => {
  const file = await build({ data: randomRows(COUNT * DIM, 1), shape: [COUNT, DIM] }, { seed: 1, fineCodes: true });
  small = await load(file);
  large = await load(file, { maxDelta: 24_000_000, maxBytes: 2 ** 32 });
}, 120_000);

test("the regions that kernels list positions in lie beyond 2 GiB", () => {
  const { drawPositions } = openedOf(large).plan.regions;
  expect(drawPositions).toBeGreaterThan(2 ** 31);
});

const few = [3, 17, 99, 1500];
const most = Array.from({ length: 1900 }, (_, id) => id);
test.each<readonly [string, (index: MultiIndex) => unknown]>([
  ["topK", (index) => index.topK(query, 10)],
  ["exact topK", (index) => index.topK(query, 10, { exact: true })],
  ["predict", (index) => index.predict(query, 10, { seed: 1 })],
  ["exact predict", (index) => index.predict(query, 10, { exact: true, seed: 1 })],
  ["few classes", (index) => index.predict(query, 3, { allow: few, seed: 1 })],
  ["most classes", (index) => index.predict(query, 3, { allow: most, seed: 1 })],
  ["by fine codes", (index) => index.predict(query, 10, { proposal: "codes", seed: 1 })],
  ["logPartition", (index) => index.logPartition(query, { exact: true, seed: 1 })],
  ["draws", (index) => index.sample(query, 20, { seed: 1 })],
  ["exact draws", (index) => index.sample(query, 20, { exact: true, seed: 1 })],
  ["distinct draws", (index) => index.sampleTopK(query, 20, { exact: true, seed: 1 })],
  ["decode", (index) => index.decode(query, { topP: 0.9, certain: true, seed: 1 })],
])("%s has the bits of an index in less memory", (_, answer) => {
  expect(answer(large)).toEqual(answer(small));
});
