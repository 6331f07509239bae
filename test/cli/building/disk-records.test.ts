import { expect, onTestFinished, test } from "vitest";
import { diskRecords } from "../../../src/cli/scratch/disk-records.ts";
import { openScratch } from "../../../src/cli/scratch/scratch-file.ts";
import { makeFolder } from "../files.ts";

test("few records reserve about as many bytes as they have, however much memory there is", () => {
  const scratch = openScratch(makeFolder());
  onTestFinished(() => scratch.close());
  const before = process.memoryUsage().arrayBuffers;
  const records = diskRecords(3, 2, scratch, 2 ** 30);
  records.put(Int32Array.of(2, 0, 1), Uint8Array.of(5, 6, 1, 2, 3, 4));
  const chunks = Array.from(records.chunks(), (chunk) => Array.from(chunk));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  expect(chunks).toEqual([[1, 2, 3, 4, 5, 6]]);
});
