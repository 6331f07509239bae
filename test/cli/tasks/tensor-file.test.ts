import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { serialiseHeader } from "../../../src/bytes/safetensors.ts";
import type { TaskFolder } from "../../../src/cli/tasks/task-folder.ts";
import { doublesIn, floatsIn, readTensors } from "../../../src/cli/tasks/tensor-file.ts";

const weights = Float64Array.of(0.5, 2, 3);
const rows = Float32Array.from({ length: 12 }, (_, i) => i / 3);

/** A file of tensors, which begins at this offset of a buffer. */
function tensorFile(offset: number): { readonly bytes: Uint8Array; readonly sha256: string } {
  const tensors = [
    { name: "weights", dtype: "F64", shape: [3], data: weights },
    { name: "rows", dtype: "F32", shape: [3, 4], data: rows },
  ] as const;
  const file = Buffer.concat([serialiseHeader(tensors), ...tensors.map(({ data }) => new Uint8Array(data.buffer))]);
  const bytes = new Uint8Array(file.byteLength + offset).subarray(offset);
  bytes.set(file);
  return { bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

const opened = ({ bytes, sha256 }: ReturnType<typeof tensorFile>, allocate?: (byteLength: number) => Uint8Array) => {
  const files = { shown: (file: string) => file, read: async () => ({ bytes }) };
  return readTensors({ files } as unknown as TaskFolder, { file: "a", sha256, byteLength: bytes.byteLength }, allocate);
};

test("a large sample is in memory once: its tensors are views of the file", async () => {
  const file = tensorFile(0);
  const tensors = await opened(file);
  expect(tensors("rows").buffer).toBe(file.bytes.buffer);
  expect([floatsIn(tensors("rows")), doublesIn(tensors("weights"))]).toEqual([rows, weights]);
});

test("tensors where numbers cannot begin are copied, and those for threads", async () => {
  const tensors = await opened(tensorFile(3));
  expect([floatsIn(tensors("rows")), doublesIn(tensors("weights"))]).toEqual([rows, weights]);
  const shared = await opened(tensorFile(0), (byteLength) => new Uint8Array(new SharedArrayBuffer(byteLength)));
  expect(shared("rows").buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(floatsIn(shared("rows"))).toEqual(rows);
});
