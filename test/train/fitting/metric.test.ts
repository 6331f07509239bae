import { describe, expect, test } from "vitest";
import { encode } from "../../../src/train/codes/encode.ts";
import { codebooksInto, codebooksOutOf, metricOf, metricRows } from "../../../src/train/fitting/metric.ts";
import { nearestCodes, reassign } from "../../../src/train/fitting/reassign.ts";
import { tableOf } from "../../../src/train/rows/row-table.ts";
import { runSync } from "../../../src/train/runtime/event-loop.ts";
import { singleThread } from "../../../src/train/runtime/worker-pool.ts";
import { trainKernels } from "../instances.ts";
import { randomRows } from "../rows.ts";
import { toy } from "./toy.ts";

const queriesOf = (dim: number): Float32Array =>
  randomRows(50 * dim, 9).map((value, i) => value * (i % dim < 2 ? 4 : 0.5));

describe.each([
  ["rq", 6],
  ["rq", 9],
  ["pq", 7],
] as const)("%s, dim %i", (kind, dim) => {
  const { tools, rows, quantizer, codes } = toy(kind, 300, dim, 3);
  const queries = queriesOf(dim);
  const metric = runSync(metricOf(quantizer, queries));

  /** Computes the mean of (z · v)² over the queries, for each half if the halves are separate. */
  const meanSquare = (v: ArrayLike<number>): number => {
    const parts =
      kind === "rq"
        ? [[0, dim]]
        : [
            [0, quantizer.dim1],
            [quantizer.dim1, dim],
          ];
    let sum = 0;
    for (let q = 0; q < 50; q++) {
      for (const [from, to] of parts as [number, number][]) {
        let product = 0;
        for (let d = from; d < to; d++) product += (queries[q * dim + d] as number) * (v[d] as number);
        sum += (product * product) / 50;
      }
    }
    return sum;
  };

  test("squared lengths in the metric are mean squared products with the queries, but for the shrinkage", () => {
    const across = metricRows(metric, quantizer);
    for (const seed of [1, 2, 3]) {
      const v = randomRows(dim, seed);
      let square = 0;
      for (let j = 0; j < dim; j++) {
        let value = 0;
        for (let d = 0; d < dim; d++) value += (across[j * dim + d] as number) * (v[d] as number);
        square += value * value;
      }
      expect(Math.abs(square / meanSquare(v) - 1)).toBeLessThan(0.01);
    }
  });

  test("codebooks come back as they went in", () => {
    const back = codebooksOutOf(metric, codebooksInto(metric, quantizer));
    for (const name of ["codebook1", "codebook2"] as const) {
      for (const [i, value] of back[name].entries())
        expect(Math.abs(value - (quantizer[name][i] as number))).toBeLessThan(1e-4);
    }
  });

  test("reassigned classes lose less of the logits' squares, and none loses more than it did", () => {
    const residual = (id: number, k1: number, k2: number): Float64Array =>
      Float64Array.from({ length: dim }, (_, d) => {
        const { dim1, dim2, codebook1, codebook2 } = quantizer;
        let value = rows[id * dim + d] as number;
        if (kind === "rq" || d < dim1) value -= codebook1[k1 * dim1 + d] as number;
        if (kind === "rq") value -= codebook2[k2 * dim2 + d] as number;
        else if (d >= dim1) value -= codebook2[k2 * dim2 + d - dim1] as number;
        return value;
      });
    const moved = runSync(reassign(tools, metric, quantizer, codes));
    let [before, after] = [0, 0];
    for (let id = 0; id < 300; id++) {
      const had = meanSquare(residual(id, codes.codes1[id] as number, codes.codes2[id] as number));
      const has = meanSquare(residual(id, moved.codes1[id] as number, moved.codes2[id] as number));
      expect(has).toBeLessThanOrEqual(had * 1.01 + 1e-6);
      before += had;
      after += has;
    }
    expect(after).toBeLessThan(before / 2);
  });

  test("the nearest codes are those of a build", async () => {
    const pool = singleThread({ train: trainKernels() });
    const expected = await encode(pool, quantizer, tableOf({ data: rows, shape: [300, dim] }), async () => {});
    expect(runSync(nearestCodes(tools, quantizer))).toEqual(expected);
  });
});

test("queries in one direction singleThread, and none at all in another, still have a metric with an inverse", () => {
  const { quantizer } = toy("rq", 10, 5, 1);
  const queries = new Float32Array(20 * 5).map((_, i) => (i % 5 === 0 ? 3 : 0));
  for (const given of [queries, new Float32Array(20 * 5)]) {
    const metric = runSync(metricOf(quantizer, given));
    const back = codebooksOutOf(metric, codebooksInto(metric, quantizer));
    expect(back.codebook1.every(Number.isFinite)).toBe(true);
    expect(metric.root1.every(Number.isFinite)).toBe(true);
  }
});
