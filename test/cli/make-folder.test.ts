import { existsSync, promises, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeFolder as makeFolderWithParents } from "../../src/cli/files/make-folder.ts";
import { makeFolder } from "./files.ts";
import { midx, writeTable } from "./run.ts";

test("makes a folder with those above it, and leaves one that is there", async () => {
  const folder = join(makeFolder(), "a", "b", "c");
  await makeFolderWithParents(folder);
  await makeFolderWithParents(folder);
  expect(existsSync(folder)).toBe(true);
});

test("refuses a file in the place of a folder, and above one", async () => {
  const file = join(makeFolder(), "file");
  writeFileSync(file, "");
  await expect(makeFolderWithParents(file)).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolderWithParents(join(file, "a"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

describe("midx build --parts says why its folder cannot be made", () => {
  const built = (folder: string) => midx(["build", writeTable(20, 4), "--parts", "2", "-o", folder]);

  test("on a read-only file system", async () => {
    refuseFolders("EROFS");
    expect(await built(join(makeFolder(), "new"))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("new: the file system is read-only: write elsewhere (EROFS)"),
    });
  });

  // Node 20 to 24 look for ever for a folder to begin in if `recursive` is set.
  test.skipIf(!existsSync("/proc/self"))("in a folder that takes none", async () => {
    expect(await built("/proc/new/parts")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("/proc/new: no folder can be made here: write elsewhere (ENOENT)"),
    });
  });
});

/** Makes the file system refuse folders with this code, until the test ends. */
function refuseFolders(code: string): void {
  const { mkdir } = promises;
  const makeFoldersBy = (make: typeof mkdir): void => {
    promises.mkdir = make;
    syncBuiltinESMExports(); // what modules import of node:fs/promises, too
  };
  onTestFinished(() => makeFoldersBy(mkdir));
  makeFoldersBy(async (path) => {
    throw Object.assign(new Error(`${code}: mkdir '${path}'`), { code, syscall: "mkdir", path });
  });
}
