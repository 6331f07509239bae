import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { xxh64 } from "../../../src/arithmetic/xxh64.ts";
import { type CalibrationValues, UNMEASURED } from "../../../src/format/calibration-values.ts";
import { parse } from "../../../src/format/header.ts";
import { compileInlined } from "../../../src/memory/compile-inlined.ts";
import { calibrationOf, putCalibration } from "../../../src/train/calibration/recalibrate.ts";
import { makeFolder } from "../files.ts";
import { midx, noise, writeTable } from "../run.ts";

// A calibration that has widened bars, of an index whose queries resemble single rows, is followed by one with a few queries.

const DIM = 8;
const WIDE: CalibrationValues = {
  ...{ factor: 1.375, limit: 0.25, coverage: 0.96, flagged: 0.1, answers: 5000, largestMiss: 3 },
  // A larger spread would have a limit of its own.
  ...{ spread: 2, spreadLimit: 0.5 },
};
const folder = mkdtempSync(join(tmpdir(), "midx-calibrated-"));
const file = join(folder, "index.midx");
afterAll(() => rmSync(folder, { recursive: true }));

const csvOf = (count: number, seed: number): string =>
  Array.from(
    { length: count },
    (_, i) =>
      `${noise(count * DIM, seed)
        .subarray(i * DIM, (i + 1) * DIM)
        .join(",")}\n`,
  ).join("");

function calibrationIn(path: string): CalibrationValues {
  const bytes = new Uint8Array(readFileSync(path));
  return calibrationOf(bytes, parse(bytes, bytes.byteLength, xxh64)) as CalibrationValues;
}

beforeAll(async () => {
  const rows = join(folder, "rows.csv");
  writeFileSync(rows, csvOf(400, 1));
  await midx(["build", rows, "-o", file, "--calibrate", "quick"]);
  writeFileSync(file, putCalibration(await compileInlined(), new Uint8Array(readFileSync(file)), WIDE));
});

async function calibratedWith(...options: string[]): Promise<CalibrationValues> {
  const output = join(makeFolder(), "calibrated.midx");
  const { code, stderr } = await midx(["calibrate", file, ...options, "-o", output]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return calibrationIn(output);
}

test.each([1, 3, 99])("%i queries make no bar narrower than it was", async (count) => {
  const { factor, limit, spread, spreadLimit, answers } = await calibratedWith("--queries", writeTable(count, DIM, 9));
  expect(factor).toBeGreaterThanOrEqual(WIDE.factor);
  expect(spread).toBeGreaterThanOrEqual(WIDE.spread);
  expect(limit).toBeLessThanOrEqual(WIDE.limit);
  expect(spreadLimit).toBe(WIDE.spreadLimit);
  expect(answers).toBeGreaterThan(0);
});

test("100 queries decide anew", async () => {
  const { factor, spread, spreadLimit } = await calibratedWith("--queries", writeTable(100, DIM, 9));
  expect(factor).toBeLessThan(WIDE.factor);
  expect(spread).toBeLessThan(WIDE.spread);
  expect(spreadLimit).toBe(UNMEASURED.spreadLimit);
});
