import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { serialiseHeader } from "../../../src/bytes/safetensors.ts";
import type { TaskFile, TaskFolder } from "../../../src/cli/tasks/task-folder.ts";
import { doublesIn, floatsIn, readTensors, takeTensors } from "../../../src/cli/tasks/tensor-file.ts";

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

const FILE = "a";

/** The folder of a task with such a file, and what its record says about it. */
function taskOf({ bytes, sha256 }: ReturnType<typeof tensorFile>): [TaskFolder, TaskFile] {
  const read = async (position: number, byteCount: number) => bytes.slice(position, position + byteCount);
  const fill = async (position: number, target: Uint8Array) => target.set(await read(position, target.byteLength));
  const opened = { byteLength: bytes.byteLength, read, fill, close: async () => {} };
  const files = { shown: (file: string) => file, read: async () => ({ bytes }), open: async () => opened };
  return [{ files } as unknown as TaskFolder, { file: FILE, sha256, byteLength: bytes.byteLength }];
}

test.each([0, 3])("tensors are read at once, also from a file that begins at byte %i of a buffer", async (offset) => {
  const tensors = await readTensors(...taskOf(tensorFile(offset)));
  expect([floatsIn(tensors("rows")), doublesIn(tensors("weights"))]).toEqual([rows, weights]);
});

test("tensors are taken a piece at a time, in their order", async () => {
  const pieces: [string, Uint8Array][] = [];
  await takeTensors(...taskOf(tensorFile(0)), ({ name }, piece) => pieces.push([name, piece.slice()]));
  expect(pieces).toEqual([
    ["weights", new Uint8Array(weights.buffer)],
    ["rows", new Uint8Array(rows.buffer)],
  ]);
});

test.each([0, 20, -1])("a file that is damaged at byte %i is refused", async (at) => {
  const file = tensorFile(0);
  const place = at < 0 ? file.bytes.length + at : at;
  file.bytes[place] = (file.bytes[place] as number) ^ 1;
  const refused = `${FILE} is not what its task wrote: remove it and run the task again`;
  await expect(readTensors(...taskOf(file))).rejects.toThrow(refused);
  await expect(takeTensors(...taskOf(file), () => {})).rejects.toThrow(refused);
});
