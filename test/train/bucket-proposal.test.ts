import { describe, expect, test } from "vitest";
import { BUCKETS_DRAW_IDS, BUCKETS_NUMBERS } from "../../build/structs.ts";
import { PURPOSE_SAMPLE } from "../../src/abi.ts";
import { philox4x32 } from "../../src/arithmetic/philox.ts";
import { checksumWith } from "../../src/memory/checksum.ts";
import { instantiate } from "../../src/memory/kernels.ts";
import { bytesOf } from "../../src/train/runtime/byte-chunks.ts";
import type { TrainKernels } from "../../src/train/runtime/kernels.ts";
import { bucketProposal } from "../../src/train/samplers/midx/bucket-proposal.ts";
import type { QuantizedClasses } from "../../src/train/samplers/midx/proposal.ts";
import { BUILDS as QUERY_BUILDS } from "../fixtures/modules.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { BUILDS, trainKernels } from "./instances.ts";
import { randomCodes, randomRows } from "./rows.ts";

const NONE: ReadonlySet<number> = new Set();

interface Shape {
  readonly itemCount: number;
  readonly bits: number;
  readonly dim: number;
  readonly kind?: "rq" | "pq";
}

function made({ itemCount, bits, dim, kind = "rq" }: Shape, biasScale = 1): QuantizedClasses {
  const codewordCount = 2 ** bits;
  const dim1 = kind === "rq" ? dim : Math.ceil(dim / 2);
  const dim2 = kind === "rq" ? dim : dim - dim1;
  return {
    quantizer: {
      ...{ kind, codewordCount, dim, dim1, dim2 },
      codebook1: randomRows(codewordCount * dim1, 1),
      codebook2: randomRows(codewordCount * dim2, 2),
    },
    codes: { codes1: randomCodes(itemCount, codewordCount, 3), codes2: randomCodes(itemCount, codewordCount, 4) },
    rows: new Float32Array(0),
    biases: randomRows(itemCount, 5).map((value) => biasScale * value),
  };
}

/** Computes log Q of every class in f64 with plain loops, and the largest magnitude on the way. */
function byFormula({ quantizer, codes, biases }: QuantizedClasses, query: Float32Array, out = NONE) {
  const { dim, dim1, dim2, codebook1, codebook2 } = quantizer;
  const dot = (codebook: Float32Array, k: number, width: number, from: number): number => {
    let sum = 0;
    for (let d = 0; d < width; d++) sum += (query[from + d] as number) * (codebook[k * width + d] as number);
    return sum;
  };
  const logits = Array.from(biases, (bias, id) => {
    if (out.has(id)) return Number.NEGATIVE_INFINITY;
    const first = dot(codebook1, codes.codes1[id] as number, dim1, 0);
    return first + dot(codebook2, codes.codes2[id] as number, dim2, dim - dim2) + bias;
  });
  const total = logSumExp(logits);
  const magnitude = Math.max(...logits.filter(Number.isFinite).map(Math.abs), Math.abs(total));
  return { logQ: logits.map((logit) => logit - total), magnitude };
}

/** A proposal whose draws use the random words that the caller passes. */
function planned(build: (typeof BUILDS)[number], classes: QuantizedClasses, maxDraws = 1000) {
  const kernels = trainKernels(build);
  let buckets = 0;
  const spied: TrainKernels = {
    ...kernels,
    weighBuckets(address) {
      buckets = address;
      kernels.weighBuckets(address);
    },
  };
  const propose = bucketProposal(spied, classes, maxDraws);
  const at = (field: number): number => new DataView(kernels.memory.buffer).getUint32(buckets + field, true);
  /** Returns log Q for the current query. */
  const drawBy = (numbers: ArrayLike<number>): Int32Array => {
    const { buffer } = kernels.memory;
    new Uint32Array(buffer, at(BUCKETS_NUMBERS), 4 * maxDraws).set(numbers);
    kernels.placeDraws(buckets, numbers.length / 4);
    return new Int32Array(buffer, at(BUCKETS_DRAW_IDS), numbers.length / 4).slice();
  };
  return { propose, drawBy };
}

const everyId = (count: number): number[] => Array.from({ length: count }, (_, id) => id);

/** Returns the random words of `count` evenly spaced numbers in [0, 1), for the place or the class of a draw. */
function* evenly(count: number, what: "place" | "class", fixed: number): Generator<number[]> {
  for (let i = 0; i < count; i++) {
    const bits = BigInt(Math.floor(((i + 0.5) / count) * 2 ** 53)) << 11n;
    const words = [Number(bits & 0xffffffffn), Number(bits >> 32n)];
    const other = [0, Math.floor(fixed * 2 ** 32)];
    yield what === "place" ? [...words, ...other] : [...other, ...words];
  }
}

function counted(ids: Iterable<number>, itemCount: number): Float64Array {
  const counts = new Float64Array(itemCount);
  for (const id of ids) counts[id] = (counts[id] as number) + 1;
  return counts;
}

describe.each(BUILDS)("%s", (build) => {
  test.each<Shape>([
    { itemCount: 1, bits: 0, dim: 1 },
    { itemCount: 7, bits: 0, dim: 5 },
    { itemCount: 30, bits: 1, dim: 4, kind: "pq" },
    { itemCount: 50, bits: 3, dim: 7, kind: "pq" },
    { itemCount: 300, bits: 3, dim: 6 },
    { itemCount: 40, bits: 6, dim: 12 },
    { itemCount: 2000, bits: 7, dim: 9, kind: "pq" },
    { itemCount: 3000, bits: 8, dim: 16 },
    { itemCount: 3, bits: 2, dim: 1, kind: "pq" },
  ])("log Q is the formula's: %j", (shape) => {
    const { itemCount, dim } = shape;
    for (const biasScale of [0, 1, 60]) {
      const classes = made(shape, biasScale);
      const { propose } = planned(build, classes);
      for (const scale of [0, 1, 20, 500]) {
        const query = randomRows(dim, 6 + scale).map((value) => scale * value);
        for (const excluded of [0, 1, Math.floor(itemCount / 2), itemCount - 1]) {
          const out = new Set(everyId(itemCount).slice(0, excluded));
          const { logQ, magnitude } = byFormula(classes, query, out);
          const { magnitude: largest } = byFormula(classes, query);
          const got = propose(query, out).logQ(everyId(itemCount));
          const bound = 2 ** -21 * (4 + magnitude + largest);
          const off = logQ.flatMap((expected, id) => {
            const value = got[id] as number;
            const holds = out.has(id) ? value === Number.NEGATIVE_INFINITY : Math.abs(value - expected) < bound;
            return holds ? [] : [{ id, value, expected }];
          });
          expect(off).toEqual([]);
        }
      }
    }
  });

  test("readmitted classes leave the tables as they were", () => {
    const classes = made({ itemCount: 300, bits: 3, dim: 6 }, 5);
    const { propose } = planned(build, classes);
    const query = randomRows(6, 7);
    const before = propose(query, NONE).logQ(everyId(300));
    for (const excluded of [[4], everyId(150), everyId(299), [4, 5, 6]]) propose(query, new Set(excluded));
    expect(propose(query, NONE).logQ(everyId(300))).toEqual(before);
  });

  // Ascending targets meet each cell in one interval, so a count can be off at the two ends of it.
  test.each<Shape & { scale: number; excluded: number }>([
    { itemCount: 60, bits: 5, dim: 6, scale: 1, excluded: 0 },
    { itemCount: 60, bits: 5, dim: 6, scale: 6, excluded: 20 },
    { itemCount: 60, bits: 5, dim: 6, scale: 300, excluded: 0 },
    { itemCount: 200, bits: 7, dim: 6, scale: 2, excluded: 5 },
    { itemCount: 500, bits: 8, dim: 6, scale: 2, excluded: 0 },
    { itemCount: 9, bits: 0, dim: 6, scale: 2, excluded: 2 },
  ])("cells are met as often as their masses say: %j", ({ scale, excluded, ...shape }) => {
    const { itemCount } = shape;
    const classes = made(shape);
    const { propose, drawBy } = planned(build, classes);
    const query = randomRows(6, 8).map((value) => scale * value);
    const out = new Set(everyId(itemCount).slice(0, excluded));
    propose(query, out);
    const draws = 60_000;
    const numbers = [...evenly(draws, "place", 0.5)];
    const ids: number[] = [];
    for (let at = 0; at < draws; at += 1000) ids.push(...drawBy(numbers.slice(at, at + 1000).flat()));
    const cellOf = (id: number): number =>
      (classes.codes.codes1[id] as number) * 256 + (classes.codes.codes2[id] as number);
    const met = new Map<number, number>();
    for (const id of ids) met.set(cellOf(id), (met.get(cellOf(id)) ?? 0) + 1);
    const expected = new Map<number, number>();
    for (const [id, logQ] of byFormula(classes, query, out).logQ.entries()) {
      expected.set(cellOf(id), (expected.get(cellOf(id)) ?? 0) + draws * Math.exp(logQ));
    }
    for (const [cell, count] of expected) {
      expect(Math.abs((met.get(cell) ?? 0) - count)).toBeLessThan(1.01 + 2 ** -20 * draws * (1 + scale));
    }
    for (const cell of met.keys()) expect(expected.get(cell)).toBeGreaterThan(0);
    expect(ids.filter((id) => out.has(id))).toEqual([]);
  });

  test.each([0, 3])("classes of a bucket are met as often as their shares say, %i excluded", (excluded) => {
    const itemCount = 23;
    const classes = made({ itemCount, bits: 0, dim: 6 }, 4);
    const { propose, drawBy } = planned(build, classes);
    const query = randomRows(6, 9);
    const out = new Set(everyId(itemCount).slice(0, excluded));
    propose(query, out);
    const { logQ } = byFormula(classes, query, out);
    const [columns, heights] = [itemCount, 2000];
    const numbers: number[][] = [];
    // Of an alias table each entry by each height; of what is left the same numbers as one, evenly spaced.
    if (excluded > 0) numbers.push(...evenly(columns * heights, "class", 0.5));
    else {
      for (let column = 0; column < columns; column++) {
        for (let height = 0; height < heights; height++) {
          const word = (of: number, parts: number): number => Math.floor(((of + 0.5) / parts) * 2 ** 32);
          numbers.push([0, 2 ** 31, word(column, columns), word(height, heights)]);
        }
      }
    }
    const ids: number[] = [];
    for (let at = 0; at < numbers.length; at += 1000) ids.push(...drawBy(numbers.slice(at, at + 1000).flat()));
    const counts = counted(ids, itemCount);
    for (const [id, count] of counts.entries()) {
      const ends = excluded > 0 ? 1.01 : columns; // an entry's own share of its column, and those of which it is the alias
      expect(Math.abs(count - numbers.length * Math.exp(logQ[id] as number))).toBeLessThan(ends);
    }
  });

  test("the least and the largest numbers meet classes that take part", () => {
    for (const scale of [1, 40, 800]) {
      const classes = made({ itemCount: 40, bits: 6, dim: 6 }, scale);
      const { propose, drawBy } = planned(build, classes);
      for (let seed = 0; seed < 60; seed++) {
        const query = randomRows(6, 100 + seed).map((value) => scale * value);
        const out = new Set(everyId(40).filter((id) => (id * 7 + seed) % 3 === 0));
        const { logQ } = byFormula(classes, query, out);
        propose(query, out);
        const most = 2 ** 32 - 1;
        const drawn = drawBy([0, 0, 0, 0, most, most, most, most, 0, 0, most, most, most, most, 0, 0]);
        for (const id of drawn) expect(logQ[id]).toBeGreaterThan(Number.NEGATIVE_INFINITY);
      }
    }
  });

  test("draws are those of Philox by seed, query and number", () => {
    const classes = made({ itemCount: 500, bits: 4, dim: 6 });
    const { propose, drawBy } = planned(build, classes);
    const query = randomRows(6, 11);
    const seed = 0x123456789abcdefn;
    const { ids, logQ } = propose(query, NONE).draw(200, seed);
    const hash = checksumWith(instantiate(QUERY_BUILDS.release))(bytesOf(query), 0n);
    const low = (word: bigint): number => Number(word & 0xffffffffn);
    const words = new Uint32Array(4);
    const numbers = Array.from({ length: 200 }, (_, j) => {
      philox4x32([low(hash), low(hash >> 32n), PURPOSE_SAMPLE, j], [low(seed), low(seed >> 32n)], words);
      return [...words];
    });
    const again = propose(query, NONE);
    expect(drawBy(numbers.flat())).toEqual(ids);
    expect(again.logQ(ids)).toEqual(logQ);
  });
});
