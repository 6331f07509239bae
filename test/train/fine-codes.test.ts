import { describe, expect, test } from "vitest";
import { trainFineCodebooks } from "../../src/train/codes/fine-codebooks.ts";
import { codeBlocksOf, fineRecordBytes, planFineCoding } from "../../src/train/codes/fine-coding.ts";
import { firstResiduals } from "../../src/train/codes/fine-residuals.ts";
import type { Quantizer } from "../../src/train/kmeans/quantizer.ts";
import { memoryTrainingRows } from "../../src/train/rows/training-rows.ts";
import { startYielding } from "../../src/train/runtime/event-loop.ts";
import type { TrainKernels } from "../../src/train/runtime/kernels.ts";
import { singleThread } from "../../src/train/runtime/worker-pool.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { bytesOf, float32Of, int32Of, readRaw } from "../fixtures/index-file.ts";
import { type RawVectors, rawVectors } from "../fixtures/raw-vectors.ts";
import { BOTH, trainKernels } from "./instances.ts";
import { integerRows, randomCodes, randomRows } from "./rows.ts";
import { encodeAll, trainOn } from "./train-on.ts";

const KINDS = ["rq", "pq"] as const;

/** The sub-quantizers of a file, and those that see a value. */
const countsOf = (dim: number) => ({ count: 2 * Math.ceil(dim / 4), used: Math.ceil(dim / 2) });

/** Trains fine codebooks for rows of equal weight. */
function learn(kernels: TrainKernels, quantizer: Quantizer, data: Float32Array, seed = 1n): Promise<Float32Array> {
  const count = data.length / quantizer.dim;
  const rows = memoryTrainingRows(count, quantizer.dim);
  rows.add(data);
  const training = { rows, weights: new Float64Array(count).fill(1) };
  return trainFineCodebooks(singleThread({ train: kernels }), kernels, training, quantizer, {
    seed,
    yieldIfDue: startYielding(undefined),
  });
}

describe.each(KINDS)("fine codebooks of a %s quantizer", (kind) => {
  test("are the same for the same rows and seed, in both builds, and zeros where no value is seen", async () => {
    for (const dim of [1, 5, 8]) {
      const data = rawVectors(900, dim, dim).data;
      const input = { data, itemCount: 900, dim };
      const books: Float32Array[] = [];
      for (const build of BOTH) {
        const kernels = trainKernels(build);
        books.push(await learn(kernels, await trainOn(kernels, input, { kind, bits: 3, seed: 4n }), data));
      }
      expect(books[1]).toEqual(books[0]);
      const { count, used } = countsOf(dim);
      const [first] = books as [Float32Array];
      expect(first).toHaveLength(32 * count);
      expect(first.subarray(32 * used).every((value) => Object.is(value, 0))).toBe(true);
      if (dim % 2) expect(first.subarray(32 * used - 16, 32 * used).every((value) => value === 0)).toBe(true);
    }
  });

  test("differ for another seed", async () => {
    const kernels = trainKernels();
    const data = randomRows(900 * 6, 1);
    const quantizer = await trainOn(kernels, { data, itemCount: 900, dim: 6 }, { kind, bits: 2, seed: 4n });
    expect(await learn(kernels, quantizer, data, 2n)).not.toEqual(await learn(kernels, quantizer, data, 1n));
  });

  test("have all residuals where they are 16 or less, and leave little of more", async () => {
    const kernels = trainKernels();
    const [few, many] = [integerRows(300 * 4, 2).map((value) => value % 2), randomRows(2000 * 4, 3)];
    for (const [data, most] of [
      [few, 1e-12],
      [many, 0.1],
    ] as const) {
      const itemCount = data.length / 4;
      const quantizer = await trainOn(kernels, { data, itemCount, dim: 4 }, { kind, bits: 0, seed: 4n });
      const books = await learn(kernels, quantizer, data);
      const residuals = new Float32Array(itemCount * 4);
      firstResiduals(data, new Uint16Array(itemCount), quantizer, residuals);
      const [left, all] = [nearestErrors(books, residuals, 4), residuals.reduce((sum, value) => sum + value ** 2, 0)];
      expect(left.reduce((sum, { error }) => sum + error, 0)).toBeLessThanOrEqual(most * all);
    }
  });
});

describe("firstResiduals", () => {
  const quantizer = { kind: "pq", codewordCount: 2, dim: 3, dim1: 2, dim2: 1 } as const;
  const books = { codebook1: Float32Array.of(1, 2, 10, 20), codebook2: Float32Array.of(5, 6) };

  test("takes the first codeword off the values that it sees, and fills with zeros", () => {
    const residuals = new Float32Array(8).fill(9);
    firstResiduals(Float32Array.of(1, 2, 3, 4, 5, 6), Uint16Array.of(0, 1), { ...quantizer, ...books }, residuals);
    expect(Array.from(residuals)).toEqual([0, 0, 3, 0, -6, -15, 6, 0]);
  });
});

describe("fine codes", () => {
  test("are of the nearest codewords, whatever the chunks", async () => {
    const kernels = trainKernels();
    for (const dim of [1, 2, 7, 12]) {
      const data = rawVectors(500, dim, dim).data;
      const quantizer = await trainOn(kernels, { data, itemCount: 500, dim }, { kind: "rq", bits: 2, seed: 4n });
      const { codes1 } = encodeAll(kernels, quantizer, data, 500);
      const books = await learn(kernels, quantizer, data);
      const whole = encode(kernels, quantizer, books, data, codes1, 500);
      for (const chunkRows of [1, 37]) {
        expect(encode(kernels, quantizer, books, data, codes1, chunkRows)).toEqual(whole);
      }
      const width = 2 * countsOf(dim).count;
      const residuals = new Float32Array(500 * width);
      firstResiduals(data, codes1, quantizer, residuals);
      for (const [i, { error, errorOf, size }] of nearestErrors(books, residuals, width).entries()) {
        const code = ((whole[i >> 1] as number) >> (4 * (i & 1))) & 15;
        expect(errorOf(code)).toBeLessThanOrEqual(error + 1e-5 * (size + error));
      }
    }
  });

  test("fill blocks of 32 rows, in pieces of any size", () => {
    for (const rowCount of [0, 1, 31, 32, 33, 100]) {
      for (const count of [2, 6]) {
        const codes = randomCodes(rowCount * count, 16, 7);
        const records = Uint8Array.from({ length: codes.length / 2 }, (_, i) => {
          return (codes[2 * i] as number) | ((codes[2 * i + 1] as number) << 4);
        });
        for (const pieceRows of [1, 7, 32, 100]) {
          const bytes = (pieceRows * count) / 2;
          const pieces = Array.from({ length: Math.ceil(records.length / bytes) }, (_, i) =>
            records.subarray(i * bytes, (i + 1) * bytes),
          );
          const blocks = Array.from(codeBlocksOf(pieces, count / 2), (block) => Array.from(block)).flat();
          expect(blocks).toHaveLength(Math.ceil(rowCount / 32) * count * 16);
          const read = Array.from({ length: Math.ceil(rowCount / 32) * 32 * count }, (_, i) =>
            codeIn(blocks, count, Math.floor(i / count), i % count),
          );
          expect(read).toEqual([...codes, ...new Array(read.length - codes.length).fill(0)]);
        }
      }
    }
  });

  test.each(KINDS.flatMap((quantizer) => (["dot", "cosine"] as const).map((metric) => ({ quantizer, metric }))))(
    "of a file are of the rows that it holds: %o",
    async ({ quantizer, metric }) => {
      const vectors = rawVectors(400, 7, 11);
      const raw = readRaw(await buildIndex(vectors, { quantizer, metric, rowType: "f32", bits: 3, fineCodes: true }));
      const books = float32Of(raw, "fineCodebooks");
      const residuals = residualsOf(raw, vectors, quantizer);
      const blocks = bytesOf(raw, "fineCodes");
      const coded = 400 - Number(raw.metadata["outliers.count"]); // outliers lie behind the others, and have no codes
      expect(coded).toBeLessThan(400);
      for (const [i, { error, errorOf, size }] of nearestErrors(books, residuals, 8)
        .slice(0, 4 * coded)
        .entries()) {
        const code = codeIn(blocks, 4, i >> 2, i & 3);
        expect(errorOf(code)).toBeLessThanOrEqual(error + 1e-5 * (size + error));
      }
    },
  );
});

/** Reads the code of a row of the file, as FORMAT.md describes it. */
function codeIn(blocks: ArrayLike<number>, count: number, row: number, m: number): number {
  const s = row % 16;
  const byte = s < 8 ? 2 * s : 2 * (s - 8) + 1;
  const half = Math.floor((row % 32) / 16);
  return ((blocks[(Math.floor(row / 32) * count + m) * 16 + byte] as number) >> (4 * half)) & 15;
}

/** Computes the residuals, f32 (N, 8), of the rows of the file under the first codebook, by position. */
function residualsOf(raw: ReturnType<typeof readRaw>, { shape: [itemCount, dim] }: RawVectors, quantizer: "rq" | "pq") {
  const [rows, codebook1] = [float32Of(raw, "rows"), float32Of(raw, "codebook1")];
  const [codes, offsets] = [int32Of(raw, "bucketCodes"), int32Of(raw, "bucketOffsets")];
  const dim1 = quantizer === "rq" ? dim : Math.ceil(dim / 2);
  const residuals = new Float32Array(itemCount * 8);
  for (let position = 0; position < itemCount; position++) {
    const bucket = offsets.findIndex((_, b) => position < (offsets[b + 1] as number));
    const k1 = (codes[bucket] as number) >> 3;
    for (let d = 0; d < dim; d++) {
      const codeword = d < dim1 ? (codebook1[k1 * 4 * Math.ceil(dim1 / 4) + d] as number) : 0;
      residuals[8 * position + d] = (rows[8 * position + d] as number) - codeword;
    }
  }
  return residuals;
}

/** Encodes rows into records, a chunk at a time. */
function encode(
  kernels: TrainKernels,
  quantizer: Quantizer,
  books: Float32Array,
  data: Float32Array,
  codes1: Uint16Array,
  chunkRows: number,
): Uint8Array {
  const encodeChunk = planFineCoding(kernels, quantizer, books, chunkRows);
  const recordBytes = fineRecordBytes(quantizer.dim);
  const records = new Uint8Array(codes1.length * recordBytes);
  for (let row = 0; row < codes1.length; row += chunkRows) {
    const chunk = data.subarray(row * quantizer.dim, (row + chunkRows) * quantizer.dim);
    records.set(encodeChunk(chunk, codes1.subarray(row, row + chunkRows)), row * recordBytes);
  }
  return records;
}

/** Computes, in f64, the squared distances of each pair of residual values from the codewords of its sub-quantizer. */
function nearestErrors(books: Float32Array, residuals: Float32Array, width: number) {
  return Array.from({ length: residuals.length / 2 }, (_, i) => {
    const m = i % (width / 2);
    const [x, y] = [residuals[2 * i] as number, residuals[2 * i + 1] as number];
    const errorOf = (code: number): number =>
      (x - (books[32 * m + code] as number)) ** 2 + (y - (books[32 * m + 16 + code] as number)) ** 2;
    const error = Math.min(...Array.from({ length: 16 }, (_unused, code) => errorOf(code)));
    return { error, errorOf, size: x * x + y * y };
  });
}
