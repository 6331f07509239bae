import {
  MATRIX_BYTES,
  MATRIX_COLUMN_STEP,
  MATRIX_ROW_STEP,
  MATRIX_VALUES,
  PANELS_BYTES,
  PANELS_COLUMN_COUNT,
  PANELS_DEPTH,
  PANELS_VALUES,
} from "../../build/structs.ts";
import { PANEL_WIDTH } from "../abi.ts";
import type { EncoderKernels } from "./kernels.ts";

const PAGE_BYTES = 65536;

type Fields = Readonly<Record<number, number>>;
/** The memory of an encoder's instance. */
export type Memory = ReturnType<typeof startMemory>;

/** Rows of f32 in memory, a number of bytes apart. */
export interface Rows {
  readonly address: number;
  readonly bytes: number;
  readonly count: number;
}

/** A layer of weights. Sets the values of each row of `out` to bias + weight · the row of `input`. */
export type Layer = (out: Rows, input: Rows) => void;

/** Allocates regions of an instance's memory one after the other, each aligned to 16 bytes, and grows it as needed. */
export function startMemory({ memory, heapBase }: EncoderKernels) {
  let top = heapBase();
  let bytes = new DataView(memory.buffer);
  /** Returns the address of room for f32 values. */
  const take = (count: number): number => {
    const address = top;
    top += Math.ceil(count / 4) * 16;
    const missing = top - memory.buffer.byteLength;
    if (missing > 0) {
      memory.grow(Math.ceil(missing / PAGE_BYTES));
      bytes = new DataView(memory.buffer);
    }
    return address;
  };
  /** Returns a view. Growth detaches it. */
  const view = (address: number, count: number): Float32Array => new Float32Array(memory.buffer, address, count);
  const put = (values: Float32Array): number => {
    const address = take(values.length);
    view(address, values.length).set(values);
    return address;
  };
  const set = (address: number, values: Fields): void => {
    for (const [offset, value] of Object.entries(values)) bytes.setUint32(address + Number(offset), value, true);
  };
  const struct = (byteLength: number, values: Fields): number => {
    const address = take(byteLength / 4);
    set(address, values);
    return address;
  };
  return {
    take,
    view,
    put,
    set,
    struct,
    /** Frees the memory that `visit` takes. */
    nested(visit: () => void): void {
      const before = top;
      visit();
      top = before;
    },
    /** Returns a function that frees the memory taken since. */
    mark(): () => void {
      const before = top;
      return () => {
        top = before;
      };
    },
  };
}

/** Packs the weights of a layer, f32 (outputs, inputs), for products of rows with them. */
export function planLayer(kernels: EncoderKernels, memory: Memory, weight: Float32Array, bias: Float32Array): Layer {
  const [outputs, inputs] = [bias.length, weight.length / bias.length];
  const panels = memory.struct(PANELS_BYTES, {
    [PANELS_VALUES]: memory.take(Math.ceil(outputs / PANEL_WIDTH) * PANEL_WIDTH * inputs),
    [PANELS_DEPTH]: inputs,
    [PANELS_COLUMN_COUNT]: outputs,
  });
  const left = memory.struct(MATRIX_BYTES, { [MATRIX_COLUMN_STEP]: 4 });
  memory.nested(() => {
    const columns = { [MATRIX_VALUES]: memory.put(weight), [MATRIX_ROW_STEP]: 4, [MATRIX_COLUMN_STEP]: 4 * inputs };
    kernels.packColumns(memory.struct(MATRIX_BYTES, columns), panels);
  });
  const start = Float32Array.from(bias); // changes of an index move its tensors
  let view: Float32Array = new Float32Array();
  let placed: Pick<Rows, "address" | "bytes"> = { address: 0, bytes: 0 };
  return (out, input) => {
    for (let row = 0; row < out.count; row++) {
      const address = out.address + row * out.bytes;
      // Layers of one row have it in one place. A view has no values once memory has grown.
      if (view.byteOffset !== address || view.length !== outputs) view = memory.view(address, outputs);
      view.set(start);
    }
    if (placed.address !== input.address || placed.bytes !== input.bytes) {
      memory.set(left, { [MATRIX_VALUES]: input.address, [MATRIX_ROW_STEP]: input.bytes });
      placed = input;
    }
    kernels.addProducts(out.address, out.bytes, out.count, left, panels);
  };
}
