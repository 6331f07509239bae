import { expect, test } from "vitest";
import { kmeans } from "../../src/train/kmeans/kmeans.ts";
import { type Pass, updateCodebook } from "../../src/train/kmeans/lloyd.ts";
import { seedCodewords } from "../../src/train/kmeans/seeding.ts";
import { columnRows } from "../../src/train/rows/row-source.ts";
import { startArena } from "../../src/train/runtime/arena.ts";
import { startYielding } from "../../src/train/runtime/event-loop.ts";
import { trainKernels } from "./instances.ts";
import { randomRows } from "./rows.ts";

const kernels = trainKernels();
const options = {
  codewordCount: 8,
  seed: 1n,
  codebook: 1,
  restart: 0,
  restarts: 1,
  maxIterations: 25,
  smallestGain: 1e-4,
  yieldIfDue: startYielding(undefined),
};
const equalWeights = (count: number): Float64Array => new Float64Array(count).fill(1);

function run(data: Float32Array, dim: number, weights: Float64Array, changes: Partial<Parameters<typeof kmeans>[4]>) {
  const arena = startArena(kernels);
  const source = columnRows(arena, { data, dim, from: 0, to: dim }, data.length / dim);
  return kmeans(kernels, arena, source, weights, { ...options, ...changes });
}

/** Computes Σ weight · squared distance to the nearest codeword, in f64. */
function inertiaOf(data: Float32Array, dim: number, weights: Float64Array, codebook: Float32Array): number {
  let inertia = 0;
  weights.forEach((weight, i) => {
    let nearest = Infinity;
    for (let k = 0; k < codebook.length / dim; k++) {
      let distance = 0;
      for (let d = 0; d < dim; d++)
        distance += ((data[i * dim + d] as number) - (codebook[k * dim + d] as number)) ** 2;
      nearest = Math.min(nearest, distance);
    }
    inertia += weight * nearest;
  });
  return inertia;
}

test("inertia never rises from pass to pass, and falls", async () => {
  const [count, dim] = [9000, 5];
  const data = randomRows(count * dim, 1);
  const weights = Float64Array.from(randomRows(count, 2), (x) => (x + 1) ** 2);
  const inertias: number[] = [];
  await run(data, dim, weights, { codewordCount: 32, onPass: (_, __, inertia) => inertias.push(inertia) });
  // An f32 distance has a relative error of at most (dim + 4) 2⁻²⁴. That of the nearest codeword is off by twice the rounding.
  const slack = 4 * (dim + 4) * 2 ** -24 * inertiaOf(data, dim, weights, new Float32Array(dim));
  inertias.forEach((inertia, i) => {
    if (i > 0) expect(inertia).toBeLessThanOrEqual((inertias[i - 1] as number) + slack);
  });
  expect(inertias.length).toBeGreaterThan(3);
  expect(inertias.at(-1)).toBeLessThan(0.9 * (inertias[0] as number));
});

test("updates that go beyond the means end lower after as many passes, and never raise the inertia", async () => {
  const [count, dim] = [9000, 5];
  const data = randomRows(count * dim, 1);
  const changes = { codewordCount: 32, maxIterations: 6, smallestGain: 0 };
  const ends: number[] = [];
  for (const stretch of [1, 1.6]) {
    const inertias: number[] = [];
    const onPass = (_: number, __: number, inertia: number): void => void inertias.push(inertia);
    const { inertia } = await run(data, dim, equalWeights(count), { ...changes, stretch, onPass });
    expect(inertias).toEqual(inertias.toSorted((a, b) => b - a));
    expect(inertias).toHaveLength(7);
    ends.push(inertia);
  }
  expect(ends[1]).toBeLessThan(ends[0] as number);
});

test("the first update moves codewords to the means themselves, whatever the stretch", async () => {
  const data = randomRows(400 * 3, 4);
  const once = { codewordCount: 8, maxIterations: 1, smallestGain: 0 };
  const plain = await run(data, 3, equalWeights(400), once);
  expect(await run(data, 3, equalWeights(400), { ...once, stretch: 1.6 })).toEqual(plain);
});

test("the reported inertia is that of the codebook returned", async () => {
  const data = randomRows(300 * 3, 1);
  const weights = Float64Array.from(randomRows(300, 2), (x) => x + 1);
  for (const maxIterations of [0, 1, 25]) {
    const { codebook, inertia } = await run(data, 3, weights, { maxIterations });
    expect(inertia / inertiaOf(data, 3, weights, codebook)).toBeCloseTo(1, 6);
  }
});

test("more restarts never end worse, and several beat the first here", async () => {
  const data = randomRows(400 * 2, 3);
  const first = await run(data, 2, equalWeights(400), { codewordCount: 16 });
  const best = await run(data, 2, equalWeights(400), { codewordCount: 16, restarts: 8 });
  expect(best.inertia).toBeLessThan(first.inertia);
});

test("of restarts with equal inertia the earlier is kept", async () => {
  const data = Float32Array.of(0, 10, 20);
  const first = await run(data, 1, equalWeights(3), { codewordCount: 4 });
  const best = await run(data, 1, equalWeights(3), { codewordCount: 4, restarts: 9 });
  expect(best).toEqual(first);
});

test("separated clusters are found, each codeword the mean of its own", async () => {
  const data = Float32Array.from({ length: 400 }, (_, i) => (i % 4) * 1000 + Math.floor(i / 4));
  const { codebook } = await run(data, 1, equalWeights(400), { codewordCount: 4, restarts: 3 });
  expect([...codebook].sort((a, b) => a - b)).toEqual([49.5, 1049.5, 2049.5, 3049.5]);
});

test("one codeword is the weighted mean", async () => {
  const { codebook } = await run(Float32Array.of(1, 2, 5, 6, 9, 10), 2, Float64Array.of(1, 2, 5), { codewordCount: 1 });
  expect([...codebook]).toEqual([7, 8]);
});

test("a weight counts like so many copies of the row", async () => {
  const data = Float32Array.of(0, 1, 8, 9, 20);
  const copies = Float32Array.of(0, 0, 0, 1, 8, 9, 9, 20);
  const weighted = await run(data, 1, Float64Array.of(3, 1, 1, 2, 1), { codewordCount: 2, restarts: 9 });
  const repeated = await run(copies, 1, equalWeights(8), { codewordCount: 2, restarts: 9 });
  expect(weighted.inertia).toBeCloseTo(repeated.inertia, 5);
  expect([...weighted.codebook].sort()).toEqual([...repeated.codebook].sort());
});

test("seeding takes each distinct row once and then repeats the first codeword", async () => {
  const arena = startArena(kernels);
  const data = Float32Array.of(5, 7, 5, 9, 7, 5);
  const source = columnRows(arena, { data, dim: 1, from: 0, to: 1 }, 6);
  const codebook = await seedCodewords(kernels, arena.nest(), source, equalWeights(6), options);
  expect([...codebook.slice(0, 3)].sort()).toEqual([5, 7, 9]);
  expect([...codebook.slice(3)]).toEqual(new Array(5).fill(codebook[0]));
});

test("seeding draws in proportion to weight, then to weight times squared distance", async () => {
  const arena = startArena(kernels);
  const source = columnRows(arena, { data: Float32Array.of(0, 1, 3), dim: 1, from: 0, to: 1 }, 3);
  const weights = Float64Array.of(5, 2, 1);
  const runs = 4000;
  const seen = new Map<string, number>();
  for (let seed = 0n; seed < runs; seed++) {
    const pair = await seedCodewords(kernels, arena.nest(), source, weights, { ...options, codewordCount: 2, seed });
    seen.set(pair.join(), (seen.get(pair.join()) ?? 0) + 1);
  }
  // First ∝ 5, 2, 1. Then from 0: 2·1 against 1·9; from 1: 5·1 against 1·4; from 3: 5·9 against 2·4.
  const expected = {
    "0,1": (5 / 8) * (2 / 11),
    "0,3": (5 / 8) * (9 / 11),
    "1,0": (2 / 8) * (5 / 9),
    "1,3": (2 / 8) * (4 / 9),
    "3,0": (1 / 8) * (45 / 53),
    "3,1": (1 / 8) * (8 / 53),
  };
  let chiSquare = 0;
  for (const [pair, share] of Object.entries(expected)) {
    chiSquare += ((seen.get(pair) ?? 0) - runs * share) ** 2 / (runs * share);
  }
  // 5 degrees of freedom: 20.5 is exceeded with probability .001.
  expect(chiSquare).toBeLessThan(20.5);
});

test("codewords without mass move, lowest first, to the rows of largest weighted error, ties to the lower row", () => {
  const arena = startArena(kernels);
  const source = columnRows(arena, { data: Float32Array.of(10, 20, 30, 40), dim: 1, from: 0, to: 1 }, 4);
  const pass: Pass = {
    inertia: 14,
    errors: Float64Array.of(1, 5, 3, 5),
    sums: Float64Array.of(0, 60, 0, 0),
    masses: Float64Array.of(0, 4, 0, 0),
  };
  expect([...updateCodebook(source, arena, pass, Float32Array.of(1, 2, 3, 4))]).toEqual([20, 15, 40, 30]);
});

test("codewords without mass stay where no row has an error left", () => {
  const arena = startArena(kernels);
  const source = columnRows(arena, { data: Float32Array.of(10, 20), dim: 1, from: 0, to: 1 }, 2);
  const pass: Pass = {
    inertia: 2,
    errors: Float64Array.of(2, 0),
    sums: Float64Array.of(0, 30, 0),
    masses: Float64Array.of(0, 2, 0),
  };
  expect([...updateCodebook(source, arena, pass, Float32Array.of(1, 2, 3))]).toEqual([10, 15, 3]);
});
