import { spawnSync } from "node:child_process";
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { bundlesOfSuite } from "../bundles-of-suite.ts";
import { bytesOf, makeFolder } from "../files.ts";
import { sayPeakMemory } from "../peak-memory.ts";
import { noise } from "../run.ts";
import { fail, succeed } from "./words.ts";

/** The training sample of these takes 128 MiB, beside the 112 of any command. */
const [ROWS, DIM] = [140_000, 256];

const RUNTIME_MIB = 112;

const bundles = bundlesOfSuite();

/** Runs a command in a process of its own, and returns its peak memory in MiB. */
function peakOf(folder: string, ...argv: string[]): number {
  const preload = join(folder, "preload.mjs");
  writeFileSync(preload, sayPeakMemory);
  const program = ["--import", pathToFileURL(preload).href, join(bundles(), "cli.js"), ...argv];
  const { status, stderr } = spawnSync(process.execPath, program, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/^\d+$/);
  return Number(stderr) / 1024;
}

test("the tasks that draw the training sample and train on it stay within --max-memory, the least it takes", async () => {
  const folder = makeFolder();
  const [rows, plan] = [join(folder, "rows.f32"), join(folder, "items", "plan.json")];
  const file = openSync(rows, "w");
  const tenth = bytesOf(noise((ROWS * DIM) / 10, 1));
  for (let part = 1; part <= 10; part++) writeSync(file, tenth);
  closeSync(file);
  const settings = ["--dim", `${DIM}`, "--bits", "3", "--calibrate", "off", "--parts", "4"];
  const planning = ["build-plan", rows, ...settings, "-o", plan, "--max-memory"];
  const [, least = ""] =
    /^error: '--max-memory' expected at least (\d+) MiB/.exec(await fail(2, ...planning, "1")) ?? [];
  expect(ROWS * DIM * 4).toBeGreaterThan((Number(least) - RUNTIME_MIB) * 2 ** 20 * 2);
  await succeed(...planning, least);
  expect(await fail(2, "build-task", plan, "--index", "sample", "--threads", "3")).toContain("and 3 threads, got");
  for (const task of ["sample", "train"]) {
    expect(peakOf(folder, "build-task", plan, "--index", task), task).toBeLessThanOrEqual(Number(least));
  }
});
