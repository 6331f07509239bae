import { describe, expect, test } from "vitest";
import { load } from "../../src/index.ts";
import { NO_BUCKET, readWarmStart } from "../../src/train/build/warm-start.ts";
import type { BuildOptions, BuildReport, Matrix } from "../../src/train/index.ts";
import * as train from "../../src/train/index.ts";
import { buildKernels } from "../../src/train/runtime/kernels-inlined.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { EVERY } from "../run/size.ts";
import { randomRows } from "./rows.ts";

const [ITEMS, DIM] = [900, 6];
const { data, bias, shape } = rawVectors(ITEMS, DIM, 41);
const old = { data, shape };
/** The changed table has 50 more classes at the end. */
const count = ITEMS + 50;
const noise = randomRows(count * DIM, 42);
const changed = {
  data: noise.map((value, i) => (data[i] ?? value) + 0.2 * value),
  shape: [count, DIM] as [number, number],
};
/** Builds without a calibration, which takes longer than all else, unless it is asked for. */
const build = (matrix: Matrix, options: BuildOptions) => train.build(matrix, { calibrate: "off", ...options });
const { checksum } = await buildKernels();
const read = (file: Uint8Array) => readWarmStart(file, checksum);

async function built(matrix: typeof old, options: BuildOptions): Promise<{ file: Uint8Array; report: BuildReport }> {
  let report: BuildReport | undefined;
  const file = await build(matrix, {
    ...options,
    onReport: (given) => {
      report = given;
    },
  });
  return { file, report: report as BuildReport };
}

const KINDS: readonly BuildOptions[] = [
  { quantizer: "rq", rowType: "f32" },
  { quantizer: "pq", rowType: "i8", metric: "cosine" },
  { quantizer: "rq", rowType: "i8", fineCodes: true, calibrate: "quick" },
];

describe.each(EVERY ? KINDS : KINDS.slice(1))("warmFrom, %j", (options) => {
  test("an unchanged table gives the older file itself, and no class moves", async () => {
    const first = await build(old, { ...options, bias });
    const { file, report } = await built(old, { ...options, bias, warmFrom: first });
    expect(file).toEqual(first);
    expect(report.moves).toEqual({ comparedBy: "ids", compared: ITEMS, moved: 0, added: 0, removed: 0 });
  });

  test("a changed table keeps the codebooks bit for bit; classes that moved are counted by id", async () => {
    const first = await build(old, options);
    const { file, report } = await built(changed, { ...options, warmFrom: first });
    const [before, after] = [read(first), read(file)];
    expect(after.quantizer).toEqual(before.quantizer);
    expect(after.fineCodebooks).toEqual(before.fineCodebooks);
    const moved = before.buckets.filter((bucket, id) => bucket !== after.buckets[id]).length;
    expect(moved).toBeGreaterThan(0);
    expect(report.moves).toEqual({ comparedBy: "ids", compared: ITEMS, moved, added: count - ITEMS, removed: 0 });
    expect((await load(file)).info.itemCount).toBe(count);
    expect(await build(changed, { ...options, warmFrom: Buffer.from(first) }), "or a Buffer").toEqual(file);
  });
});

test("each class is an outlier or in the bucket of its nearest codewords", async () => {
  const first = await build(old, { rowType: "f32" });
  const { quantizer, buckets } = read(await build(changed, { rowType: "f32", warmFrom: first }));
  const { codebook1, codebook2, codewordCount } = quantizer;
  const nearest = (row: Float32Array, codebook: Float32Array): number => {
    const distances = Array.from({ length: codewordCount }, (_, k) =>
      row.reduce((sum, value, d) => sum + (value - (codebook[k * DIM + d] as number)) ** 2, 0),
    );
    return distances.indexOf(Math.min(...distances));
  };
  expect(buckets.filter((bucket) => bucket === NO_BUCKET)).toHaveLength(count >> 3);
  const expected = Array.from({ length: count }, (_, id) => {
    if (buckets[id] === NO_BUCKET) return NO_BUCKET;
    const row = changed.data.subarray(id * DIM, (id + 1) * DIM);
    const first = nearest(row, codebook1);
    const rest = row.map((value, d) => value - (codebook1[first * DIM + d] as number));
    return first * codewordCount + nearest(rest, codebook2);
  });
  expect(Array.from(buckets)).toEqual(expected);
});

test("passes of k-means from the older codebooks leave less behind", async () => {
  const first = await build(old, { rowType: "f32" });
  const none = await built(changed, { rowType: "f32", warmFrom: first });
  const few = await built(changed, { rowType: "f32", warmFrom: first, warmPasses: 3 });
  expect(few.report.residualShare).toBeLessThan(none.report.residualShare);
});

test("refuses by name what doesn't fit, and a damaged file", async () => {
  const first = await build(old, {});
  const refuse = (options: BuildOptions, matrix = old) =>
    expect(build(matrix, { warmFrom: first, ...options })).rejects;
  await expect(build(old, { warmFrom: new Uint8Array(64) })).rejects.toThrow(
    /^"warmFrom": .*\(header-length at byte 0\)$/,
  );
  await refuse({ quantizer: "pq" }).toThrow('"warmFrom" expected an index with quantizer pq, got one with rq');
  await refuse({ bits: 2 }).toThrow('"warmFrom" expected an index with bits 2, got one with 4');
  await refuse({ metric: "cosine" }).toThrow('"warmFrom" expected an index with metric cosine, got one with dot');
  await refuse({}, { data: data.subarray(0, 50), shape: [10, 5] }).toThrow(
    "expected an index with dim 5, got one with 6",
  );
  await refuse({ warmPasses: -1 }).toThrow('"warmPasses" expected an integer in 0..1000, got -1');
  await expect(build(old, { warmPasses: 1 })).rejects.toThrow('"warmPasses" expected "warmFrom" beside it');
  const damaged = first.slice();
  damaged[4200] = (damaged[4200] as number) ^ 1;
  await expect(build(old, { warmFrom: damaged })).rejects.toThrow(/checksum/);
});
