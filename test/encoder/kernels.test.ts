import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import type { ModelKernels } from "../../src/train/model/kernels.ts";
import { Arena } from "../fixtures/arena.ts";
import { at } from "../reference/at.ts";
import { exp32 } from "../reference/exp.ts";
import { philox } from "../reference/random.ts";
import { BUILDS, modelKernels } from "../train/model/instances.ts";
import { randomRows } from "../train/rows.ts";
import { F32, F64, gruStep, gruStepBack } from "./plain-gru.ts";

const r = Math.fround;

/** Writes a struct of addresses and counts. */
function put(arena: Arena, bytes: number, fields: Readonly<Record<number, number>>): number {
  const struct = new Uint32Array(bytes / 4);
  for (const [offset, value] of Object.entries(fields)) struct[Number(offset) / 4] = value;
  return arena.put(struct);
}

const matrixAt = (arena: Arena, values: number, rowStep: number, columnStep: number): number =>
  put(arena, structs.MATRIX_BYTES, {
    [structs.MATRIX_VALUES]: values,
    [structs.MATRIX_ROW_STEP]: rowStep,
    [structs.MATRIX_COLUMN_STEP]: columnStep,
  });

/** The kernels of the encoder module and the same ones in the model module. */
function instanceOf(
  module: string,
): Pick<ModelKernels, "memory" | "heapBase" | "addProducts" | "packColumns" | "gruForward"> {
  const bytes = readFileSync(new URL(`../../build/${module}.wasm`, import.meta.url));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as never;
}

const MODULES = ["encoder.debug", "encoder", "model.debug", "model"];

describe.each(MODULES)("products of %s", (module) => {
  // Tiles of 4 × 8, single rows, panels of 32 columns, half panels, and columns that end within four.
  test.each([
    [1, 5, 40],
    [2, 3, 4],
    [4, 6, 8],
    [5, 7, 13],
    [9, 1, 36],
    [7, 4, 63],
  ])("%i × %i × %i is the sum of the plain products, for every pair of steps", (rows, depth, columns) => {
    const kernels = instanceOf(module);
    const width = Math.ceil(columns / 4) * 4;
    const left = randomRows(rows * depth, 1);
    const right = randomRows(depth * columns, 2);
    const start = randomRows(rows * width, 3);
    const expected = start.slice();
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        for (let k = 0; k < depth; k++) {
          expected[i * width + j] =
            at(expected, i * width + j) + r(at(left, i * depth + k) * at(right, k * columns + j));
        }
      }
    }
    const transposed = (values: Float32Array, of: number, by: number): Float32Array =>
      Float32Array.from(values, (_, i) => at(values, (i % of) * by + Math.floor(i / of)));
    for (const isLeftTransposed of [false, true]) {
      for (const isRightTransposed of [false, true]) {
        const arena = new Arena(kernels);
        const a = isLeftTransposed
          ? matrixAt(arena, arena.put(transposed(left, rows, depth)), 4, 4 * rows)
          : matrixAt(arena, arena.put(left), 4 * depth, 4);
        const b = isRightTransposed
          ? matrixAt(arena, arena.put(transposed(right, depth, columns)), 4, 4 * depth)
          : matrixAt(arena, arena.put(right), 4 * columns, 4);
        const panels = put(arena, structs.PANELS_BYTES, {
          [structs.PANELS_VALUES]: arena.take(Math.ceil(columns / 8) * depth * 32),
          [structs.PANELS_DEPTH]: depth,
          [structs.PANELS_COLUMN_COUNT]: columns,
        });
        const out = arena.put(start);
        kernels.packColumns(b, panels);
        kernels.addProducts(out, 4 * width, rows, a, panels);
        const got = arena.read(Float32Array, out, rows * width);
        for (let i = 0; i < rows; i++) {
          const row = [i * width, i * width + columns] as const;
          expect(got.slice(...row)).toEqual(expected.slice(...row));
        }
        expect(arena.strayWrites()).toEqual([]);
      }
    }
  });

  test("gruForward has the bits of the plain step, alone and among others", () => {
    const kernels = instanceOf(module);
    const [rows, units] = [3, 8];
    const inputs = randomRows(rows * 3 * units, 1).map((x) => 3 * x);
    const states = randomRows(rows * 3 * units, 2).map((x) => 3 * x);
    const previous = randomRows(rows * units, 3);
    const arena = new Arena(kernels);
    const [gates, out] = [arena.put(inputs), arena.take(rows * units * 4)];
    const step = stepAt(arena, gates, arena.put(states), arena.put(previous), units);
    kernels.gruForward(step, out, rows);
    for (let row = 0; row < rows; row++) {
      const three = (values: Float32Array) => [...values.subarray(row * 3 * units, (row + 1) * 3 * units)];
      const own = [...previous.subarray(row * units, (row + 1) * units)];
      const plain = gruStep(F32, three(inputs), three(states), own);
      expect([...arena.read(Float32Array, out + row * units * 4, units)]).toEqual(plain.out);
      const found = [...arena.read(Float32Array, gates + row * 12 * units, 3 * units)];
      expect(found).toEqual([...plain.r, ...plain.z, ...plain.n]);
    }
    expect(arena.strayWrites()).toEqual([]);
  });
});

const stepAt = (arena: Arena, inputs: number, states: number, previous: number, units: number): number =>
  put(arena, structs.GRUSTEP_BYTES, {
    [structs.GRUSTEP_INPUTS]: inputs,
    [structs.GRUSTEP_STATES]: states,
    [structs.GRUSTEP_PREVIOUS]: previous,
    [structs.GRUSTEP_UNITS]: units,
  });

describe.each(BUILDS)("the sequence kernels of %s", (build) => {
  const kernels = modelKernels(build);

  test("gruBackward has the bits of the plain one", () => {
    const [rows, units] = [2, 4];
    const states = randomRows(rows * 3 * units, 2);
    const previous = randomRows(rows * units, 3);
    const gradients = randomRows(rows * units, 4);
    const before = randomRows(rows * units, 5);
    const gates = randomRows(rows * 3 * units, 6).map((x) => 0.5 + x / 8);
    const arena = new Arena(kernels);
    const [gatesAt, statesAt, beforeAt] = [arena.put(gates), arena.put(states), arena.put(before)];
    const step = stepAt(arena, gatesAt, statesAt, arena.put(previous), units);
    kernels.gruBackward(step, arena.put(gradients), beforeAt, rows);
    for (let row = 0; row < rows; row++) {
      const block = (values: Float32Array, i: number, of: number) => [
        ...values.subarray((row * of + i) * units, (row * of + i + 1) * units),
      ];
      const plain = gruStepBack(
        F32,
        { r: block(gates, 0, 3), z: block(gates, 1, 3), n: block(gates, 2, 3), out: [] },
        [0, 1, 2].flatMap((i) => block(states, i, 3)),
        block(previous, 0, 1),
        block(gradients, 0, 1),
      );
      expect([...arena.read(Float32Array, gatesAt + row * 12 * units, 3 * units)]).toEqual(plain.inputs);
      expect([...arena.read(Float32Array, statesAt + row * 12 * units, 3 * units)]).toEqual(plain.states);
      const sums = block(before, 0, 1).map((value, i) => r(value + at(plain.previous, i)));
      expect([...arena.read(Float32Array, beforeAt + row * 4 * units, units)]).toEqual(sums);
    }
    expect(arena.strayWrites()).toEqual([]);
  });

  test("dropOut keeps the values that Philox names, and the mean", () => {
    const [count, kept, stream] = [20, 40_000, (26n << 32n) | 7n];
    const arena = new Arena(kernels);
    const values = randomRows(24, 1);
    const address = arena.put(values);
    kernels.dropOut(address, count, kept, 5n, stream, arena.take(16));
    const expected = values.map((value, i) => {
      const words = philox(Uint32Array.of(5, 0), Uint32Array.of(Math.floor(i / 8), 0, 7, 26));
      const half = at(new Uint16Array(words.buffer), i % 8);
      return value * (half < kept ? r(65536 / kept) : 0);
    });
    expect(arena.read(Float32Array, address, count)).toEqual(expected.slice(0, count));
    const many = 80_000;
    const ones = arena.put(new Float32Array(many).fill(1));
    kernels.dropOut(ones, many, kept, 5n, stream, arena.take(16));
    const mean = arena.read(Float32Array, ones, many).reduce((sum, value) => sum + value, 0) / many;
    // The standard deviation of a value is √(65536 / kept − 1) = .8, so that of the mean is .0028.
    expect(Math.abs(mean - 1)).toBeLessThan(0.012);
  });

  test.each([1, 4, 7, 1030])("sharedGradient of %i draws is the derivative of the loss without collisions", (count) => {
    const padded = Math.ceil(count / 4) * 4;
    const scores = randomRows(padded, 1).map((x) => 4 * x);
    const shifts = randomRows(padded, 2);
    const ids = Int32Array.from({ length: padded }, (_, k) => (5 * k) % 11);
    const [own, scale, target] = [0.75, 0.5, 5];
    const arena = new Arena(kernels);
    const [scoresAt, ownAt] = [arena.put(scores), arena.put(Float32Array.of(own))];
    const draws = put(arena, structs.SHAREDDRAWS_BYTES, {
      [structs.SHAREDDRAWS_IDS]: arena.put(ids),
      [structs.SHAREDDRAWS_SHIFTS]: arena.put(shifts),
      [structs.SHAREDDRAWS_COUNT]: count,
    });
    const loss = kernels.sharedGradient(draws, scoresAt, target, ownAt, scale);
    const terms = Array.from({ length: count }, (_, k) =>
      ids[k] === target ? 0 : Math.exp(at(scores, k) - at(shifts, k)),
    );
    const sum = terms.reduce((total, term) => total + term, Math.exp(own));
    expect(loss).toBeCloseTo(Math.log(sum) - own, 6);
    const found = arena.read(Float32Array, scoresAt, count);
    for (const [k, term] of terms.entries()) {
      if (ids[k] === target) expect(found[k]).toBe(0);
      else expect(Math.abs(at(found, k) - (scale * term) / sum)).toBeLessThan(1e-7 + (2e-6 * term) / sum);
    }
    expect(arena.read(Float32Array, ownAt, 1)[0]).toBeCloseTo(scale * (Math.exp(own) / sum - 1), 6);
    expect(arena.strayWrites()).toEqual([]);
  });

  test("gatherRows copies rows by id, and scatterRows adds them, also to a row twice", () => {
    const [width, ids] = [8, Int32Array.of(2, 0, 2)];
    const rows = randomRows(3 * width, 1);
    const values = randomRows(3 * width, 2);
    const arena = new Arena(kernels);
    const [rowsAt, idsAt, out] = [arena.put(rows), arena.put(ids), arena.take(3 * width * 4)];
    kernels.gatherRows(rowsAt, idsAt, 3, width, out);
    const gathered = Array.from(ids).flatMap((id) => [...rows.subarray(id * width, (id + 1) * width)]);
    expect([...arena.read(Float32Array, out, 3 * width)]).toEqual(gathered);
    kernels.scatterRows(rowsAt, idsAt, 3, width, arena.put(values));
    const sums = rows.slice();
    for (const [k, id] of ids.entries()) {
      for (let d = 0; d < width; d++) sums[id * width + d] = at(sums, id * width + d) + at(values, k * width + d);
    }
    expect(arena.read(Float32Array, rowsAt, 3 * width)).toEqual(sums);
    expect(arena.strayWrites()).toEqual([]);
  });

  test.each([1, 2, 7])("sumOfSquares and scaleValues of %i values", (count) => {
    const values = randomRows(count, 1);
    const arena = new Arena(kernels);
    const address = arena.put(values);
    const parts = [0, 0];
    const even = count - (count % 2);
    for (let i = 0; i < even; i++) parts[i % 2] = at(parts, i % 2) + at(values, i) ** 2;
    const sum = at(parts, 0) + at(parts, 1) + (count > even ? at(values, even) * at(values, even) : 0);
    expect(kernels.sumOfSquares(address, count)).toBe(sum);
    kernels.scaleValues(address, count, r(0.3));
    expect(arena.read(Float32Array, address, count)).toEqual(values.map((value) => value * r(0.3)));
    expect(arena.strayWrites()).toEqual([]);
  });
});

test("the plain backward step agrees with central differences", () => {
  const units = 4;
  const inputs = [...randomRows(3 * units, 1)];
  const states = [...randomRows(3 * units, 2)];
  const previous = [...randomRows(units, 3)];
  const weights = [...randomRows(units, 4)];
  const loss = () => gruStep(F64, inputs, states, previous).out.reduce((sum, out, i) => sum + out * at(weights, i), 0);
  const found = gruStepBack(F64, gruStep(F64, inputs, states, previous), states, previous, weights);
  const h = 1e-5;
  for (const [values, gradient] of [
    [inputs, found.inputs],
    [states, found.states],
    [previous, found.previous],
  ] as const) {
    for (const [i, value] of values.entries()) {
      values[i] = value + h;
      const above = loss();
      values[i] = value - h;
      const below = loss();
      values[i] = value;
      // The error of a central difference is h² times a third derivative of order 1, and rounding / h.
      expect(Math.abs((above - below) / (2 * h) - at(gradient, i))).toBeLessThan(1e-9);
    }
  }
});

test("the kernels' sigmoid saturates without NaN", () => {
  const large = gruStep(F32, new Array(12).fill(1e4), new Array(12).fill(0), [0, 0, 0, 0]);
  expect(large.out.every(Number.isFinite)).toBe(true);
  expect(exp32(-1e4)).toBeGreaterThan(0);
});
