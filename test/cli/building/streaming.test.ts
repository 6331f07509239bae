import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { floatsToHalves } from "../../../src/bytes/float16.ts";
import { openInput } from "../../../src/cli/inputs/open.ts";
import { leastRecordsBytes } from "../../../src/cli/scratch/disk-records.ts";
import { buildToFile } from "../../../src/cli/streaming/build-to-file.ts";
import { load } from "../../../src/index.ts";
import { type BuildOptions, type BuildReport, build } from "../../../src/train/index.ts";
import { buildIndex } from "../../fixtures/build-index.ts";
import { EVERY } from "../../run/size.ts";
import { inTurn } from "../../run/turns.ts";
import { withoutTimes } from "../../train/calibration/without-times.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral, safetensorsBytes, writeInput } from "../files.ts";
import { jsonLines, midx, noise, writeTable } from "../run.ts";

const KINDS = ["rq", "pq"] as const;
const METRICS = ["dot", "cosine"] as const;

/** Chunks of an odd size, and the minimum memory for the sort, so that there are several partitions. */
const shares = (itemCount: number) => ({
  chunkRows: 97,
  recordsBytes: (recordBytes: number) => leastRecordsBytes(itemCount, recordBytes),
  measuresCalibration: true,
});

/** Returns the bytes and the report of both builds. */
async function buildBoth(path: string, data: Float32Array, shape: [number, number], options: BuildOptions) {
  const folder = makeFolder();
  const output = join(folder, "out.midx");
  const reports: BuildReport[] = [];
  const onReport = (report: BuildReport): void => void reports.push(withoutTimes(report));
  const inMemory = await build({ data, shape }, { ...options, onReport });
  const input = await openInput(path, { dim: shape[1] });
  const info = await buildToFile(input, output, { ...options, onReport }, shares(shape[0]));
  await input.close();
  expect(readdirSync(folder)).toEqual(["out.midx"]);
  return { inMemory, onDisk: readFileSync(output), reports, info };
}

/**
 * The kinds of which `npm test` builds many rows, by their number: each value of each setting, and each pair of quantizer and
 * metric. The larger number has two blocks of training rows.
 */
const LARGE_KINDS: Readonly<Record<string, number>> = {
  "i8 rq dot": 5003,
  "i8 pq cosine": 1003,
  "f16 pq dot": 1003,
  "f32 rq cosine": 5003,
};
/** Those that are calibrated, which takes much longer than the rest of a build: both quantizers. */
const CALIBRATED = ["i8 pq cosine", "f32 rq cosine"];

describe.each(["i8", "f16", "f32"] as const)("a build on the disk gives the bytes of one in memory: %s", (rows) => {
  test.each(KINDS.flatMap((quantizer) => METRICS.map((metric) => ({ quantizer, metric }))))("%o", async (kind) => {
    const name = `${rows} ${kind.quantizer} ${kind.metric}`;
    const many = EVERY ? 5003 : LARGE_KINDS[name];
    const calibrate = EVERY || CALIBRATED.includes(name) ? "quick" : "off";
    const sizes: [itemCount: number, dim: number][] = [
      [0, 3],
      [1, 1],
      [98, 5],
      ...(many === undefined ? [] : [[many, 12] as [number, number]]),
    ];
    for (const [itemCount, dim] of sizes) {
      const data = noise(itemCount * dim);
      const shape: [number, number] = [itemCount, dim];
      const path = writeInput("w.npy", npyBytes(npyLiteral("<f4", `(${shape})`), bytesOf(data)));
      const extras = [{}, { bias: noise(itemCount, 3), counts: noise(itemCount, 4).map(Math.abs) }];
      for (const extra of inTurn(extras, 2)) {
        const built = await buildBoth(path, data, shape, { ...kind, ...extra, rowType: rows, calibrate, seed: 5 });
        expect(built.onDisk.equals(built.inMemory), `${itemCount} × ${dim}`).toBe(true);
        expect(built.reports[1]).toEqual(built.reports[0]);
        const { memoryBytes, recallCurves, calibration, ...info } = (await load(built.inMemory)).info;
        expect(built.info).toEqual(info);
      }
    }
  });
});

test.each(KINDS)(
  "fine codes are those of the build in memory, without a measurement of recall: %s",
  async (quantizer) => {
    for (const [itemCount, dim] of [
      [0, 3],
      [70, 1],
      [EVERY ? 5003 : 1003, 13],
    ] as const) {
      const data = noise(itemCount * dim);
      const shape: [number, number] = [itemCount, dim];
      const path = writeInput("w.npy", npyBytes(npyLiteral("<f4", `(${shape})`), bytesOf(data)));
      const options: BuildOptions = { quantizer, metric: "cosine", fineCodes: true, calibrate: "off", seed: 5 };
      const { onDisk } = await buildBoth(path, data, shape, options);
      expect(onDisk.equals(await buildIndex({ data, shape }, options)), `${itemCount} × ${dim}`).toBe(true);
      expect((await load(onDisk)).info.recallCurves.flatMap(({ points }) => points)).toEqual([]);
    }
  },
);

test("the rows of every kind of file are those of the build in memory", async () => {
  const halves = floatsToHalves(noise(300 * 6));
  const rounded = Float32Array.from(noise(300 * 6), Math.fround);
  const doubles = Float64Array.from(rounded);
  const fvecs = new Float32Array(300 * 7);
  for (let row = 0; row < 300; row++) {
    new Int32Array(fvecs.buffer)[row * 7] = 6;
    fvecs.set(rounded.subarray(row * 6, row * 6 + 6), row * 7 + 1);
  }
  const tensor = (dtype: "F16" | "F64", data: ArrayBufferView) =>
    safetensorsBytes([{ name: "w", dtype, shape: [300, 6], data }]);
  for (const path of [
    writeInput("w.safetensors", tensor("F16", halves)),
    writeInput("w.safetensors", tensor("F64", doubles)),
    writeInput("w.fvecs", bytesOf(fvecs)),
    writeInput("w.f32", bytesOf(rounded)),
  ]) {
    const output = join(makeFolder(), "out.midx");
    const argv = ["build", path, "-o", output, "--dim", "6", "--calibrate", "off"];
    expect(await midx(argv)).toMatchObject({ code: 0, stderr: "" });
    const inMemory = readFileSync(output);
    expect(await midx([...argv, "--max-memory", "1000"])).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(output).equals(inMemory), path).toBe(true);
  }
});

describe("midx build --max-memory", () => {
  test("says what it made, and how good it is", async () => {
    const output = join(makeFolder(), "out.midx");
    const argv = ["build", writeTable(100, 4), "-o", output, "--max-memory", "1000"];
    expect((await midx(argv)).stdout).toMatch(/^content id +[0-9a-f]{64}\n$/m);
    const events = jsonLines((await midx([...argv, "--json"])).stdout);
    const built = events.pop();
    expect(new Set(events.map(({ phase }) => phase))).toEqual(
      new Set(["read", "train", "encode", "write", "calibrate", "measure"]),
    );
    expect(built).toMatchObject({ event: "built", output, info: { itemCount: 100 }, report: { itemCount: 100 } });
    expect(built).toHaveProperty("quality");
  });

  test("refuses too little, naming the least that works", async () => {
    const folder = makeFolder();
    const argv = ["build", writeTable(100, 4), "-o", join(folder, "out.midx"), "--max-memory"];
    const { code, stderr } = await midx([...argv, "8"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/'--max-memory' expected at least \d+ MiB for 100 rows of 4 values, got 8/);
    const least = /at least (\d+)/.exec(stderr)?.[1] as string;
    expect((await midx([...argv, String(Number(least) - 1)])).code).toBe(2);
    expect((await midx([...argv, least])).code).toBe(0);
    expect((await midx([...argv, "0"])).stderr).toContain("'--max-memory <MiB>' argument '0' is invalid");
  });

  test.each(["read", "train", "encode", "write"])("leaves the old file and no other when it ends in %s", async (at) => {
    const folder = makeFolder();
    const output = join(folder, "out.midx");
    writeFileSync(output, "old");
    const controller = new AbortController();
    const argv = ["build", writeTable(2000, 8), "-o", output, "--max-memory", "1000", "--json"];
    const onStdout = (text: string): void => {
      if (text.includes(`"phase":"${at}"`)) controller.abort(new Error("interrupted"));
    };
    const { code, stderr } = await midx(argv, { signal: controller.signal, onStdout });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "error: interrupted\n" });
    expect(readdirSync(folder)).toEqual(["out.midx"]);
    expect(readFileSync(output, "utf8")).toBe("old");
  });

  test("names the row of a bad value", async () => {
    const folder = makeFolder();
    const data = noise(50 * 2);
    data[61] = 2 ** 41;
    const path = writeInput("w.npy", npyBytes(npyLiteral("<f4", "(50, 2)"), bytesOf(data)));
    const { code, stderr } = await midx(["build", path, "-o", join(folder, "out.midx"), "--max-memory", "1000"]);
    expect(code).toBe(3);
    expect(stderr).toContain(`${path}: row 30, column `);
    expect(readdirSync(folder)).toEqual([]);
  });
});
