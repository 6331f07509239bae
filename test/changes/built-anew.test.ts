import { expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";
import { type Base, bases, classesAfter, type Entry, openChanged } from "./catalogue.ts";

/** Replaces, removes and adds classes. */
function logOf(base: Base): Entry[] {
  const hasLabels = base.labels[0] !== "0";
  const entry = (label: string, seed: number): Entry => ({
    label,
    row: randomRows(base.dim, seed).map((value) => 1.2 * value),
    bias: (seed % 7) / 7,
  });
  const fresh = (i: number): string => (hasLabels ? `new ${9 - i}` : String(base.itemCount + i));
  return [
    ...Array.from({ length: 9 }, (_, i) => entry(base.labels[3 * i] as string, 500 + i)),
    ...Array.from({ length: 9 }, (_, i) => entry(fresh(i), 600 + i)),
    ...[1, 2, 3, 30].map((i) => ({ label: base.labels[i] as string })),
    { label: fresh(2) },
    entry(fresh(4), 700),
  ];
}

/** The index that a build of the changed table gives, with the labels of its classes. */
async function builtAnew(base: Base, log: readonly Entry[]): Promise<{ index: MultiIndex; labels: string[] }> {
  const live = [...classesAfter(base, log)];
  const rows = live.flatMap(([, { id, entry }]) =>
    Array.from(entry?.row ?? base.rows.subarray(id * base.dim, (id + 1) * base.dim)),
  );
  const bias = base.biases && live.map(([, { id, entry }]) => entry?.bias ?? (base.biases?.[id] as number));
  const file = await buildIndex(
    { data: Float32Array.from(rows), shape: [live.length, base.dim] },
    { ...base.options, ...(bias && { bias }), seed: 3 },
  );
  const { index } = await open(file, { maxK: 1024 });
  return { index, labels: live.map(([label]) => label) };
}

test("the best classes have the scores of an index built anew, bit for bit, and log Z is as close as sums are", async () => {
  for (const base of await bases()) {
    const log = logOf(base);
    const { index } = await openChanged(base, { maxScan: 1024, build: "release" }, log);
    const anew = await builtAnew(base, log);
    const labelById = new Map([...classesAfter(base, log)].map(([label, { id }]) => [id, label]));
    for (let seed = 0; seed < 8; seed++) {
      const query = randomRows(base.dim, seed).map((value) => 2 * value);
      const all = { exact: true } as const;
      const scores = ({ ids, scores }: { ids: Int32Array; scores: Float32Array }, labels: (id: number) => string) =>
        Object.fromEntries(Array.from(ids, (id, i) => [labels(id), scores[i]]));
      const changed = index.topK(query, 1024, all);
      const built = anew.index.topK(query, 1024, all);
      expect(changed.ids).toHaveLength(anew.labels.length);
      expect(scores(changed, (id) => labelById.get(id) as string)).toEqual(
        scores(built, (id) => anew.labels[id] as string),
      );
      for (const temperature of [1, 0.3]) {
        const options = { ...all, temperature, seed: 1 };
        const difference =
          index.logPartition(query, options).logPartition - anew.index.logPartition(query, options).logPartition;
        expect(Math.abs(difference)).toBeLessThan(2 ** -20);
      }
    }
  }
});
