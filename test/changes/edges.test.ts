import { expect, test } from "vitest";
import { applyChanges, savedChanges } from "../../src/changes/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";
import { type Base, bases } from "./catalogue.ts";

const query = (dim: number): Float32Array => randomRows(dim, 5).map((value) => 2 * value);

test("a file whose classes are all removed answers with what was added, or with nothing", async () => {
  for (const base of await bases()) {
    const { index } = await open(base.file, { maxDelta: 8 });
    applyChanges(index, { removals: base.labels });
    const asked = query(base.dim);
    expect(index.info.changes).toMatchObject({ classCount: 0, removedCount: base.itemCount, rowCount: 0 });
    expect(index.topK(asked, 5).ids).toHaveLength(0);
    expect(index.logPartition(asked, { exact: true }).logPartition).toBe(Number.NEGATIVE_INFINITY);
    applyChanges(index, addition(base, base.labels[0] === "0" ? String(base.itemCount) : "only"));
    const { ids, probabilities } = index.predict(asked, 5, { seed: 1 });
    expect([...ids]).toEqual([base.itemCount]);
    expect(probabilities[0]).toBeCloseTo(1, 6);
    for (const options of [{}, { exact: true }, { mixture: { uniform: 0.5 } }]) {
      expect([...index.sample(asked, 3, { ...options, seed: 1 }).ids]).toEqual(Array(3).fill(base.itemCount));
    }
    expect([...index.sampleTopK(asked, 2, { seed: 1 }).ids]).toEqual([base.itemCount]);
    expect(index.decode(asked, { seed: 1 }).id).toBe(base.itemCount);
  }
});

const addition = (base: Base, label: string) => ({
  upserts: { labels: [label], rows: randomRows(base.dim, 9), ...(base.biases && { biases: [0.5] }) },
});

test("a file without classes takes any row", async () => {
  const file = await buildIndex({ data: new Float32Array(0), shape: [0, 3] }, { labels: [] });
  const { index } = await open(file, { maxDelta: 8 });
  applyChanges(index, { upserts: { labels: ["b", "a"], rows: [100, 0, 0, 0, 200, 0] } });
  const { ids, scores } = index.topK([1, 2, 3], 5, { exact: true });
  expect(index.labels(ids)).toEqual(["a", "b"]);
  expect(Array.from(scores, Math.round)).toEqual([400, 100]);
  const { lower, upper } = index.logPartition([1, 2, 3], { exact: true });
  expect(lower).toBeLessThanOrEqual(400);
  expect(upper).toBeGreaterThanOrEqual(400);
});

test("added rows are scored beside the head, and take no part of its budget", async () => {
  const base = (await bases())[1] as Base; // it has no outliers of its own
  const { index } = await open(base.file, { maxDelta: 40 });
  const ask = (): number => index.predict(query(base.dim), 5, { scan: 32, draws: 0, seed: 1 }).scored;
  const before = ask();
  const labels = Array.from({ length: 40 }, (_, i) => `new ${i}`);
  const rows = randomRows(40 * base.dim, 11);
  applyChanges(index, { upserts: { labels, rows } });
  expect(ask()).toBe(before + 40);
});

test("a label that came and went has no logit, and its id is saved", async () => {
  const base = (await bases())[0] as Base;
  const { index } = await open(base.file, { maxDelta: 8 });
  applyChanges(index, addition(base, "gone"));
  applyChanges(index, { ...addition(base, "here"), removals: ["gone"] });
  const [gone, here] = [base.itemCount, base.itemCount + 1];
  // The kernels look up the logits that a call changes by the id at a position, which the place of removed labels lacks.
  const options = { bias: { ids: [0], values: [1] } };
  for (const proposal of ["buckets", "codes"] as const) {
    const logQ = index.logQ(query(base.dim), [gone, here], { ...options, proposal, scan: 4 });
    expect(logQ[0]).toBe(Number.NEGATIVE_INFINITY);
    expect(logQ[1]).toBeGreaterThan(-20);
  }
  const { index: restored } = await open(base.file, { maxDelta: 8 });
  applyChanges(restored, savedChanges(index));
  expect([...restored.idsOf(["here"])]).toEqual([here]);
});

test("masses by popularity are those of the biases in place", async () => {
  const base = (await bases())[3] as Base;
  const { index } = await open(base.file, { maxDelta: 64 });
  const labels = Array.from({ length: 12 }, (_, i) => `new ${i}`); // they fill the last block of masses
  const mixture = { popularity: { share: 0.9, power: 1 } };
  const ids = Array.from({ length: base.itemCount + 12 }, (_, id) => id);
  for (const bias of [-1.5, 1.5]) {
    applyChanges(index, { upserts: { labels, rows: randomRows(12 * base.dim, 11), biases: labels.map(() => bias) } });
    const logQ = index.logQ(query(base.dim), ids, { mixture });
    expect(logQ.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 5);
  }
});

test("bounds are those of the longest row", async () => {
  const file = await buildIndex({ data: new Float32Array(0), shape: [0, 3] }, { labels: [], rowType: "f32" });
  const { index } = await open(file, { maxDelta: 8 });
  const rows = [123456.7, 0.5, 98765.4, 123450.1, 77, -98760.2];
  applyChanges(index, { upserts: { labels: ["a", "b"], rows } });
  for (const asked of [
    [1234.5, 0.25, 3456.7],
    [-7654.3, 99.5, 1234.5],
  ]) {
    const stored = index.rows([0, 1]);
    const rounded = asked.map(Math.fround);
    const logits = [0, 1].map((id) =>
      rounded.reduce((sum, value, d) => sum + value * (stored[3 * id + d] as number), 0),
    );
    const { lower, upper } = index.logPartition(asked, { exact: true });
    expect(lower).toBeLessThanOrEqual(Math.max(...logits));
    expect(upper).toBeGreaterThanOrEqual(Math.max(...logits));
  }
});

test("changes that change nothing leave the bits of the file's answers", async () => {
  for (const base of await bases()) {
    const [{ index: plain }, { index: roomy }] = [await open(base.file), await open(base.file, { maxDelta: 8 })];
    const answers = (index: typeof plain) => [
      index.predict(query(base.dim), 9, { seed: 1 }),
      index.topK(query(base.dim), 9, { exact: true, exclude: [3] }),
      index.sample(query(base.dim), 9, { seed: 1, temperature: 0.5 }),
      index.logPartition(query(base.dim), { seed: 1 }),
    ];
    expect(answers(roomy)).toEqual(answers(plain));
    applyChanges(roomy, { removals: ["nobody"] });
    expect(roomy.info.changes).toMatchObject({ sequence: 1, classCount: base.itemCount });
    expect(answers(roomy)).toEqual(answers(plain));
    expect(savedChanges(roomy).length).toBeGreaterThan(0);
  }
});
