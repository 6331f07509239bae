import { describe, expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import type { ModelKernels } from "../../../src/train/model/kernels.ts";
import { randomCodes, randomRows } from "../rows.ts";
import { BUILDS, modelKernels } from "./instances.ts";
import { type ModelKernelName, referenceKernels, SEQUENCE_KERNELS } from "./reference.ts";

/** Arguments of a kernel, with an array in place of each address. */
type Values = Float32Array | Int32Array;
type Argument = Values | Struct | number | bigint;

/** A struct: addresses of arrays, counts and f32 numbers, by the offsets of their fields. */
class Struct {
  readonly bytes: number;
  readonly fields: Readonly<Record<number, Values | number>>;
  readonly floats: Readonly<Record<number, number>>;
  constructor(bytes: number, fields: Record<number, Values | number>, floats: Record<number, number> = {}) {
    this.bytes = bytes;
    this.fields = fields;
    this.floats = floats;
  }
}

interface Shape {
  readonly count: number;
  /** A multiple of 4. */
  readonly dim: number;
}

const ROWS = 13;
const BATCH = 3;
const padded = (count: number): number => Math.ceil(count / 4) * 4;
const ids = (count: number): Int32Array => Int32Array.from(randomCodes(count, ROWS, 8));
/** Distinct rows, as in a step. */
const distinct = (count: number): Int32Array => Int32Array.from({ length: count }, (_, k) => (5 * k) % ROWS);
const floats = randomRows;
const positive = (count: number, seed: number): Float32Array => randomRows(count, seed).map(Math.abs);

function argumentsOf(name: ModelKernelName, { count, dim }: Shape): Argument[] {
  const rows = floats(ROWS * dim, 1);
  const weights = floats(count, 2);
  const vector = floats(dim, 3);
  const factors = floats(count * dim, 4);
  const stepped = Math.min(count, ROWS);
  const gradients = floats(stepped * dim, 5);
  const scores = floats(padded(count), 6).map((x) => 8 * x);
  switch (name) {
    case "addPickedRows":
      return [vector, weights, ids(count), count, rows, dim];
    case "addToRows":
      return [rows, ids(count), weights, count, vector, dim];
    case "addPickedProducts":
    case "addToRowsTimes":
    case "addToFactors": {
      const products = new Struct(structs.PRODUCTS_BYTES, {
        [structs.PRODUCTS_ROWS]: rows,
        [structs.PRODUCTS_FACTORS]: factors,
        [structs.PRODUCTS_DIM]: dim,
      });
      return [products, ids(count), weights, count, vector];
    }
    case "addToValues":
      return [floats(ROWS, 1), ids(count), weights, count];
    case "scoreRows": {
      const outBytes = 4 * padded(count);
      const out = new Float32Array((BATCH * outBytes) / 4);
      return [layer(factors, floats(padded(count), 2), count, dim), floats(BATCH * dim, 3), BATCH, out, outBytes];
    }
    case "addWeightedRows": {
      const matrix = new Struct(structs.MATRIX_BYTES, {
        [structs.MATRIX_VALUES]: floats(BATCH * count, 2),
        [structs.MATRIX_ROW_STEP]: 4 * count,
        [structs.MATRIX_COLUMN_STEP]: 4,
      });
      return [floats(BATCH * dim, 3), BATCH, matrix, factors, count, dim];
    }
    case "sumColumns":
      return [floats(BATCH * count, 2), BATCH, 4 * count, count, floats(count, 3)];
    case "scorePicked":
      return [layer(rows, floats(ROWS, 2), ROWS, dim), vector, ids(count), count, scores];
    case "sampledGradient":
      return [scores, floats(padded(count), 7), count, Math.min(count, 2), 0.25];
    case "softmaxGradient":
      return [scores, count, Int32Array.of(count - 1), 1, 0.25];
    case "rankOf":
      return [scores.map((x) => Math.round(x / 4)), count, count >> 1];
    case "tanhInPlace":
      return [floats(count, 1).map((x) => 12 * x), count];
    case "reluInPlace":
      return [floats(count, 1), count];
    case "tanhGradient":
    case "reluGradient":
      return [floats(count, 1), weights, count];
    case "stepDescent":
    case "stepAdagrad":
    case "stepAdam": {
      const table = new Struct(structs.TABLE_BYTES, {
        [structs.TABLE_VALUES]: rows,
        [structs.TABLE_MEANS]: floats(ROWS * dim, 7),
        [structs.TABLE_SQUARES]: positive(ROWS * dim, 8),
        [structs.TABLE_WIDTH]: dim,
      });
      const numbers = {
        [structs.STEP_RATE]: 0.1,
        [structs.STEP_CORRECTION]: 1.5,
        [structs.STEP_KEEP]: 0.99,
        [structs.STEP_MEAN_SHARE]: 0.9,
        [structs.STEP_SQUARE_SHARE]: 0.98,
      };
      return [table, new Struct(structs.STEP_BYTES, {}, numbers), gradients, distinct(stepped), stepped];
    }
    case "fillUniform":
      return [new Float32Array(count), count, 0.3, 0x123456789abcdef0n, 21, new Int32Array(4)];
    case "assignSlots": {
      const slotOf = new Int32Array(ROWS).fill(-1);
      slotOf[2] = 0;
      const touched = new Int32Array(ROWS);
      touched[0] = 2;
      return [ids(count), count, slotOf, touched, 1, new Int32Array(count)];
    }
    case "releaseSlots":
      return [Int32Array.from({ length: ROWS }, (_, row) => row), distinct(stepped), stepped];
  }
}

const layer = (rows: Float32Array, biases: Float32Array, rowCount: number, dim: number): Struct =>
  new Struct(structs.LAYER_BYTES, {
    [structs.LAYER_ROWS]: rows,
    [structs.LAYER_BIASES]: biases,
    [structs.LAYER_ROW_COUNT]: rowCount,
    [structs.LAYER_DIM]: dim,
  });

/** A step works on rows of any width: one value, as for biases, or more. */
const widthsOf = (name: ModelKernelName): number[] =>
  name.startsWith("step") ? [1, 3, 4, 6, 16, 68] : [4, 8, 16, 20, 68];

/** Runs the kernel and the reference on equal memories and returns the memory and result of each. */
function runBoth(kernels: ModelKernels, name: ModelKernelName, args: Argument[]) {
  let top = kernels.heapBase();
  new Uint8Array(kernels.memory.buffer, top).fill(0xa5);
  const room = (byteLength: number): number => {
    const address = top;
    // No array owns the 16 bytes between two arrays.
    top += Math.ceil(byteLength / 16) * 16 + 16;
    if (top > kernels.memory.buffer.byteLength) kernels.memory.grow(4);
    return address;
  };
  const place = (arg: Argument): number | bigint => {
    if (typeof arg === "number" || typeof arg === "bigint") return arg;
    if (!(arg instanceof Struct)) {
      const address = room(arg.byteLength);
      const bytes = new Uint8Array(arg.buffer, arg.byteOffset, arg.byteLength);
      new Uint8Array(kernels.memory.buffer).set(bytes, address);
      return address;
    }
    const address = room(arg.bytes);
    const fields = Object.entries(arg.fields).map(([offset, field]) => [Number(offset), Number(place(field))] as const);
    const view = new DataView(kernels.memory.buffer, address);
    for (const [offset, value] of fields) view.setUint32(offset, value, true);
    for (const [offset, value] of Object.entries(arg.floats)) view.setFloat32(Number(offset), value, true);
    return address;
  };
  const values = args.map(place);
  const expected = kernels.memory.buffer.slice(0) as ArrayBuffer;
  const call = (of: Pick<ModelKernels, ModelKernelName>): unknown =>
    (of[name] as (...args: (number | bigint)[]) => unknown)(...values);
  const [wanted, got] = [call(referenceKernels(expected)), call(kernels)];
  return { got, wanted, same: Buffer.compare(Buffer.from(kernels.memory.buffer), Buffer.from(expected)) === 0 };
}

const NAMES = Object.keys(referenceKernels(new ArrayBuffer(0))) as ModelKernelName[];

describe.each(BUILDS)("%s", (build) => {
  test("imports nothing and exports the referenced kernels, those of the checksum, exp64, log64, heapBase and memory", () => {
    const kernels = modelKernels(build);
    const others = ["startLanes", "addToLanes", "hashOfLanes", "exp64", "log64", "mixLogs", "heapBase", "memory"];
    expect(Object.keys(kernels).sort()).toEqual([...NAMES, ...SEQUENCE_KERNELS, ...others].sort());
  });

  test.each(NAMES)("%s leaves the same bytes as its plain twin, at every awkward size", (name) => {
    const kernels = modelKernels(build);
    for (const count of [1, 2, 3, 4, 5, 8, 13, 1023, 1025]) {
      for (const dim of widthsOf(name)) {
        if (count > 1000 && dim > 8) continue;
        const { got, wanted, same } = runBoth(kernels, name, argumentsOf(name, { count, dim }));
        expect(got, `${count} of ${dim}`).toBe(wanted);
        expect(same, `${count} of ${dim}`).toBe(true);
      }
    }
  });

  test("softmaxGradient has logits of ±1000, and its derivatives still sum to zero", () => {
    const kernels = modelKernels(build);
    const base = kernels.heapBase();
    new Float32Array(kernels.memory.buffer, base, 4).set([1000, 999, -1000, 0]);
    new Int32Array(kernels.memory.buffer, base + 16, 1)[0] = 1;
    const loss = kernels.softmaxGradient(base, 3, base + 16, 1, 1);
    expect(loss).toBeCloseTo(1 + Math.log1p(Math.exp(-1)), 6);
    const [a = 0, b = 0, c = 0] = new Float32Array(kernels.memory.buffer, base, 3);
    expect(a + b + c).toBeCloseTo(0, 6);
    expect(c).toBeLessThan(1e-37);
  });
});
