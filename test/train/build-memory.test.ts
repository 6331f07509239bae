import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import query from "../../build/query.wasm";
import { checksumWith } from "../../src/memory/checksum.ts";
import { instantiateQuery } from "../../src/memory/kernels.ts";
import { buildInto } from "../../src/train/build/build.ts";
import { type RowTable, tableOf } from "../../src/train/rows/row-table.ts";
import { memoryWorkspace } from "../../src/train/rows/workspace.ts";
import { memoryRecords } from "../../src/train/runtime/records.ts";
import { collectGarbage } from "../fixtures/collect-garbage.ts";
import { trainKernels } from "./instances.ts";
import { randomRows } from "./rows.ts";

test("records give their memory back once they are read", () => {
  const records = memoryRecords(2, 3);
  records.put(Int32Array.of(1, 0), Uint8Array.of(1, 2, 3, 4, 5, 6));
  const read: number[][] = [];
  const memories: ArrayBufferLike[] = [];
  for (const chunk of records.chunks()) {
    read.push(Array.from(chunk));
    memories.push(chunk.buffer);
  }
  expect(read).toEqual([[4, 5, 6, 1, 2, 3]]);
  expect(memories.map(({ byteLength }) => byteLength)).toEqual([0]);
});

test("a build lets go of its training rows before the file takes memory", async () => {
  const workspace = memoryWorkspace();
  const taken: WeakRef<object>[] = [];
  const kept: boolean[] = [];
  const watched: typeof workspace = {
    ...workspace,
    trainingRows(rowCount, dim) {
      const rows = workspace.trainingRows(rowCount, dim);
      taken.push(new WeakRef(rows));
      return rows;
    },
    output(fileBytes) {
      collectGarbage();
      kept.push(...taken.map((rows) => rows.deref() !== undefined));
      return workspace.output(fileBytes);
    },
  };
  const checksum = checksumWith(instantiateQuery(query));
  const table = tableOf({ data: randomRows(500 * 4, 1), shape: [500, 4] });
  const later: RowTable = {
    ...table,
    async *chunks() {
      await setImmediate(); // until the event loop turns, what a WeakRef was made of stays
      yield* table.chunks();
    },
  };
  await buildInto(watched, trainKernels(), checksum, later, { fineCodes: true });
  expect(kept).toEqual([false]);
});
