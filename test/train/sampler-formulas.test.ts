import { describe, expect, test } from "vitest";
import { aliasTable } from "../../src/train/samplers/alias-table.ts";
import { cosineAndSine } from "../../src/train/samplers/circular.ts";
import { createSampler } from "../../src/train/samplers/create-inlined.ts";
import { normalRows } from "../../src/train/samplers/directions.ts";
import { skipping } from "../../src/train/samplers/skipping.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { trainKernels } from "./instances.ts";
import { randomRows } from "./rows.ts";
import { DIM, madeClasses } from "./sampler-cases.ts";

// The probabilities of each sampler are compared with formulas in f64.

const N = 60;
const IDS = Array.from({ length: N }, (_, id) => id);
const classes = madeClasses(N);
const query = randomRows(DIM, 40);

const rowOf = (id: number): Float32Array => classes.rows.subarray(id * DIM, (id + 1) * DIM);
const dot = (a: ArrayLike<number>, b: Float32Array): number =>
  b.reduce((sum, value, d) => sum + value * (a[d] as number), 0);
const unit = (vector: Float32Array): Float32Array => vector.map((value) => value / Math.sqrt(dot(vector, vector)));
const normalised = (logMasses: readonly number[]): number[] => {
  const total = logSumExp(logMasses);
  return logMasses.map((mass) => mass - total);
};

/** Of logarithms whose products were taken in f32. */
const SINGLE = 5;

function expectLogs(found: ArrayLike<number>, logMasses: readonly number[], digits = 10): void {
  for (const [id, expected] of normalised(logMasses).entries()) expect(found[id]).toBeCloseTo(expected, digits);
}

test("full is the softmax, biases included, and of the moved rows after a refresh", async () => {
  const sampler = await createSampler({ kind: "full" }, classes);
  expectLogs(
    sampler.logQ(query, IDS, []),
    IDS.map((id) => dot(query, rowOf(id)) + (classes.biases[id] as number)),
    SINGLE,
  );
  const moved = madeClasses(N, 50);
  sampler.refresh(moved.rows, moved.biases);
  expectLogs(
    sampler.logQ(query, IDS, []),
    IDS.map((id) => dot(query, moved.rows.subarray(id * DIM, (id + 1) * DIM)) + (moved.biases[id] as number)),
    SINGLE,
  );
});

test("uniform is 1 / N", async () => {
  const sampler = await createSampler({ kind: "uniform" }, classes);
  for (const logQ of sampler.logQ(query, IDS, [])) expect(logQ).toBeCloseTo(-Math.log(N), 14);
});

test.each([undefined, 1, 0])(
  "unigram is count^power, a count of 0 taken for the least there is (power %s)",
  async (power) => {
    const sampler = await createSampler({ kind: "unigram", ...(power !== undefined && { power }) }, classes);
    const least = Math.min(...classes.counts.filter((count) => count > 0));
    const masses = Array.from(classes.counts, (count) => (power ?? 0.75) * Math.log(Math.max(least, count)));
    expectLogs(sampler.logQ(query, IDS, []), masses);
  },
);

test("log-uniform is TensorFlow's, by rank: log((r + 2) / (r + 1)) / log(N + 1)", async () => {
  const sampler = await createSampler({ kind: "log-uniform" }, classes);
  const order = IDS.toSorted((a, b) => (classes.counts[b] as number) - (classes.counts[a] as number) || a - b);
  const logQ = sampler.logQ(query, order, []);
  for (const rank of IDS) {
    expect(logQ[rank]).toBeCloseTo(Math.log(Math.log((rank + 2) / (rank + 1)) / Math.log(N + 1)), 12);
  }
});

test.each(["unigram", "log-uniform", "in-batch"] as const)("%s needs counts, and says so", async (kind) => {
  const { rows, biases } = classes;
  await expect(createSampler({ kind }, { rows, biases })).rejects.toThrow(
    new RangeError(`"counts" expected 60 values for ${kind}, got none`),
  );
});

describe("in-batch", () => {
  const batch = [5, 9, 9, 30, 41, 5, 17];

  test("has the frequencies for log Q", async () => {
    const sampler = await createSampler({ kind: "in-batch" }, classes);
    expectLogs(
      sampler.logQ(query, IDS, []),
      Array.from(classes.counts, (count) => Math.log(Math.max(1, count))),
    );
  });

  test("takes each place of the batch once, without the excluded, in an order by the seed", async () => {
    const sampler = await createSampler({ kind: "in-batch" }, classes);
    sampler.useBatch(batch);
    const drawn = [1n, 2n, 3n].map((seed) => [...sampler.draw(query, 5, [9], seed).ids]);
    for (const ids of drawn) expect(ids.toSorted((a, b) => a - b)).toEqual([5, 5, 17, 30, 41]);
    expect(new Set(drawn.map(String)).size).toBeGreaterThan(1);
  });

  test("draws what a batch is too small for by frequency", async () => {
    const sampler = await createSampler({ kind: "in-batch" }, classes);
    sampler.useBatch([9, 9]);
    const { ids } = sampler.draw(query, 40, [9], 1n);
    expect(ids).not.toContain(9);
    expect(new Set(ids).size).toBeGreaterThan(10);
    expect(() => sampler.useBatch([60])).toThrow('"positives"[0] expected an integer in 0..59, got 60');
  });
});

test("quadratic is α (z·v)² + 1", async () => {
  for (const alpha of [100, 3]) {
    const sampler = await createSampler({ kind: "quadratic", alpha }, classes);
    expectLogs(
      sampler.logQ(query, IDS, []),
      IDS.map((id) => Math.log(alpha * dot(query, rowOf(id)) ** 2 + 1)),
      SINGLE,
    );
  }
});

describe("lsh", () => {
  test.each([1, 2, 4])("has the probability of its tables with %i bits, by hashing each class", async (bits) => {
    const [tables, uniformShare, seed] = [5, 0.2, 3n];
    const sampler = await createSampler({ kind: "lsh", tables, bits, uniformShare, seed }, classes);
    const planes = normalRows(trainKernels(), tables * bits, DIM, seed);
    const codeOf = (vector: Float32Array, table: number): string =>
      Array.from(
        { length: bits },
        (_, bit) => dot(planes.subarray((table * bits + bit) * DIM, (table * bits + bit + 1) * DIM), vector) >= 0,
      ).join();
    const q = new Float64Array(N).fill(uniformShare / N);
    for (let table = 0; table < tables; table++) {
      const found = IDS.filter((id) => codeOf(rowOf(id), table) === codeOf(query, table));
      const among = found.length > 0 ? found : IDS;
      for (const id of among) q[id] = (q[id] as number) + (1 - uniformShare) / tables / among.length;
    }
    expectLogs(sampler.logQ(query, IDS, []), Array.from(q, Math.log));
  });

  test("says how many classes a refresh gave another code", async () => {
    const sampler = await createSampler({ kind: "lsh", bits: 3 }, classes);
    expect(sampler.refresh(classes.rows, classes.biases)).toMatchObject({ kind: "reassigned", moved: 0 });
    const turned = classes.rows.map((value, i) => (i < 2 * DIM ? -value : value));
    expect(sampler.refresh(turned, classes.biases).moved).toBe(2);
  });

  test("names options it can't have", async () => {
    await expect(createSampler({ kind: "lsh", uniformShare: 0 }, classes)).rejects.toThrow('"uniformShare" expected');
    await expect(createSampler({ kind: "lsh", tables: 0 }, classes)).rejects.toThrow('"tables" expected 1 or more');
    await expect(createSampler({ kind: "lsh", bits: 17 }, classes)).rejects.toThrow('"bits" expected 1..16, got 17');
  });
});

test("fourier has the frequencies' mean of cos(ω·(z − v)) of unit vectors, kept above .01", async () => {
  const [frequencies, sharpness] = [16, 3];
  const sampler = await createSampler({ kind: "fourier", frequencies, sharpness, seed: 8n }, classes);
  const directions = normalRows(trainKernels(), frequencies, DIM, 8n);
  const masses = IDS.map((id) => {
    const difference = unit(query).map((value, d) => value - (unit(rowOf(id))[d] as number));
    let sum = 0;
    for (let k = 0; k < frequencies; k++) {
      sum += Math.cos(Math.sqrt(sharpness) * dot(difference, directions.subarray(k * DIM, (k + 1) * DIM)));
    }
    return Math.log(Math.max(0.01, sum / frequencies));
  });
  expect(Math.min(...masses)).toBe(Math.log(0.01));
  expectLogs(sampler.logQ(query, IDS, []), masses, 4);
});

test("fourier comes near the Gaussian kernel of unit vectors as frequencies grow", async () => {
  const sharpness = 2;
  const kernel = IDS.map((id) => Math.exp(-sharpness * (1 - dot(unit(query), unit(rowOf(id))))));
  const total = kernel.reduce((a, b) => a + b, 0);
  const errorWith = async (frequencies: number): Promise<number> => {
    const sampler = await createSampler({ kind: "fourier", frequencies, sharpness }, classes);
    const logQ = sampler.logQ(query, IDS, []);
    return Math.max(...IDS.map((id) => Math.abs(Math.exp(logQ[id] as number) * total - (kernel[id] as number))));
  };
  const [few, many] = [await errorWith(16), await errorWith(4096)];
  expect(many).toBeLessThan(0.06);
  expect(many).toBeLessThan(few / 3);
});

test("a sampler of no known kind is refused by name", async () => {
  await expect(createSampler({ kind: "best" } as never, classes)).rejects.toThrow(
    '"kind" expected one of full, uniform',
  );
});

test("an alias table gives the masses, and nothing of mass 0", () => {
  for (const masses of [[1], [0, 1], [3, 0, 1, 5, 0, 1e-9, 2], [...randomRows(50, 3)].map(Math.abs)]) {
    const draw = aliasTable(Float64Array.from(masses));
    const total = masses.reduce((a, b) => a + b, 0);
    const steps = 4000;
    const found = new Float64Array(masses.length);
    for (let column = 0; column < masses.length; column++) {
      for (let step = 0; step < steps; step++) {
        const drawn = draw((column + 0.5) / masses.length, (step + 0.5) / steps);
        found[drawn] = (found[drawn] as number) + 1 / (steps * masses.length);
      }
    }
    for (const [i, mass] of masses.entries()) {
      expect(Math.abs((found[i] as number) - mass / total)).toBeLessThan(1 / steps);
      if (mass === 0) expect(found[i]).toBe(0);
    }
  }
});

test("skipping counts over what is left out", () => {
  for (const out of [[], [0], [4, 1, 0], [2, 3, 9], [9, 8, 7, 6, 5]]) {
    const rest = Array.from({ length: 10 }, (_, i) => i).filter((i) => !out.includes(i));
    expect(rest.map((_, r) => skipping(out)(r))).toEqual(rest);
  }
});

test("cosine and sine are within 2^-50 of Math's", () => {
  for (let i = -2000; i < 2000; i++) {
    const x = i * 0.7310585 + i ** 3 * 1e-6;
    const [cosine, sine] = cosineAndSine(x);
    expect(Math.abs(cosine - Math.cos(x))).toBeLessThan(2 ** -50);
    expect(Math.abs(sine - Math.sin(x))).toBeLessThan(2 ** -50);
  }
});

test("directions have the moments of independent standard normals", () => {
  const values = normalRows(trainKernels(), 100, 200, 1n);
  const moment = (power: number): number => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
  // Standard deviations of the means of 20,000: √1, √2, √96 over √20,000; five of each.
  expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(20_000));
  expect(Math.abs(moment(2) - 1)).toBeLessThan((5 * Math.SQRT2) / Math.sqrt(20_000));
  expect(Math.abs(moment(4) - 3)).toBeLessThan((5 * Math.sqrt(96)) / Math.sqrt(20_000));
});

test.each(["midx", "lsh", "fourier"] as const)("the seed of %s is a number or a bigint", async (kind) => {
  const classes = { rows: randomRows(60 * 6, 1), biases: new Float32Array(60) };
  const query = randomRows(6, 2);
  const [number, bigint] = [
    await createSampler({ kind, seed: 7 }, classes),
    await createSampler({ kind, seed: 7n }, classes),
  ];
  expect(number.draw(query, 20, [], 1n)).toEqual(bigint.draw(query, 20, [], 1n));
});
