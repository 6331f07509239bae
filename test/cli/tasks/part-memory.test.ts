import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildOnDisk } from "../../../src/cli/building/on-disk.ts";
import { remoteFiles } from "../../../src/cli/remote/remote-files.ts";
import type { BuildSize } from "../../../src/cli/streaming/build-size.ts";
import { shareMemory } from "../../../src/cli/streaming/memory-shares.ts";
import { sharesOfPart } from "../../../src/cli/tasks/part-shares.ts";
import { parsePlan } from "../../../src/cli/tasks/plan.ts";
import { makeFolder, npyBytes, npyLiteral } from "../files.ts";
import { midx } from "../run.ts";

/** Writes the header of a large .npy file and makes the rest a hole, which takes no room on the disk. */
function hollowRows(itemCount: number, dim: number): string {
  const path = join(makeFolder(), "rows.npy");
  const header = npyBytes(npyLiteral("<f4", `(${itemCount}, ${dim})`), new Uint8Array(0));
  const file = openSync(path, "w");
  writeSync(file, header);
  ftruncateSync(file, header.byteLength + itemCount * dim * 4);
  closeSync(file);
  return path;
}

describe("an index that no runtime could open as one file", () => {
  /** Runs a build that ends before its first task. */
  const planned = (path: string, output: string, ...extra: string[]) =>
    midx(["build", path, "-o", output, ...extra], { signal: AbortSignal.abort(new Error("interrupted")) });

  test("is built in parts, and the build says so", async () => {
    const folder = join(makeFolder(), "words");
    const { stderr } = await planned(hollowRows(60_000_000, 16), `${folder}.midx`, "--row-type", "f32");
    expect(stderr).toMatch(
      /^note: one file would need 4\.\d GiB of memory or more, and WebAssembly addresses 4 GiB: building parts in the folder .*words \(--parts auto\)$/m,
    );
    const { parts, itemCount } = parsePlan(readFileSync(join(folder, "plan.json"), "utf8"));
    expect(itemCount).toBe(60_000_000);
    expect(parts.length).toBeGreaterThanOrEqual(5);
    expect(existsSync(`${folder}.midx`)).toBe(false);
  });

  test("is one file if smaller rows make it small enough", async () => {
    const output = join(makeFolder(), "words.midx");
    const { stderr } = await planned(hollowRows(60_000_000, 16), output, "--max-memory", "1");
    expect(stderr).not.toContain("note: ");
    expect(stderr).toContain("'--max-memory' expected at least");
  });
});

test("rows of standard input that make too large an index are refused before they are read again", async () => {
  const path = hollowRows(60_000_000, 16);
  const options = { output: join(makeFolder(), "words.midx"), threads: 1, rowType: "f32" } as const;
  const io = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: {} };
  const { signal } = new AbortController();
  const openRemote = remoteFiles({ ...io, signal }, {});
  const call = { path, options, progress: { report() {}, stop() {} }, pool: undefined, openRemote };
  const build = buildOnDisk({ ...call, io: { ...io, signal } }, 1000);
  await expect(build).rejects.toThrow(/got 60000000 × 16: save them in a file, and build with --parts auto$/);
});

describe("the memory of a part", () => {
  const size: BuildSize = {
    ...{ itemCount: 50_000, dim: 16, bits: 7, quantizer: "rq", rows: "i8", hasBias: false, hasFineCodes: true },
    ...{ hasResiduals: false, hasCounts: false, labelBytes: undefined, calibrate: "quick", threads: 1, inputBytes: 0 },
  };

  test("decides what is measured in the same way for any number of threads, as all workers write the same bytes", () => {
    const { recallLimit, calibrationLimit } = shareMemory(size, 2 ** 20);
    const { calibrationLimit: withThreads } = shareMemory({ ...size, threads: 4 }, 2 ** 20);
    expect(withThreads, "more threads leave less room").toBeGreaterThan(calibrationLimit);
    const seen = new Set<string>();
    for (let limit = recallLimit - 20; limit <= withThreads + 20; limit += 10) {
      const flags = [1, 2, 4].flatMap((threads) => {
        try {
          const { measuresRecall, measuresCalibration } = sharesOfPart({ ...size, threads }, limit);
          return [`${measuresRecall} ${measuresCalibration}`];
        } catch (error) {
          expect(error, "too little memory for the threads themselves").toBeInstanceOf(RangeError);
          return [];
        }
      });
      expect(new Set(flags).size).toBeLessThanOrEqual(1);
      for (const flag of flags) seen.add(flag);
    }
    expect(seen, "the limits lie on both sides").toContain("true false");
    expect(seen).toContain("true true");
  });

  test("without a limit is enough to measure it", () => {
    expect(sharesOfPart(size, undefined)).toMatchObject({ measuresRecall: true, measuresCalibration: true });
    expect(() => sharesOfPart({ ...size, itemCount: 200_000_000 }, undefined)).toThrow("make more parts");
  });
});
