import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { makeFolder } from "./files.ts";
import { midx, writeTable } from "./run.ts";

// Suites share a process, so mocked modules are imported again for this suite and for the following ones.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.resetModules();
});

/** The number of the first write call that fails, the calls so far, and whether the failing call writes half. */
const fault = vi.hoisted(() => ({ at: Number.POSITIVE_INFINITY, calls: 0, writesHalf: false }));

const noSpace = vi.hoisted(() => (): never => {
  throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
});

vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  const writeSync = (fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number => {
    fault.calls++;
    if (fault.calls < fault.at) return real.writeSync(fd, bytes, offset, length, position);
    // A full disk first writes as much as fits, and then nothing.
    if (fault.calls === fault.at && fault.writesHalf && length > 1) {
      return real.writeSync(fd, bytes, offset, length >> 1, position);
    }
    return noSpace();
  };
  return { ...real, default: { ...real, writeSync }, writeSync };
});

beforeEach(() => {
  Object.assign(fault, { at: Number.POSITIVE_INFINITY, calls: 0, writesHalf: false });
});

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
    const handle = await open(input);
    const spy = vi.spyOn(Object.getPrototypeOf(handle), method).mockImplementation(async () => noSpace());
    await handle.close();
    const { code, stderr } = await midx(["build", input, "-o", output, ...extra]);
    spy.mockRestore();
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("ENOSPC") });
    expectOld();
  });
});
