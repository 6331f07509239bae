import { expect, test } from "vitest";
import { applyChanges } from "../../src/changes/index.ts";
import { type Filter, load } from "../../src/index.ts";
import { build } from "../../src/train/index.ts";
import { randomRows } from "../train/rows.ts";

const [COUNT, DIM] = [60, 4];
const labels = Array.from({ length: COUNT }, (_, i) => `item ${i}`);
const stock = Array.from({ length: COUNT }, (_, i) => (i % 3 === 0 ? null : i % 2 === 0));

async function changedIndex(first: "filter" | "changes") {
  const file = await build(
    { data: randomRows(COUNT * DIM, 3), shape: [COUNT, DIM] },
    { labels, columns: { stock: { type: "boolean", values: stock } }, calibrate: "off", seed: 1 },
  );
  const index = await load(file, { maxDelta: 20 });
  if (first === "filter") index.topK(new Float32Array(DIM), 3, { filter: { stock: true } });
  applyChanges(index, {
    upserts: { labels: ["item 2", "new"], rows: new Float32Array([2, 0, 0, 0, 3, 0, 0, 0]) },
    removals: ["item 4"],
  });
  return index;
}

test.each(["filter", "changes"] as const)(
  "a class keeps its values in columns when its row changes, and one that changes add has none: %s first",
  async (first) => {
    const index = await changedIndex(first);
    const query = new Float32Array([1, 0, 0, 0]);
    const passing = (filter: Filter): string[] => {
      const { ids } = index.topK(query, COUNT + 1, { filter, exact: true });
      return index.labels(ids).toSorted();
    };
    const of = (passes: (i: number) => boolean): string[] => labels.filter((_, i) => i !== 4 && passes(i));
    expect(passing({ stock: true })).toEqual(of((i) => stock[i] === true).toSorted());
    expect(index.labels(index.topK(query, 1, { filter: { stock: true } }).ids)).toEqual(["item 2"]);
    expect(index.labels(index.topK(query, 1).ids)).toEqual(["new"]);
    expect(index.metadata(index.idsOf(["item 2", "new"]))).toEqual([{ stock: true }, {}]);
    const everything = index.predict(query, COUNT, { filter: { stock: true }, exact: true });
    const allowed = index.predict(query, COUNT, { allow: index.idsOf(passing({ stock: true })), exact: true });
    expect(everything.probabilities).toEqual(allowed.probabilities);
    const sum = index.predict(query, COUNT, { filter: { stock: false }, scan: 0, seed: 1 });
    expect(index.labels(sum.ids).every((label) => stock[labels.indexOf(label)] === false)).toBe(true);
  },
);

test("a filter that was asked before a change sees the values that it gives", async () => {
  const index = await changedIndex("changes");
  const query = new Float32Array([1, 0, 0, 0]);
  const inStock = (): string[] => index.labels(index.topK(query, COUNT, { filter: { stock: true }, exact: true }).ids);
  const upsert = (label: string, value: boolean) =>
    applyChanges(index, {
      upserts: { labels: [label], rows: new Float32Array([4, 0, 0, 0]), columns: { stock: [value] } },
    });
  expect(inStock()).toContain("item 2");
  upsert("item 2", false);
  expect(inStock()).not.toContain("item 2");
  upsert("another", true);
  expect(inStock().at(0)).toBe("another");
  upsert("item 2", true);
  expect(inStock()).toContain("item 2");
});
