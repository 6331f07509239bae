import { describe, expect, test } from "vitest";
import { learnQuantizer, type Quantizer } from "../../src/train/kmeans/quantizer.ts";
import type { QuantizerOptions } from "../../src/train/kmeans/quantizer-options.ts";
import { memoryTrainingRows } from "../../src/train/rows/training-rows.ts";
import { EVERY } from "../run/size.ts";
import { trainKernels } from "./instances.ts";
import { integerRows, randomRows } from "./rows.ts";
import { encodeAll as encode, type Table, trainOn } from "./train-on.ts";

const kernels = trainKernels();
const KINDS = ["rq", "pq"] as const;

function inputOf(data: Float32Array, dim: number): Table {
  return { data, itemCount: data.length / dim, dim };
}

/** Returns the vector that the codes of row i represent. */
function reconstruct(quantizer: Quantizer, code1: number, code2: number): number[] {
  const { kind, dim1, dim2, codebook1, codebook2 } = quantizer;
  const first = [...codebook1.subarray(code1 * dim1, (code1 + 1) * dim1)];
  const second = [...codebook2.subarray(code2 * dim2, (code2 + 1) * dim2)];
  return kind === "pq" ? [...first, ...second] : first.map((value, d) => value + (second[d] as number));
}

/** Computes Σ‖residual‖² of rows under their codes. */
function errorOf(quantizer: Quantizer, data: Float32Array): number {
  const itemCount = data.length / quantizer.dim;
  const { codes1, codes2 } = encode(kernels, quantizer, data, itemCount);
  let error = 0;
  for (let i = 0; i < itemCount; i++) {
    const row = reconstruct(quantizer, codes1[i] as number, codes2[i] as number);
    row.forEach((value, d) => {
      error += (value - (data[i * quantizer.dim + d] as number)) ** 2;
    });
  }
  return error;
}

const tables = {
  random: (count: number, dim: number) => randomRows(count * dim, count),
  equal: (count: number, dim: number) => Float32Array.from({ length: count * dim }, (_, i) => 1 + (i % dim)),
  duplicates: (count: number, dim: number) =>
    Float32Array.from({ length: count * dim }, (_, i) => (Math.floor(i / dim) % 3) * ((i % dim) + 1)),
  zero: (count: number, dim: number) => new Float32Array(count * dim),
};

/** The fewest rows, and numbers around those of codewords. */
const COUNTS = EVERY ? Array.from({ length: 41 }, (_, count) => count) : [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 40];

describe.each(KINDS)("%s", (kind) => {
  test.each(Object.entries(tables))(
    "k-means ends with the codes that encode gives its rows: %s rows",
    async (_, table) => {
      for (const [count, dim, bits] of [
        [0, 3, 2],
        [1, 1, 0],
        [7, 3, 4],
        [5000, 6, 5],
      ] as const) {
        for (const maxIterations of [0, 1, 25]) {
          const data = table(count, dim);
          const rows = memoryTrainingRows(count, dim, data);
          const weights = new Float64Array(count).fill(1);
          const { quantizer, ...codes } = await learnQuantizer(kernels, rows, weights, {
            kind,
            bits,
            seed: 1n,
            maxIterations,
          });
          expect(codes).toEqual(encode(kernels, quantizer, data, count));
        }
      }
    },
  );

  test.each(Object.entries(tables))("any number of rows and bits works: %s rows", async (name, table) => {
    for (const dim of [1, 3]) {
      for (const count of COUNTS) {
        for (let bits = 0; bits <= 4; bits++) {
          const data = table(count, dim);
          const quantizer = await trainOn(kernels, inputOf(data, dim), { kind, bits, seed: 1n });
          const K = 2 ** bits;
          const at = `${name}, ${count} rows, dim ${dim}, ${bits} bits`;
          expect(quantizer.codebook1.length, at).toBe(K * quantizer.dim1);
          expect(quantizer.codebook2.length, at).toBe(K * quantizer.dim2);
          expect([...quantizer.codebook1, ...quantizer.codebook2].every(Number.isFinite), at).toBe(true);
          const { codes1, codes2 } = encode(kernels, quantizer, data, count);
          expect(
            [...codes1, ...codes2].every((code) => code < K),
            at,
          ).toBe(true);
          const distinct = name === "random" ? count : name === "duplicates" ? Math.min(count, 3) : Math.min(count, 1);
          if (distinct <= K) expect(errorOf(quantizer, data), at).toBe(0);
        }
      }
    }
  });

  test("without rows the codebooks are zero", async () => {
    const quantizer = await trainOn(kernels, inputOf(new Float32Array(0), 5), { kind, bits: 2, seed: 1n });
    expect([...quantizer.codebook1, ...quantizer.codebook2].every((value) => value === 0)).toBe(true);
  });

  test("the first codeword wins ties, so surplus codewords are never used", async () => {
    const data = tables.duplicates(12, 4);
    const quantizer = await trainOn(kernels, inputOf(data, 4), { kind, bits: 4, seed: 3n });
    const { codes1, codes2 } = encode(kernels, quantizer, data, 12);
    expect(Math.max(...codes1)).toBeLessThan(3);
    expect(Math.max(...codes2)).toBeLessThan(kind === "rq" ? 1 : 3);
  });

  test("same input, options and seed give the same bytes, in both builds; another seed gives others", async () => {
    const input = { ...inputOf(randomRows(5000 * 7, 1), 7), weights: randomRows(5000, 2).map((x) => x + 1) };
    const options = { kind, bits: 5, seed: 9n, sampleRows: 2000, restarts: 2 };
    const first = await trainOn(kernels, input, options);
    expect(await trainOn(kernels, input, options)).toEqual(first);
    expect(await trainOn(trainKernels("train.debug.wasm"), input, options)).toEqual(first);
    expect(await trainOn(kernels, input, { ...options, seed: 10n })).not.toEqual(first);
  });

  test("each codeword is the nearest: of the row and then of its residual, or of each half", async () => {
    const dim = 5;
    const data = integerRows(300 * dim, 4);
    const quantizer = await trainOn(kernels, inputOf(data, dim), { kind, bits: 3, seed: 1n });
    const { codes1, codes2 } = encode(kernels, quantizer, data, 300);
    const { dim1, dim2, codebook1, codebook2 } = quantizer;
    const distance = (row: number[], codebook: Float32Array, k: number): number =>
      row.reduce((sum, value, d) => sum + (value - (codebook[k * row.length + d] as number)) ** 2, 0);
    const nearer: string[] = [];
    for (let i = 0; i < 300; i++) {
      const row = [...data.subarray(i * dim, (i + 1) * dim)];
      const first = row.slice(0, dim1);
      const code1 = codes1[i] as number;
      const left = first.map((value, d) => Math.fround(value - (codebook1[code1 * dim1 + d] as number)));
      const second = kind === "rq" ? left : row.slice(dim - dim2);
      for (let k = 0; k < 8; k++) {
        const isNearest =
          distance(first, codebook1, code1) <= distance(first, codebook1, k) + 1e-4 &&
          distance(second, codebook2, codes2[i] as number) <= distance(second, codebook2, k) + 1e-4;
        if (!isNearest) nearer.push(`codeword ${k} of row ${i}`);
      }
    }
    expect(nearer).toEqual([]);
  });

  test("a row's codes do not depend on the rows around it", async () => {
    const dim = 6;
    const data = randomRows(4200 * dim, 5);
    const quantizer = await trainOn(kernels, inputOf(data, dim), { kind, bits: 4, seed: 1n });
    const together = encode(kernels, quantizer, data, 4200);
    for (const [start, end] of [
      [0, 1],
      [4095, 4098],
      [4199, 4200],
    ] as const) {
      const alone = encode(kernels, quantizer, data.subarray(start * dim, end * dim), end - start);
      expect(alone.codes1).toEqual(together.codes1.slice(start, end));
      expect(alone.codes2).toEqual(together.codes2.slice(start, end));
    }
  });

  test("rows that weigh more are fitted better", async () => {
    const data = randomRows(2000 * 4, 6);
    const heavy = data.subarray(0, 400 * 4);
    const weights = Float64Array.from({ length: 2000 }, (_, i) => (i < 400 ? 50 : 1));
    const options: QuantizerOptions = { kind, bits: 4, seed: 1n };
    const weighted = await trainOn(kernels, { ...inputOf(data, 4), weights }, options);
    const plain = await trainOn(kernels, inputOf(data, 4), options);
    expect(errorOf(weighted, heavy)).toBeLessThan(0.97 * errorOf(plain, heavy));
  });

  test.runIf(EVERY || kind === "rq")("a sample of a tenth of the rows costs little quality", async () => {
    const data = randomRows(20000 * 4, 7);
    const options: QuantizerOptions = { kind, bits: 4, seed: 1n, restarts: 4 };
    const full = await trainOn(kernels, inputOf(data, 4), options);
    const sampled = await trainOn(kernels, inputOf(data, 4), { ...options, sampleRows: 2000 });
    expect(sampled).not.toEqual(full);
    expect(errorOf(sampled, data)).toBeLessThan(1.1 * errorOf(full, data));
  });

  test("progress only goes forward and ends with everything done", async () => {
    const seen: number[] = [];
    const totals = new Set<number>();
    await trainOn(kernels, inputOf(randomRows(500 * 3, 8), 3), {
      kind,
      bits: 3,
      seed: 1n,
      restarts: 2,
      maxIterations: 6,
      onProgress: (done, total) => {
        seen.push(done);
        totals.add(total);
      },
    });
    expect([...totals]).toEqual([28]);
    expect(seen).toEqual(seen.slice().sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(28);
  });
});

test("in rq the second codebook lowers the error of the first", async () => {
  const data = randomRows(1000 * 4, 9);
  const quantizer = await trainOn(kernels, inputOf(data, 4), { kind: "rq", bits: 4, seed: 1n });
  const firstOnly = { ...quantizer, codebook2: new Float32Array(quantizer.codebook2.length) };
  expect(errorOf(quantizer, data)).toBeLessThan(0.5 * errorOf(firstOnly, data));
});

test("pq splits an odd dimension with the larger half first; dimension 1 leaves an empty second half", async () => {
  const odd = await trainOn(kernels, inputOf(randomRows(50, 1), 5), { kind: "pq", bits: 1, seed: 1n });
  expect([odd.dim1, odd.dim2]).toEqual([3, 2]);
  const single = await trainOn(kernels, inputOf(randomRows(50, 1), 1), { kind: "pq", bits: 1, seed: 1n });
  expect([single.dim1, single.dim2, single.codebook2.length]).toEqual([1, 0, 0]);
  expect(new Set(encode(kernels, single, randomRows(50, 1), 50).codes2)).toEqual(new Set([0]));
});

describe("an aborted signal", () => {
  const input = inputOf(randomRows(8000 * 16, 1), 16);
  const options: QuantizerOptions = { kind: "rq", bits: 8, seed: 1n };

  test("stops the training before it starts", async () => {
    const signal = AbortSignal.abort(new Error("not wanted"));
    await expect(trainOn(kernels, input, { ...options, signal })).rejects.toThrow("not wanted");
  });

  test("stops it on the way, at the next block", async () => {
    const controller = new AbortController();
    let last = 0;
    const onProgress = (done: number): void => {
      last = done;
      if (done === 3) controller.abort(new Error("enough"));
    };
    const training = trainOn(kernels, input, { ...options, onProgress, signal: controller.signal });
    await expect(training).rejects.toThrow("enough");
    expect(last).toBe(3);
  });

  test("is heard from a timer: the training lets the event loop run", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("timer")), 0);
    const large = inputOf(randomRows(20000 * 32, 1), 32);
    let done = 0;
    const onProgress = (passes: number): void => {
      done = passes;
    };
    const training = trainOn(kernels, large, { ...options, onProgress, signal: controller.signal });
    await expect(training).rejects.toThrow("timer");
    expect(done).toBeLessThan(8);
  });
});

test("mistakes are refused with the field, what was expected and what came", async () => {
  const good = inputOf(new Float32Array(6), 3);
  const options: QuantizerOptions = { kind: "rq", bits: 1, seed: 1n };
  const train = (changes: Partial<QuantizerOptions>) => trainOn(kernels, good, { ...options, ...changes });
  await expect(train({ bits: 11 })).rejects.toThrow(new RangeError('"bits" expected 0 … 10, got 11'));
  await expect(train({ bits: 1.5 })).rejects.toThrow(new TypeError('"bits" expected an integer, got 1.5'));
  await expect(train({ restarts: 0 })).rejects.toThrow(RangeError);
});
