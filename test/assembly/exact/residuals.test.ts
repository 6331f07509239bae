import { expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import { biases, INDEX_CASES, LARGE_LOGIT_CASES } from "../../fixtures/index-cases.ts";
import { describeBuilds, type OpenedTiny, openTiny } from "../../fixtures/opened.ts";
import { tinyIndex } from "../../fixtures/tiny-index.ts";
import { derive } from "../../reference/buckets.ts";
import { reference } from "../../reference/index.ts";
import { codesOf, firstOutlierOf, positionsOf, type ReferenceIndex } from "../../reference/reference-index.ts";
import type { Residuals } from "../../reference/residuals.ts";

const CASES: readonly (readonly [name: string, index: ReferenceIndex])[] = [
  ...INDEX_CASES,
  ...LARGE_LOGIT_CASES,
  ["values of 2^40", tinyIndex({ itemCount: 60, dim: 11, bits: 2, scale: 2 ** 40, bias: [...biases(60, 41)] })],
  ["values of 2^-40", tinyIndex({ itemCount: 60, dim: 11, bits: 2, scale: 2 ** -40, bias: [...biases(60, 42)] })],
  ["values of 2^-100", tinyIndex({ itemCount: 60, dim: 3, bits: 2, scale: 2 ** -100 })],
  ["pq of values of 2^-70", tinyIndex({ itemCount: 60, dim: 9, bits: 2, quantizer: "pq", scale: 2 ** -70 })],
  ["int8 rows of 2^30", tinyIndex({ itemCount: 60, dim: 5, bits: 2, rows: "i8", scale: 2 ** 30 })],
  ["int8 rows of 2^-40", tinyIndex({ itemCount: 60, dim: 5, bits: 2, rows: "i8", scale: 2 ** -40 })],
  ["rows equal to their codewords", withoutResiduals()],
];

/** f32's unit roundoff. */
const U = 2 ** -24;

describeBuilds("measureResiduals", (modules) => {
  test.each(CASES)("equals the reference bit for bit, and writes nothing else: %s", async (_, index) => {
    const opened = await openTiny(modules, index);
    const expected = reference.measureResiduals(index, opened.index.slots);
    expect(measure(opened)).toEqual(expected);
    const written = [
      ...(["residualNorms", "slotRadii", "slotTops"] as const).map((name) => {
        const begin = opened.address(name);
        return { begin, end: begin + expected[name].byteLength };
      }),
      { begin: opened.layout + structs.LAYOUT_NORM_BOUND, end: opened.layout + structs.LAYOUT_BIAS_BOUND + 4 },
      { begin: opened.layout + structs.LAYOUT_ROW_BOUND, end: opened.layout + structs.LAYOUT_ROW_BOUND + 4 },
    ];
    const stray = opened.strayWrites().filter((at) => !written.some(({ begin, end }) => begin <= at && at < end));
    expect(stray).toEqual([]);
  });

  test.each(CASES)("norms are close upper bounds: %s", async (_, index) => {
    const { residualNorms, normBound, rowBound } = measure(await openTiny(modules, index));
    const exact = exactResiduals(index);
    for (const [p, norm] of residualNorms.entries()) {
      const { residual, row, codewords } = exact[p] as ExactResidual;
      // The error in f32 before the squares: of int8 rows' scales, of the codewords' sum and of the difference.
      const lost = 2 * U * (row + codewords);
      expect(norm, `position ${p}`).toBeGreaterThanOrEqual(residual - lost);
      expect(norm, `position ${p}`).toBeLessThanOrEqual(residual * (1 + 1e-5) + lost + 2 ** -63);
      expect(normBound).toBeGreaterThanOrEqual(row + codewords);
      expect(rowBound).toBeGreaterThanOrEqual(row * (1 - 2 * U));
    }
  });

  test.each(CASES)("radii, tops and bounds are the largest of their kind: %s", async (_, index) => {
    const opened = await openTiny(modules, index);
    const { residualNorms, slotRadii, slotTops, normBound, biasBound } = measure(opened);
    const { slotBuckets } = opened.index.slots;
    for (const [slot, bucket] of slotBuckets.entries()) {
      if (bucket < 0) {
        expect([slotRadii[slot], slotTops[slot]]).toEqual([0, 0]);
        continue;
      }
      const { first, end } = positionsOf(index, bucket);
      expect(slotRadii[slot]).toBe(Math.max(...residualNorms.subarray(first, end)));
      expect(slotTops[slot]).toBe(index.bias ? Math.max(...index.bias.subarray(first, end)) : 0);
    }
    expect(biasBound).toBe(Math.max(0, ...(index.bias ?? []).map(Math.abs)));
    const codewords = [index.codebook1, index.codebook2].map((codebook) =>
      largestNorm(codebook, 2 ** index.facts.bits),
    );
    const [first = 0, second = 0] = codewords;
    const tight = 2 * (first + second) + Math.max(0, ...residualNorms);
    expect(normBound).toBeGreaterThanOrEqual(tight * (1 - U));
    expect(normBound).toBeLessThanOrEqual(tight * (1 + 1e-5));
  });
});

/** Runs the kernel and reads its results. */
function measure(opened: OpenedTiny): Residuals {
  opened.kernels.measureResiduals(opened.layout);
  const { facts, slots } = opened.index;
  const fields = new DataView(opened.kernels.memory.buffer, opened.layout);
  return {
    residualNorms: opened.read(Float32Array, "residualNorms", facts.itemCount),
    slotRadii: opened.read(Float32Array, "slotRadii", slots.slotBuckets.length),
    slotTops: opened.read(Float32Array, "slotTops", slots.slotBuckets.length),
    normBound: fields.getFloat32(structs.LAYOUT_NORM_BOUND, true),
    biasBound: fields.getFloat32(structs.LAYOUT_BIAS_BOUND, true),
    rowBound: fields.getFloat32(structs.LAYOUT_ROW_BOUND, true),
  };
}

interface ExactResidual {
  readonly residual: number;
  /** The norm of the stored row. */
  readonly row: number;
  /** The sum of the norms of its codewords. */
  readonly codewords: number;
}

/** (N) by position: the norms of a class's row, its codewords and their difference, in f64. */
function exactResiduals(index: ReferenceIndex): ExactResidual[] {
  const { dim, quantizer } = index.facts;
  const rowAt = (p: number): number[] => {
    const scale = index.rowScales?.[p] ?? 1;
    return Array.from(index.rows.subarray(p * dim, (p + 1) * dim), (value) => value * scale);
  };
  const outliers = Array.from(index.ids.keys())
    .slice(firstOutlierOf(index))
    .map((p) => ({ residual: norm(rowAt(p)), row: norm(rowAt(p)), codewords: 0 }));
  const inBuckets = Array.from(index.bucketCodes.keys()).flatMap((bucket) => {
    const { first, count } = positionsOf(index, bucket);
    const { k1, k2 } = codesOf(index, bucket);
    const c1 = rowOf(index.codebook1, 2 ** index.facts.bits, k1);
    const c2 = rowOf(index.codebook2, 2 ** index.facts.bits, k2);
    const centre = quantizer === "pq" ? [...c1, ...c2] : c1.map((value, d) => value + (c2[d] as number));
    return Array.from({ length: count }, (_, i) => {
      const row = rowAt(first + i);
      const residual = norm(row.map((value, d) => value - (centre[d] as number)));
      return { residual, row: norm(row), codewords: norm(c1) + norm(c2) };
    });
  });
  return [...inBuckets, ...outliers];
}

const norm = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

function rowOf(rows: Float32Array, count: number, i: number): number[] {
  return Array.from(rows.subarray((i * rows.length) / count, ((i + 1) * rows.length) / count));
}

const largestNorm = (rows: Float32Array, count: number): number =>
  Math.max(...Array.from({ length: count }, (_, i) => norm(rowOf(rows, count, i))));

/** Values are integers, so that rows equal the sums of their codewords to the bit. */
function withoutResiduals(): ReferenceIndex {
  const index = tinyIndex({ itemCount: 50, dim: 6, bits: 2, values: "integer", bias: [...biases(50, 43)] });
  const centred = derive(index);
  for (const bucket of centred.bucketCodes.keys()) {
    const { first, end } = positionsOf(centred, bucket);
    const { k1, k2 } = codesOf(centred, bucket);
    const [c1, c2] = [rowOf(index.codebook1, 4, k1), rowOf(index.codebook2, 4, k2)];
    for (let p = first; p < end; p++)
      index.rows.set(
        c1.map((value, d) => value + (c2[d] as number)),
        p * 6,
      );
  }
  return index;
}
