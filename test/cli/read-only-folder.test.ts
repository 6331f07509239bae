import { promises } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFolder } from "./files.ts";
import { midx, writeTable } from "./run.ts";

/** On a read-only file system, Node 20 to 24 answer so: `recursive` hides the reason. */
async function refuse(path: string, options?: { readonly recursive?: boolean }): Promise<never> {
  const code = options?.recursive ? "ENOENT" : "EROFS";
  throw Object.assign(new Error(`${code}: mkdir '${path}'`), { code, syscall: "mkdir", path });
}

const { mkdir } = promises;
/** What modules import of node:fs/promises, too. */
function makeFoldersBy(make: typeof mkdir): void {
  promises.mkdir = make;
  syncBuiltinESMExports();
}
beforeEach(() => makeFoldersBy(refuse as typeof mkdir));
afterEach(() => makeFoldersBy(mkdir));

test("a folder that cannot be made on a read-only file system is told so", async () => {
  const folder = join(makeFolder(), "new");
  const built = await midx(["build", writeTable(20, 4), "--parts", "2", "-o", folder]);
  expect(built).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("new: the file system is read-only: write elsewhere (EROFS)"),
  });
});
