// Measures the matrix product of encoders by shape, in thousand million operations a second of f32 in the cache, and the time
// of `encode` and of a step.
//
//   npm run bench:encoder
import { readFileSync } from "node:fs";
import {
  MATRIX_BYTES,
  MATRIX_COLUMN_STEP,
  MATRIX_ROW_STEP,
  MATRIX_VALUES,
  PANELS_BYTES,
  PANELS_COLUMN_COUNT,
  PANELS_DEPTH,
  PANELS_VALUES,
} from "../build/structs.ts";
import { attention } from "../src/encoder/attention.ts";
import { recurrent } from "../src/encoder/recurrent.ts";
import { weightTensors } from "../src/format/encoder.ts";
import type { NamedSpec } from "../src/format/tensor-spec.ts";
import { instantiateModelKernels } from "../src/train/model/kernels.ts";
import { PURPOSE, uniforms } from "../src/train/random/uniforms.ts";
import { startArena } from "../src/train/runtime/arena.ts";

/** Rows, depth and columns of a product, and the part of an encoder that computes it. */
const SHAPES = [
  ["gates of 128 positions, 64 units", 128, 64, 192, false],
  ["gates of 20 positions, 200 units", 20, 200, 600, false],
  ["gates of one position, 200 units", 1, 200, 600, false],
  ["gradients of weights, 192 × 64 from 256 positions", 192, 256, 64, true],
  ["scores of 256 draws for 128 positions", 128, 64, 256, false],
] as const;
const SECONDS = 0.5;
const ROUNDS = 5;

for (const [name, rows, depth, columns, isTransposed] of SHAPES) {
  const kernels = instantiateModelKernels(new WebAssembly.Module(readFileSync("build/model.wasm")));
  const arena = startArena(kernels);
  const take = (values: number): number => {
    const address = arena.take(values * 4);
    arena.f32(address, values).fill(1e-3);
    return address;
  };
  const [leftRow, leftColumn] = isTransposed ? [4, 4 * rows] : [4 * depth, 4];
  const left = arena.struct(MATRIX_BYTES, {
    [MATRIX_VALUES]: take(rows * depth),
    [MATRIX_ROW_STEP]: leftRow,
    [MATRIX_COLUMN_STEP]: leftColumn,
  });
  const right = arena.struct(PANELS_BYTES, {
    [PANELS_VALUES]: take(Math.ceil(columns / 8) * 8 * depth),
    [PANELS_DEPTH]: depth,
    [PANELS_COLUMN_COUNT]: columns,
  });
  const out = take(rows * columns);
  const repeats = Math.ceil(2e7 / (rows * depth * columns));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const end = performance.now() + (1000 * SECONDS) / ROUNDS;
    do {
      const from = performance.now();
      for (let i = 0; i < repeats; i++) kernels.addProducts(out, 4 * columns, rows, left, right);
      best = Math.min(best, (performance.now() - from) / repeats);
    } while (performance.now() < end);
  }
  const gigaflops = (2 * rows * depth * columns) / best / 1e6;
  console.log(
    `${name.padEnd(52)} ${gigaflops.toFixed(1).padStart(6)} Gflop/s ${(1000 * best).toFixed(1).padStart(8)} µs`,
  );
}

/** Widths of encoders whose queries have as many values as their states. */
const WIDTHS = [64, 128, 200];
const BURST = 20;
const encoderModule = new WebAssembly.Module(readFileSync("build/encoder.wasm"));

for (const width of WIDTHS) {
  const values = (count: number): Float32Array => new Float32Array(count).fill(1e-3);
  const weightOf = (name: string): Float32Array => values(3 * width * (name.endsWith("Weight") ? width : 1));
  const { encode } = recurrent(encoderModule, { units: width, dim: width, hasProjection: false }, weightOf);
  const vectors = new Array<Float32Array>(BURST).fill(values(width));
  time(`an item of encode, ${width} units`, BURST, () => encode(vectors));
}

/** Blocks and items of attention with 64 values. */
const BLOCKS = [
  [1, 50],
  [2, 200],
] as const;
const DIM = 64;

for (const [blocks, length] of BLOCKS) {
  const facts = { kind: "attention", blocks, heads: 1, length, items: "own" } as const;
  const weightOf = (name: string): Float32Array => {
    const { shape } = weightTensors(facts, DIM).find((tensor) => tensor.name === `encoder.${name}`) as NamedSpec;
    return randomValues(shape.reduce((product, size) => product * size, 1));
  };
  const { encode, read, start } = attention(encoderModule, facts, { width: DIM, filled: DIM }, weightOf);
  const vectors = Array.from({ length }, () => randomValues(DIM));
  let state = start();
  for (const vector of vectors.slice(1)) ({ state } = read(state, [vector]));
  const of = `${length} items, ${DIM} values, attention of ${blocks} blocks`;
  time(`encode of ${of}`, 1, () => encode(vectors));
  time(`the last step of ${of}`, 1, () => read(state, vectors.slice(0, 1)));
}

/** Prints the shortest time of a call, divided by `parts`. Calls take less than a time slice: others may use the core. */
function time(name: string, parts: number, call: () => unknown): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 300; round++) {
    const from = performance.now();
    call();
    best = Math.min(best, (1000 * (performance.now() - from)) / parts);
  }
  console.log(`${name.padEnd(60)} ${best.toFixed(1).padStart(17)} µs`);
}

function randomValues(count: number): Float32Array {
  const uniform = uniforms({ seed: 1n, purpose: PURPOSE.sample, codebook: 0, restart: count });
  return Float32Array.from({ length: count }, (_, i) => (uniform(i) - 0.5) / 4);
}
