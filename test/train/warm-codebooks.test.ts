import { describe, expect, test } from "vitest";
import type { Quantizer } from "../../src/train/kmeans/quantizer.ts";
import { warmCodebooks } from "../../src/train/samplers/midx/warm-codebooks.ts";
import { trainKernels } from "./instances.ts";
import { randomRows } from "./rows.ts";

const [rowCount, dim, codewordCount] = [300, 5, 8];
const rows = randomRows(rowCount * dim, 1);
const weights = Float64Array.from(randomRows(rowCount, 2), (value) => value ** 4);
const sample = { ids: Uint32Array.from({ length: rowCount }, (_, id) => id), weights };

const WIDTHS = { rq: [dim, dim], pq: [3, 2] } as const;

const begun = (kind: "rq" | "pq"): Quantizer => ({
  ...{ kind, codewordCount, dim, dim1: WIDTHS[kind][0], dim2: WIDTHS[kind][1] },
  codebook1: randomRows(codewordCount * WIDTHS[kind][0], 3).map((value) => value / 2),
  codebook2: randomRows(codewordCount * WIDTHS[kind][1], 4).map((value) => value / 4),
});

/** Finds the codeword nearest to each vector, by differences in f64, and Σ weight · squared distance. */
function assign(vectors: number[][], codebook: Float32Array): { codes: number[]; inertia: number } {
  const width = codebook.length / codewordCount;
  let inertia = 0;
  const codes = vectors.map((vector, i) => {
    const distances = Array.from({ length: codewordCount }, (_, k) =>
      vector.reduce((sum, value, d) => sum + (value - (codebook[k * width + d] as number)) ** 2, 0),
    );
    const least = Math.min(...distances);
    inertia += (weights[i] as number) * least;
    return distances.indexOf(least);
  });
  return { codes, inertia };
}

/** Returns the vectors that each codebook clusters, and the inertia. */
function inertias(quantizer: Quantizer): [number, number] {
  const { kind, dim1, codebook1, codebook2 } = quantizer;
  const all = Array.from(sample.ids, (id) => [...rows.subarray(id * dim, (id + 1) * dim)]);
  const first = assign(kind === "rq" ? all : all.map((row) => row.slice(0, dim1)), codebook1);
  const rest = all.map((row, i) =>
    kind === "pq"
      ? row.slice(dim1)
      : row.map((value, d) => value - (codebook1[(first.codes[i] as number) * dim + d] as number)),
  );
  return [first.inertia, assign(rest, codebook2).inertia];
}

describe.each(["rq", "pq"] as const)("%s", (kind) => {
  test("codebooks serve the weighted rows better than those they began with, and stay there", () => {
    const before = inertias(begun(kind));
    const warm = warmCodebooks(trainKernels(), begun(kind), rows, sample);
    const after = inertias(warm);
    expect(after[0]).toBeLessThan(0.8 * before[0]);
    expect(after[1]).toBeLessThan(0.8 * before[1]);
    const again = inertias(warmCodebooks(trainKernels(), warm, rows, sample));
    expect(again[0]).toBeLessThanOrEqual(after[0]);
  });

  test("codewords are the weighted means of their rows once the passes end", () => {
    let quantizer = begun(kind);
    for (let pass = 0; pass < 20; pass++) quantizer = warmCodebooks(trainKernels(), quantizer, rows, sample);
    const { dim1, codebook1 } = quantizer;
    const firsts = Array.from(sample.ids, (id) => [...rows.subarray(id * dim, id * dim + dim1)]);
    const { codes } = assign(firsts, codebook1);
    for (let k = 0; k < codewordCount; k++) {
      const own = firsts.map((_, i) => i).filter((i) => codes[i] === k);
      const mass = own.reduce((sum, i) => sum + (weights[i] as number), 0);
      for (let d = 0; d < dim1; d++) {
        const mean = own.reduce((sum, i) => sum + (weights[i] as number) * (firsts[i]?.[d] as number), 0) / mass;
        expect(codebook1[k * dim1 + d]).toBeCloseTo(mean, 1);
      }
    }
  });
});
