import { existsSync, readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { replaceFile } from "../../../src/cli/files/replace-file.ts";
import type { Bucket } from "../../../src/cli/remote/bucket.ts";
import { filesInBucket } from "../../../src/cli/tasks/bucket-files.ts";

const bucket = { client: { shown: (key: string) => `s3://bucket/${key}` } } as Bucket;
const files = filesInBucket({ bucket, prefix: "items/" });

test("other users of the machine cannot read a file in the making, and none is left", async () => {
  const paths: string[] = [];
  await files.withScratch("work/part-0000.midx", async (path) => {
    paths.push(path);
    await replaceFile(path, Uint8Array.of(1, 2, 3));
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  });
  expect(paths.map((path) => existsSync(path))).toEqual([false]);
});
