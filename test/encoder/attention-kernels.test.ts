import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import { KEY_BLOCK } from "../../src/abi.ts";
import type { EncoderKernels } from "../../src/encoder/kernels.ts";
import { Arena } from "../fixtures/arena.ts";
import { at } from "../reference/at.ts";
import { philox } from "../reference/random.ts";
import { BUILDS, modelKernels } from "../train/model/instances.ts";
import { randomRows } from "../train/rows.ts";
import { type FactorOf, plainAttention, plainAttentionBack, plainNorm, plainNormBack } from "./plain-attention.ts";
import { F32, F64 } from "./plain-gru.ts";

const r = Math.fround;

function put(arena: Arena, bytes: number, fields: Readonly<Record<number, number>>): number {
  const struct = new Uint32Array(bytes / 4);
  for (const [offset, value] of Object.entries(fields)) struct[Number(offset) / 4] = value;
  return arena.put(struct);
}

const rowsOf = (values: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, row) =>
    Array.from({ length: width }, (_, d) => at(values, row * width + d)),
  );
const part = (rows: number[][], from: number, width: number): number[][] =>
  rows.map((row) => row.slice(from, from + width));

const encoderKernels = (name: string): EncoderKernels =>
  new WebAssembly.Instance(new WebAssembly.Module(readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url))))
    .exports as never;

const HEADS = 2;
const WIDTH = 4;
const DIM = HEADS * WIDTH;

/** Queries, keys and values of some positions side by side, as a layer has them, and the struct of attention over them. */
function attentionOver(arena: Arena, count: number, first = 0) {
  const products = randomRows(count * 3 * DIM, 1).map((x) => 2 * x);
  const rowBytes = Math.ceil(count / 8) * 32;
  const address = arena.put(products);
  const out = arena.take((count - first) * DIM * 4);
  const panels = Math.max(KEY_BLOCK, WIDTH);
  const struct = put(arena, structs.ATTENTION_BYTES, {
    [structs.ATTENTION_QUERIES]: address + first * 12 * DIM,
    [structs.ATTENTION_KEYS]: address + 4 * DIM,
    [structs.ATTENTION_VALUES]: address + 8 * DIM,
    [structs.ATTENTION_OUT]: out,
    [structs.ATTENTION_WEIGHTS]: arena.take((count - first) * rowBytes),
    [structs.ATTENTION_QUERY_BYTES]: 12 * DIM,
    [structs.ATTENTION_KEY_BYTES]: 12 * DIM,
    [structs.ATTENTION_OUT_BYTES]: 4 * DIM,
    [structs.ATTENTION_LEFT]: arena.take(structs.MATRIX_BYTES),
    [structs.ATTENTION_RIGHT]: arena.take(structs.MATRIX_BYTES),
    [structs.ATTENTION_PANELS]: put(arena, structs.PANELS_BYTES, {
      [structs.PANELS_VALUES]: arena.take((panels + 8) * panels * 4),
    }),
    [structs.ATTENTION_HEAD_COUNT]: HEADS,
    [structs.ATTENTION_WIDTH]: WIDTH,
    [structs.ATTENTION_FILLED]: WIDTH,
    [structs.ATTENTION_FIRST]: first,
    [structs.ATTENTION_COUNT]: count,
  });
  return { products, struct, out, rowBytes };
}

/** The rows of one head. */
const headOf = (products: ArrayLike<number>, head: number): [number[][], number[][], number[][]] => {
  const rows = rowsOf(products, 3 * DIM);
  const [queries, keys, values] = [0, 1, 2].map((i) => part(rows, i * DIM + head * WIDTH, WIDTH));
  return [queries, keys, values] as [number[][], number[][], number[][]];
};

describe.each(["encoder.debug", "encoder"])("attention of %s", (name) => {
  // One position, one block of keys, one key more, and two blocks and a half.
  test.each([1, KEY_BLOCK, KEY_BLOCK + 1, 2 * KEY_BLOCK + 15])("over %i positions has the plain bits", (count) => {
    const expected = [0, 1].map((head) => {
      const { products } = attentionOver(new Arena(encoderKernels(name)), count);
      return plainAttention(F32, ...headOf(products, head));
    });
    // All positions at once, the last ones alone, and the last one alone.
    for (const first of [0, count >> 1, count - 1]) {
      const kernels = encoderKernels(name);
      const arena = new Arena(kernels);
      const { struct, out } = attentionOver(arena, count, first);
      kernels.attend(struct);
      const found = rowsOf(arena.read(Float32Array, out, (count - first) * DIM), DIM);
      for (const [head, rows] of expected.entries())
        expect(part(found, head * WIDTH, WIDTH)).toEqual(rows.slice(first));
      expect(arena.strayWrites()).toEqual([]);
    }
  });

  test("normRows has the bits of the plain norm and keeps its moments", () => {
    const kernels = encoderKernels(name);
    const arena = new Arena(kernels);
    const [rows, width] = [3, 12];
    const [input, weights, biases] = [randomRows(rows * width, 1), randomRows(width, 2), randomRows(width, 3)];
    const moments = arena.take(rows * 8);
    const norm = put(arena, structs.NORM_BYTES, {
      [structs.NORM_WEIGHTS]: arena.put(weights),
      [structs.NORM_BIASES]: arena.put(biases),
      [structs.NORM_MOMENTS]: moments,
      [structs.NORM_WIDTH]: width,
      [structs.NORM_FILLED]: width,
    });
    const out = arena.take(rows * width * 4);
    kernels.normRows(norm, arena.put(input), out, rows);
    const expected = rowsOf(input, width).map((row) => plainNorm(F32, row, [...weights], [...biases]));
    expect(rowsOf(arena.read(Float32Array, out, rows * width), width)).toEqual(expected);
    const means = rowsOf(input, width).map((row) => row.reduce((sum, value) => sum + value, 0) / width);
    for (const [row, mean] of means.entries()) {
      expect(at(arena.read(Float32Array, moments, 2 * rows), 2 * row)).toBeCloseTo(mean, 6);
    }
    expect(arena.strayWrites()).toEqual([]);
  });

  test("addValues and reluInPlace", () => {
    const kernels = encoderKernels(name);
    const arena = new Arena(kernels);
    const [left, right] = [randomRows(8, 1), randomRows(8, 2)];
    const address = arena.put(left);
    kernels.addValues(address, arena.put(right), 8);
    const sums = left.map((value, i) => r(value + at(right, i)));
    expect(arena.read(Float32Array, address, 8)).toEqual(sums);
    kernels.reluInPlace(address, 8);
    expect(arena.read(Float32Array, address, 8)).toEqual(sums.map((value) => Math.max(value, 0)));
    expect(arena.strayWrites()).toEqual([]);
  });
});

const [SEED, STEP, PURPOSE, WINDOW, KEPT] = [0x900000005n, 7, 64, 3, 50_000];

/** The factors of the weights of a head: those that Philox names, at a block of eight for each row and key. */
function factorsOf(head: number, rowBytes: number): FactorOf {
  return (row, key) => {
    const key64 = Uint32Array.of(Number(SEED & 0xffffffffn), Number(SEED >> 32n));
    const block = row * (rowBytes / 32) + (key >> 3);
    const words = philox(key64, Uint32Array.of(block, WINDOW * HEADS + head, STEP, PURPOSE));
    return at(new Uint16Array(words.buffer), key & 7) < KEPT ? r(65536 / KEPT) : 0;
  };
}

describe.each(BUILDS)("the training of attention by %s", (build) => {
  const kernels = modelKernels(build);

  test.each([5, KEY_BLOCK + 9])(
    "over %i positions has the plain bits, forward and back, with weights dropped",
    (count) => {
      const arena = new Arena(kernels);
      const { products, struct, out, rowBytes } = attentionOver(arena, count);
      const gradients = randomRows(count * DIM, 2);
      const dropout = put(arena, structs.WEIGHTDROPOUT_BYTES, {
        [structs.WEIGHTDROPOUT_KEPT]: KEPT,
        [structs.WEIGHTDROPOUT_SEED_LOW]: Number(SEED & 0xffffffffn),
        [structs.WEIGHTDROPOUT_SEED_HIGH]: Number(SEED >> 32n),
        [structs.WEIGHTDROPOUT_STEP]: STEP,
        [structs.WEIGHTDROPOUT_PURPOSE]: PURPOSE,
        [structs.WEIGHTDROPOUT_WORDS]: arena.take(16),
      });
      const back = arena.take(count * 3 * DIM * 4);
      const sums = put(arena, structs.ATTENTIONGRADIENTS_BYTES, {
        [structs.ATTENTIONGRADIENTS_OUT]: arena.put(gradients),
        [structs.ATTENTIONGRADIENTS_QUERIES]: back,
        [structs.ATTENTIONGRADIENTS_KEYS]: back + 4 * DIM,
        [structs.ATTENTIONGRADIENTS_VALUES]: back + 8 * DIM,
        [structs.ATTENTIONGRADIENTS_SLOPES]: arena.take(count * rowBytes),
      });
      kernels.attendDropped(struct, dropout, WINDOW);
      kernels.attendGradient(struct, sums, dropout, WINDOW);
      const outputs = rowsOf(arena.read(Float32Array, out, count * DIM), DIM);
      const found = rowsOf(arena.read(Float32Array, back, count * 3 * DIM), 3 * DIM);
      for (let head = 0; head < HEADS; head++) {
        const factorOf = factorsOf(head, rowBytes);
        const rows = headOf(products, head);
        const ofHead = part(rowsOf(gradients, DIM), head * WIDTH, WIDTH);
        expect(part(outputs, head * WIDTH, WIDTH)).toEqual(plainAttention(F32, ...rows, factorOf));
        const plain = plainAttentionBack(F32, rows, ofHead, factorOf);
        for (const [i, name] of (["queries", "keys", "values"] as const).entries()) {
          expect(part(found, i * DIM + head * WIDTH, WIDTH), name).toEqual(plain[name].map(zeroed));
        }
      }
      expect(arena.strayWrites()).toEqual([]);
    },
  );

  test("normGradient has the plain bits and adds to the gradients of weights and biases", () => {
    const arena = new Arena(kernels);
    const [rows, width] = [2, 8];
    const [input, gradients] = [randomRows(rows * width, 1), randomRows(rows * width, 2)];
    const [weights, before] = [randomRows(width, 3), randomRows(width, 4)];
    const norm = put(arena, structs.NORM_BYTES, {
      [structs.NORM_WEIGHTS]: arena.put(weights),
      [structs.NORM_BIASES]: arena.put(new Float32Array(width)),
      [structs.NORM_MOMENTS]: arena.take(rows * 8),
      [structs.NORM_WIDTH]: width,
      [structs.NORM_FILLED]: width,
    });
    const [toWeights, toBiases] = [arena.put(before), arena.put(before)];
    const sums = put(arena, structs.NORMGRADIENTS_BYTES, {
      [structs.NORMGRADIENTS_WEIGHTS]: toWeights,
      [structs.NORMGRADIENTS_BIASES]: toBiases,
    });
    const [inputAt, gradientsAt] = [arena.put(input), arena.put(gradients)];
    kernels.normRows(norm, inputAt, arena.take(rows * width * 4), rows);
    kernels.normGradient(norm, inputAt, gradientsAt, sums, rows);
    const plain = rowsOf(input, width).map((row, i) =>
      plainNormBack(F32, row, [...weights], rowsOf(gradients, width)[i] as number[]),
    );
    expect(rowsOf(arena.read(Float32Array, gradientsAt, rows * width), width)).toEqual(plain.map(({ row }) => row));
    const total = (of: number[][]) => of.reduce((sum, row) => sum.map((s, d) => r(s + at(row, d))), [...before]);
    expect([...arena.read(Float32Array, toWeights, width)]).toEqual(total(plain.map((back) => back.weights)));
    expect([...arena.read(Float32Array, toBiases, width)]).toEqual(total(rowsOf(gradients, width)));
    expect(arena.strayWrites()).toEqual([]);
  });
});

/** A sum that begins with 0 is never −0. */
const zeroed = (row: number[]): number[] => row.map((value) => value + 0);

test("the plain backward passes agree with central differences", () => {
  const [count, h] = [5, 1e-5];
  const rows = headOf(randomRows(count * 3 * DIM, 1), 1);
  const gradients = rowsOf(randomRows(count * WIDTH, 2), WIDTH);
  const factorOf: FactorOf = (query, key) => ((query + key) % 3 === 0 ? 0 : 1.5);
  const weighted = (of: number[][]) =>
    of.reduce((sum, row, i) => sum + row.reduce((s, value, d) => s + value * at(gradients[i] as number[], d), 0), 0);
  const back = plainAttentionBack(F64, rows, gradients, factorOf);
  const agree = (values: number[][], found: number[][], loss: () => number): void => {
    for (const [i, row] of values.entries()) {
      for (const [d, value] of row.entries()) {
        row[d] = value + h;
        const above = loss();
        row[d] = value - h;
        const below = loss();
        row[d] = value;
        // The error of a central difference is h² times a third derivative of order 1, and rounding / h.
        expect(Math.abs((above - below) / (2 * h) - at(found[i] as number[], d))).toBeLessThan(1e-8);
      }
    }
  };
  for (const [i, name] of (["queries", "keys", "values"] as const).entries()) {
    agree(rows[i] as number[][], back[name], () => weighted(plainAttention(F64, ...rows, factorOf)));
  }
  const [row, weights] = [rowsOf(randomRows(WIDTH, 5), WIDTH), rowsOf(randomRows(WIDTH, 6), WIDTH)];
  const norm = plainNormBack(F64, row[0] as number[], weights[0] as number[], gradients[0] as number[]);
  const loss = () => weighted([plainNorm(F64, row[0] as number[], weights[0] as number[], new Array(WIDTH).fill(0))]);
  agree(row, [norm.row], loss);
  agree(weights, [norm.weights], loss);
});
