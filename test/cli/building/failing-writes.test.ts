import { spawnSync } from "node:child_process";
import fs, {
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createFile } from "../../../src/cli/files/create-file.ts";
import { replaceFileWith } from "../../../src/cli/files/replace-file.ts";
import { messageOf } from "../../../src/cli/process/error-message.ts";
import type { Bucket } from "../../../src/cli/remote/bucket.ts";
import { filesInBucket } from "../../../src/cli/tasks/bucket-files.ts";
import { bundleCli } from "../bundle.ts";
import { makeFolder, makeTemporaryFolder } from "../files.ts";
import { midx, writeTable } from "../run.ts";

/** The number of the first write call that fails, the calls so far, and whether the failing call writes half. */
const fault = { at: Number.POSITIVE_INFINITY, calls: 0, writesHalf: false };

function noSpace(): never {
  throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
}

const { writeSync } = fs;
/** What modules import of node:fs, too. */
function writeBy(write: typeof writeSync): void {
  fs.writeSync = write;
  syncBuiltinESMExports();
}
function failingWrite(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
  fault.calls++;
  if (fault.calls < fault.at) return writeSync(fd, bytes, offset, length, position);
  // A full disk first writes as much as fits, and then nothing.
  if (fault.calls === fault.at && fault.writesHalf && length > 1) {
    return writeSync(fd, bytes, offset, length >> 1, position);
  }
  return noSpace();
}
beforeAll(() => writeBy(failingWrite as typeof writeSync));
afterAll(() => writeBy(writeSync));

beforeEach(() => {
  Object.assign(fault, { at: Number.POSITIVE_INFINITY, calls: 0, writesHalf: false });
});

/** Returns the prototype of all open files. */
async function fileHandles(path: string): Promise<FileHandle> {
  const handle = await open(path);
  await handle.close();
  return Object.getPrototypeOf(handle);
}

/** Makes a folder with an old file, and a build that should replace it. */
function setting() {
  const folder = makeFolder();
  const output = join(folder, "out.midx");
  writeFileSync(output, "old");
  const expectOld = (): void => {
    expect(readdirSync(folder)).toEqual(["out.midx"]);
    expect(readFileSync(output, "utf8")).toBe("old");
  };
  return { folder, output, expectOld };
}

describe("a build whose disk is full", () => {
  test.each([{ writesHalf: false }, { writesHalf: true }])(
    "leaves the old file and no other, whichever write on the disk fails: %o",
    async ({ writesHalf }) => {
      const { folder, output, expectOld } = setting();
      const queries = writeTable(5, 4, 8); // few, because recall is measured with many settings
      const argv = ["build", writeTable(200, 4), "-o", output, "--max-memory", "1000", "--queries", queries];
      let failed = 0;
      for (let at = 1; ; at++) {
        Object.assign(fault, { at, calls: 0, writesHalf });
        const { code, stderr } = await midx(argv);
        if (code === 0) break;
        expect(stderr).toContain("ENOSPC");
        expect(code).toBe(1);
        expectOld();
        failed++;
      }
      expect(failed).toBeGreaterThan(10);
      expect(failed).toBe(fault.calls);
      expect(readdirSync(folder)).toEqual(["out.midx"]);
      expect((await midx(["verify", output])).code).toBe(0);
    },
  );

  test.each([
    { method: "writeFile", extra: [] },
    { method: "sync", extra: [] },
    { method: "sync", extra: ["--max-memory", "1000"] },
  ] as const)("leaves the old file and no other where $method fails: $extra", async ({ method, extra }) => {
    const { output, expectOld } = setting();
    const input = writeTable(100, 4);
    const spy = vi.spyOn(await fileHandles(input), method).mockImplementation(async () => noSpace());
    const { code, stderr } = await midx(["build", input, "-o", output, ...extra]);
    spy.mockRestore();
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("ENOSPC") });
    expectOld();
  });
});

describe("a full disk is told by what was being written", () => {
  const FULL = ": no space is left on the disk: free some space, or write elsewhere (ENOSPC)\n";

  test("to a build in parts, whichever write fails", async () => {
    const input = writeTable(60, 4);
    const handles = await fileHandles(input);
    const written = handles.writeFile;
    vi.spyOn(handles, "writeFile").mockImplementation(async function (this: FileHandle, ...given) {
      return ++fault.calls === fault.at ? noSpace() : Reflect.apply(written, this, given);
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const named = new Set<string>();
    for (let at = 1; ; at++) {
      Object.assign(fault, { at, calls: 0 });
      const output = join(makeFolder(), "words");
      const { code, stderr } = await midx(["build", input, "--parts", "2", "--calibrate", "off", "-o", output]);
      if (code === 0) break;
      expect(stderr.slice(-FULL.length)).toBe(FULL);
      named.add(stderr.slice(`error: ${output}/`.length, -FULL.length).replace(/^tasks-[0-9a-f]{12}/, "tasks"));
    }
    const tasks = ["codebooks.safetensors", "part-0000.json", "part-0000.midx", "part-0001.json", "part-0001.midx"];
    const others = ["measure.json", "sample.json", "sample.safetensors", "train.json", "commit.json"];
    // The rows of the sample are first in a scratch file beside the plan: a task that fails then leaves no folder.
    const besides = ["plan.json", "manifest.json", "sample.safetensors"];
    const expected = [...besides, ...[...tasks, ...others].map((name) => `tasks/${name}`)];
    expect([...named].sort()).toEqual(expected.sort());
  });

  test("to a file that waits in the temporary folder for a bucket", async () => {
    const folder = makeTemporaryFolder();
    const client = { shown: (key: string) => `s3://words/${key}` };
    const { withScratch } = filesInBucket({ bucket: { client } as Bucket, prefix: "out/" });
    const error = await withScratch("tasks/part-0000.midx", (scratch) =>
      replaceFileWith(scratch, async () => noSpace()),
    ).catch((reason) => reason);
    expect(`${messageOf(error)}\n`).toBe(`${folder} (TMPDIR), for s3://words/out/tasks/part-0000.midx${FULL}`);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("to the copy of standard input", async () => {
    const folder = makeTemporaryFolder();
    const input = writeTable(60, 4);
    vi.spyOn(await fileHandles(input), "write").mockImplementation(async () => noSpace());
    onTestFinished(() => void vi.restoreAllMocks());
    const argv = ["build", "-", "--format", "npy", "-o", join(folder, "words.midx")];
    const { stderr } = await midx(argv, { stdin: createReadStream(input) });
    expect(stderr).toBe(`error: ${folder} (TMPDIR), for standard input${FULL}`);
  });

  test("to a new value of a folder", async () => {
    const path = join(makeFolder(), "value");
    vi.spyOn(await fileHandles(writeTable(1, 1)), "sync").mockImplementation(async () => noSpace());
    onTestFinished(() => void vi.restoreAllMocks());
    const error = await createFile(path, Uint8Array.of(1)).catch((reason) => reason);
    expect(`${messageOf(error)}\n`).toBe(path + FULL);
  });

  test.skipIf(!existsSync("/dev/full"))("to standard output", async () => {
    const { cli, remove } = await bundleCli();
    onTestFinished(remove);
    const stdout = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [cli, "--help"], { stdio: ["ignore", stdout, "pipe"] });
    closeSync(stdout);
    expect({ status, stderr: String(stderr) }).toEqual({ status: 1, stderr: `error: standard output${FULL}` });
  });
});
