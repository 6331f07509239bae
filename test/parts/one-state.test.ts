import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { applyChanges } from "../../src/changes/index.ts";
import type { RecallCurve } from "../../src/format/recall-curve.ts";
import { partOf } from "../../src/parts/loaded-part.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import { randomRows } from "../train/rows.ts";
import { consecutive, idsTo, indexOf, type Table } from "./split.ts";
import { DIM, ITEM_COUNT, queries, TABLES } from "./tables.ts";

// Calls that ask their parts more than once, with changes applied between their questions.

const table: Table = {
  ...(TABLES["fine codes"] as Table),
  labels: (id) => `item ${id}`,
  limits: { maxDelta: 40, maxK: 512, maxScan: 512 },
};
/** So few codes that a filtered call finds too few classes, and asks again for all. */
const recallCurves: RecallCurve[] = [{ k: 10, points: [{ scan: 2, rescore: 2, recall: 0.99 }] }];

async function partedOf(): Promise<PartedIndex> {
  const indexes = await Promise.all(consecutive([100, 140]).map((ids) => indexOf(table, ids)));
  return new PartedIndex(
    indexes.map((index, number) => partOf(index, { number })),
    { recallCurves },
  );
}

const [query] = queries.slice(1) as [Float32Array];
const batched = Float32Array.of(...query, ...(queries[2] as Float32Array), ...query);

/** Returns a function that removes the best classes, adds others, and gives one that stays another row. */
async function changeOf(parted: PartedIndex): Promise<() => void> {
  const { ids } = await parted.topK(query, 6, { exact: true });
  const removals = await parted.labels(ids);
  const labels = ["item 7", "new 1", "new 2", "new 3"].filter((label) => !removals.includes(label));
  const rows = randomRows(labels.length * DIM, 9).map((value) => 2 * value);
  return () => void applyChanges(parted, { upserts: { labels, rows, biases: labels.map(() => 1) }, removals });
}

const diversity = { lambda: 0.4, pool: 20 };
const few = Array.from({ length: 12 }, (_, i) => 20 * i);
const exclude = idsTo(ITEM_COUNT).filter((id) => !few.includes(id));
const CALLS: Readonly<Record<string, (parted: PartedIndex) => Promise<unknown>>> = {
  "a nucleus": (parted) => parted.decode(query, { topP: 0.999, seed: 3, topLogProbabilities: 4 }),
  "a certain nucleus": (parted) => parted.decode(query, { topP: 0.9999, certain: true, seed: 3 }),
  "nuclei of a batch": (parted) => parted.decode(batched, { batch: 3, topP: 0.999, seed: 3 }),
  "a diverse topK": (parted) => parted.topK(query, 5, { exact: true, diversity }),
  "diverse predictions of a batch": (parted) => parted.predict(batched, 5, { batch: 3, seed: 3, diversity }),
  "a recall that needs all codes": (parted) => parted.topK(query, 9, { recall: 0.9, exclude }),
  "a recall that needs all codes for some of a batch": (parted) =>
    parted.topK(batched, 9, { recall: 0.9, batch: 3, conditions: [{ exclude }, {}, { exclude, temperature: 2 }] }),
  "a diverse recall": (parted) => parted.topK(query, 4, { recall: 0.9, exclude, diversity: { lambda: 0.4, pool: 10 } }),
};

describe.each(Object.entries(CALLS))("%s", (_, call) => {
  test("is of the classes before or after changes that come between its questions", async () => {
    const seen = new Set<string>();
    for (let steps = 0; steps < 24; steps++) {
      const parted = await partedOf();
      const before = await call(parted);
      const change = await changeOf(parted);
      const answer = call(parted);
      for (let step = 0; step < steps; step++) await Promise.resolve();
      change();
      const given = await answer;
      const after = await call(parted);
      expect(after).not.toEqual(before);
      expect([before, after], `${steps} steps`).toContainEqual(given);
      seen.add(isDeepStrictEqual(given, before) ? "before" : "after");
    }
    expect(seen).toContain("after");
  });
});
