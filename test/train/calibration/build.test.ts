import { describe, expect, it } from "vitest";
import { load } from "../../../src/index.ts";
import type { BuildOptions, BuildReport } from "../../../src/train/build/build-options.ts";
import { build } from "../../../src/train/index.ts";
import { randomRows } from "../rows.ts";

const [ITEMS, DIM] = [2000, 6];
const MATRIX = { data: randomRows(ITEMS * DIM, 3), shape: [ITEMS, DIM] as const };

async function built(options: BuildOptions = {}) {
  const file = await build(MATRIX, { seed: 1, bias: randomRows(ITEMS, 4), calibrate: "quick", ...options });
  const index = await load(file);
  return { file, info: index.info, calibration: index.info.calibration, index };
}

describe("the calibration of a build", () => {
  it("is made with stand-ins where no queries are given, and then never narrows bars", async () => {
    const { calibration } = await built();
    expect(calibration).toMatchObject({ calibrated: true, source: "stand-ins", queryCount: 32 });
    expect(calibration.factor).toBeGreaterThanOrEqual(1);
    expect(calibration.answers).toBeGreaterThan(200);
  });

  it("is made with at most 100 of the queries, evenly spaced", async () => {
    const queries = randomRows(250 * DIM, 7);
    const { calibration, file } = await built({ queries });
    expect(calibration).toMatchObject({ source: "queries", queryCount: 100 });
    const rows = Array.from({ length: 100 }, (_, i) => Math.floor(2.5 * i));
    const chosen = Float32Array.from(rows.flatMap((row) => [...queries.subarray(row * DIM, (row + 1) * DIM)]));
    const again = await built({ queries: chosen });
    expect(again.calibration).toEqual(calibration);
    expect(again.file.byteLength).toBe(file.byteLength);
  });

  it("measures more with full, and nothing with off", async () => {
    const queries = randomRows(30 * DIM, 7);
    const quick = await built({ queries });
    const full = await built({ queries, calibrate: "full" });
    expect(full.calibration.answers).toBeGreaterThan(2 * (quick.calibration.answers as number));
    const off = await built({ queries, calibrate: "off" });
    expect(off.calibration).toEqual({ calibrated: false, estimator: "dispersion-5" });
    await expect(built({ calibrate: "some" as "off" })).rejects.toThrow(
      '"calibrate" expected full or quick or off, got "some"',
    );
  });

  it("is the same from build to build, and is reported with its time", async () => {
    const reports: BuildReport[] = [];
    const phases = new Set<string>();
    const options = {
      onReport: (report: BuildReport) => void reports.push(report),
      onProgress: ({ phase }: { phase: string }) => void phases.add(phase),
    };
    const [one, two] = [await built(options), await built()];
    expect(one.file).toEqual(two.file);
    expect(reports).toHaveLength(1);
    const { calibrated: _, estimator: __, ...measured } = one.calibration;
    const { seconds, ...reported } = reports[0]?.calibration ?? { seconds: 0 };
    expect(seconds).toBeGreaterThan(0);
    const rounded = Object.entries(reported).map(([name, value]) => [
      name,
      typeof value === "number" ? Math.fround(value) : value,
    ]);
    expect(Object.fromEntries(rounded)).toEqual(measured);
    expect(phases).toContain("calibrate");
  });

  it("has nothing to say about an index whose answers are all exact, or that has no classes", async () => {
    const tiny = await load(await build({ data: randomRows(3 * DIM, 1), shape: [3, DIM] }, { calibrate: "quick" }));
    expect(tiny.info.calibration.estimator).toBe("dispersion-5");
    const empty = await load(await build({ data: new Float32Array(0), shape: [0, DIM] }, { calibrate: "quick" }));
    expect(empty.info.calibration).toEqual({ calibrated: false, estimator: "dispersion-5" });
  });

  it("does not count exact answers, whose bars are those of rounding", async () => {
    const [itemCount, queryCount] = [400, 100];
    const data = randomRows(itemCount * DIM, 1).map((value, i) => (i < DIM ? 5000 : 1) * value);
    const queries = randomRows(queryCount * DIM, 2);
    const { calibration } = (await load(await build({ data, shape: [itemCount, DIM] }, { queries }))).info;
    const [temperatures, scansOfLess] = [4, 2]; // of 0, 256, 1,024 and 4,096 classes
    expect(calibration.answers).toBeLessThanOrEqual(queryCount * temperatures * scansOfLess);
  });

  it("takes stand-ins of cosines at the temperatures at which they stand for queries", async () => {
    const { calibration } = await built({ metric: "cosine" });
    expect(calibration.calibrated).toBe(true);
    expect(calibration.limit).toBeGreaterThan(0.1);
  });

  it("ends with the reason of the signal", async () => {
    const controller = new AbortController();
    const onProgress = ({ phase }: { phase: string }): void => {
      if (phase === "calibrate") controller.abort(new Error("enough"));
    };
    await expect(built({ onProgress, signal: controller.signal, calibrate: "full" })).rejects.toThrow("enough");
  });
});
