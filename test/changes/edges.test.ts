import { expect, test } from "vitest";
import { applyChanges, savedChanges } from "../../src/changes/index.ts";
import { buildIndex } from "../build-index.ts";
import { open } from "../open.ts";
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
