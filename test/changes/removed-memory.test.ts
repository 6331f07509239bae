import { expect, test } from "vitest";
import { applyChanges, savedChanges } from "../../src/changes/index.ts";
import { PlacedChanges } from "../../src/changes/placed-changes.ts";
import { load } from "../../src/index.ts";
import { build } from "../../src/train/index.ts";
import { collectGarbage } from "../fixtures/collect-garbage.ts";
import { EVERY } from "../run/size.ts";
import { randomRows } from "../train/rows.ts";

/** The bytes in use. V8 frees the memory of array buffers beside the program, and a second collection waits for it. */
const bytesInUse = (): number => {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

test("removals, which are not limited, take no memory beside the bits that are planned", async () => {
  const [items, dim] = [EVERY ? 60_000 : 24_000, 4];
  const labelOf = (id: number): string => `item ${id}`;
  const file = await build(
    { data: randomRows(items * dim, 1), shape: [items, dim] },
    {
      labels: Array.from({ length: items }, (_, id) => labelOf(id)),
      columns: { stock: { type: "boolean", values: Array(items).fill(true) } },
      calibrate: "off",
    },
  );
  const index = await load(file, { maxDelta: 10 });
  const remove = (first: number, end: number): void => {
    for (let at = first; at < end; at += 1000) {
      applyChanges(index, { removals: Array.from({ length: 1000 }, (_, i) => labelOf(at + i)) });
    }
  };
  remove(0, 1000);
  const before = bytesInUse();
  remove(1000, items - 9000);
  expect((bytesInUse() - before) / (items - 10_000)).toBeLessThan(50); // bytes for each
  expect(index.info.changes).toMatchObject({ classCount: 9000, removedCount: items - 9000 });
  const restored = await load(file, { maxDelta: 10 });
  applyChanges(restored, savedChanges(index));
  expect(restored.info.changes).toMatchObject({ classCount: 9000, removedCount: items - 9000 });
  expect(savedChanges(restored)).toEqual(savedChanges(index));
  index.dispose();
  restored.dispose();
});

test("and of a router no more than that bit", () => {
  const [items, first] = [100_000, 50_000];
  const labelOf = (id: number): string => `item number ${id}`;
  const files = [0, first].map((begin) => ({
    ...{
      rows: { dim: 4, rows: "f32", hasBias: false, hasResiduals: false } as const,
      classes: first,
      first: begin,
      room: 10,
    },
  }));
  const placed = new PlacedChanges(files, { isCosine: false, columns: [], space: undefined });
  const remove = (begin: number, end: number) => {
    for (let at = begin; at < end; at += 1000) {
      const ids = Array.from({ length: 1000 }, (_, i) => at + i);
      const found = files.map((file) => {
        const own = ids.filter((id) => id >= file.first && id < file.first + file.classes);
        return new Map(own.map((id) => [labelOf(id), id - file.first]));
      });
      placed.apply({ removals: ids.map(labelOf) }, found, at / 1000 + 1);
    }
    return placed.classesAt(end / 1000);
  };
  const early = remove(0, 1000);
  const before = bytesInUse();
  const { changes, removedIds } = remove(1000, items - 1000);
  expect((bytesInUse() - before) / (items - 2000)).toBeLessThan(5); // bytes for each
  expect([changes.classCount, changes.removedCount, removedIds.size]).toEqual([1000, items - 1000, items - 1000]);
  expect([removedIds.has(0), removedIds.has(items - 1001), removedIds.has(items - 1000)]).toEqual([true, true, false]);
  expect([early.removedIds.size, early.removedIds.has(1000)]).toEqual([1000, false]);
});
