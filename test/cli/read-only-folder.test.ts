import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { makeFolder } from "./files.ts";
import { midx, writeTable } from "./run.ts";

// Suites share a process, so mocked modules are imported again for this suite and for the following ones.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.resetModules();
});

/** On a read-only file system, Node 20 to 24 answer so: `recursive` hides the reason. */
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const mkdir = async (path: string, options?: { readonly recursive?: boolean }): Promise<never> => {
    const code = options?.recursive ? "ENOENT" : "EROFS";
    throw Object.assign(new Error(`${code}: mkdir '${path}'`), { code, syscall: "mkdir", path });
  };
  return { ...real, default: { ...real, mkdir }, mkdir };
});

test("a folder that cannot be made on a read-only file system is told so", async () => {
  const folder = join(makeFolder(), "new");
  const built = await midx(["build", writeTable(20, 4), "--parts", "2", "-o", folder]);
  expect(built).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("new: the file system is read-only: write elsewhere (EROFS)"),
  });
});
