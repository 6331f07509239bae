import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { applyChanges, savedChanges } from "../../src/changes/index.ts";
import { load } from "../../src/index.ts";
import { build } from "../../src/train/index.ts";
import { randomRows } from "../train/rows.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

const heapBytes = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

test("removals, which are not limited, take no memory beside the bits that are planned", async () => {
  const [items, dim] = [60_000, 4];
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
  const before = heapBytes();
  remove(1000, 51_000);
  expect((heapBytes() - before) / 50_000).toBeLessThan(50); // bytes for each
  expect(index.info.changes).toMatchObject({ classCount: 9000, removedCount: 51_000 });
  const restored = await load(file, { maxDelta: 10 });
  applyChanges(restored, savedChanges(index));
  expect(restored.info.changes).toMatchObject({ classCount: 9000, removedCount: 51_000 });
  expect(savedChanges(restored)).toEqual(savedChanges(index));
  index.dispose();
  restored.dispose();
});
