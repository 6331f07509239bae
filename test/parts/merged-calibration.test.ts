import { describe, expect, test } from "vitest";
import { ESTIMATOR } from "../../src/format/calibration-values.ts";
import { compileInlined } from "../../src/memory/compile-inlined.ts";
import { partOf } from "../../src/parts/loaded-part.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import type { PartedOptions } from "../../src/parts/parted-options.ts";
import { cellsOf } from "../../src/train/calibration/grid.ts";
import { calibrateMerged } from "../../src/train/calibration/merged-calibration.ts";
import { startYielding } from "../../src/train/runtime/event-loop.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";
import { nested } from "./split.ts";
import { clustered } from "./tables.ts";

const DIM = 8;
const [PARTS, ROWS, QUERIES] = [4, 500, 30];
const data = clustered(PARTS * ROWS, DIM, 41);
const bias = randomRows(PARTS * ROWS, 42);
const queries = randomRows(QUERIES * DIM, 43).map((value) => 2 * value);
const queryAt = (row: number): Float32Array => queries.slice(row * DIM, (row + 1) * DIM);

const files = await Promise.all(
  Array.from({ length: PARTS }, (_, part) => {
    const rows = data.slice(part * ROWS * DIM, (part + 1) * ROWS * DIM);
    const biases = bias.slice(part * ROWS, (part + 1) * ROWS);
    return buildIndex({ data: rows, shape: [ROWS, DIM] }, { bits: 3, bias: biases, calibrate: "off", seed: 1 });
  }),
);
const indexes = await Promise.all(files.map(async (file) => (await open(file)).index));
const parts = indexes.map((index, number) => partOf(index, { number }));
const measured = files.map((file, part) => ({
  ...{ number: part, before: part * ROWS, classes: ROWS },
  use: <Result>(action: (bytes: Uint8Array<ArrayBuffer>) => Promise<Result>) => action(file),
}));
const grid = {
  temperatures: [0.5, 1],
  scans: [0, 200],
  draws: [100],
  queryCount: QUERIES,
  standIns: 1,
  sequences: 0,
  heldOutRows: 0,
  discriminants: 0,
};
const asked = { modules: await compileInlined(), dim: DIM, grid, yieldIfDue: startYielding(undefined) };

describe("the calibration of merged answers", () => {
  test.each([true, false])(
    "says how often a PartedIndex covers, for every call of the grid (real: %s)",
    async (isReal) => {
      const { calibration } = await calibrateMerged(measured, { ...asked, queries, isReal });
      const source = isReal ? "queries" : "stand-ins";
      expect(calibration).toMatchObject({ estimator: ESTIMATOR, source, queryCount: QUERIES, factor: 1 });
      const parted = new PartedIndex(parts, { calibration: calibration ?? null });
      let [sampled, trusted, covered] = [0, 0, 0];
      for (let row = 0; row < QUERIES; row++) {
        for (const [c, { temperature, scan, draws }] of cellsOf(grid).entries()) {
          const exact = await parted.logPartition(queryAt(row), { exact: true, temperature });
          const answer = await parted.logProbability(queryAt(row), [], { temperature, scan, draws, seed: c });
          if (answer.standardError === 0) continue;
          sampled++;
          if (answer.standardError <= 0.0005 || answer.lowEss) continue;
          trusted++;
          expect(answer.calibrated).toBe(true);
          if (Math.abs(answer.logPartition - exact.logPartition) <= 1.96 * answer.standardError) covered++;
        }
      }
      expect(trusted).toBeGreaterThan(60);
      expect(calibration?.answers).toBe(sampled);
      expect(calibration?.coverage).toBeCloseTo(covered / trusted, 6);
      expect(calibration?.coverage).toBeGreaterThan(0.95 - 3 * Math.sqrt((0.95 * 0.05) / trusted));
      expect(calibration?.flagged).toBeCloseTo((sampled - trusted) / sampled, 6);
    },
  );

  test("is none if nothing is estimated", async () => {
    const all = { ...grid, scans: [PARTS * ROWS] };
    const { calibration } = await calibrateMerged(measured, { ...asked, grid: all, queries, isReal: true });
    expect(calibration).toBeUndefined();
  });
});

describe("a PartedIndex with a calibration", () => {
  const plain = new PartedIndex(parts);
  const options = { scan: 100, draws: 100, seed: 5 };
  const ask = (index: PartedIndex) => index.predict(queryAt(2), 3, options);
  const calibrated = (calibration: NonNullable<PartedOptions["calibration"]>) =>
    new PartedIndex(parts, { calibration });

  test("multiplies error bars by its factor, and changes nothing else", async () => {
    const before = await ask(plain);
    expect(before.calibrated).toBe(false);
    expect(before.standardError).toBeGreaterThan(0.0005);
    const after = await ask(calibrated({ estimator: ESTIMATOR, factor: 1.5, limit: 9 }));
    const { standardError, lowEss, calibrated: isCalibrated, ...rest } = after;
    expect(standardError).toBeCloseTo(1.5 * before.standardError, 12);
    expect([lowEss, isCalibrated]).toEqual([1.5 * before.standardError > 0.1, true]);
    expect(before).toMatchObject(rest);
    const outer = new PartedIndex([nested(parts)], { calibration: { estimator: ESTIMATOR, factor: 1.5, limit: 9 } });
    expect((await ask(outer)).standardError, "one part that is several").toBeCloseTo(standardError, 12);
    const alone = parts[0] as (typeof parts)[number];
    const own = new PartedIndex([alone], { calibration: { estimator: ESTIMATOR, factor: 1.5, limit: 9 } });
    expect(await ask(own), "a single part has its own bars").toEqual(await ask(new PartedIndex([alone])));
  });

  test("has no bar beyond its limit", async () => {
    const { modelError } = await ask(plain);
    const beyond = await ask(calibrated({ estimator: ESTIMATOR, factor: 1, limit: modelError / 2 }));
    expect(beyond).toMatchObject({ standardError: Number.POSITIVE_INFINITY, calibrated: false, lowEss: true });
  });

  test("leaves exact answers as they are, and ignores what is for other error bars", async () => {
    const strict = calibrated({ estimator: ESTIMATOR, factor: 1.5, limit: 1e-9 });
    const exact = { exact: true, seed: 1 } as const;
    expect(await strict.predict(queryAt(2), 3, exact)).toEqual(await plain.predict(queryAt(2), 3, exact));
    expect(await ask(calibrated({ estimator: "dispersion-2", factor: 1.5, limit: 1e-9 }))).toEqual(await ask(plain));
    expect(await ask(new PartedIndex(parts, { calibration: null }))).toEqual(await ask(plain));
  });

  test.each<[unknown, string]>([
    [7, '"calibration" expected that of a manifest, got 7'],
    [{ estimator: ESTIMATOR, factor: -1, limit: 1 }, '"calibration.factor" expected 0 to 2^40 (about 1e12), got -1'],
    [{ estimator: ESTIMATOR, factor: 1 }, '"calibration.limit" expected a number, got undefined'],
  ])("refuses what is none by name: %#", (calibration, message) => {
    expect(() => new PartedIndex(parts, { calibration } as PartedOptions)).toThrow(message);
  });
});
