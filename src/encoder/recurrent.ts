import {
  GRUSTEP_BYTES,
  GRUSTEP_INPUTS,
  GRUSTEP_PREVIOUS,
  GRUSTEP_STATES,
  GRUSTEP_UNITS,
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
import { type EncoderKernels, instantiateEncoder } from "./kernels.ts";
import type { EncoderWeights } from "./weights.ts";

const PAGE_BYTES = 65536;

/** Gated recurrent units in an instance of their own, which keeps the weights in panels. */
export interface Recurrent {
  /** Replaces a state, f32 (units), by the one after an item with this vector, f32 (dim). */
  step(state: Float32Array, vector: Float32Array): void;
  /** Returns the query, f32 (dim), of a state. */
  query(state: Float32Array): Float32Array<ArrayBuffer>;
}

/** A layer of weights: out = bias + weight · input. */
type Layer = (out: Region, input: Region) => void;

/** A part of the memory. */
interface Region {
  readonly address: number;
  readonly values: Float32Array;
}

export function recurrent(module: WebAssembly.Module, weights: EncoderWeights): Recurrent {
  const kernels = instantiateEncoder(module);
  const { inputWeight, inputBias, stateWeight, stateBias, projection } = weights;
  const gates = inputBias.length;
  const [units, dim] = [gates / 3, inputWeight.length / gates];
  const layers = [inputWeight, stateWeight, ...(projection ? [projection.weight] : [])];
  const memory = startMemory(kernels, bytesOf(layers, dim + units, gates));
  const layer = (weight: Float32Array, bias: Float32Array): Layer => planLayer(kernels, memory, weight, bias);
  const [ofInput, ofState] = [layer(inputWeight, inputBias), layer(stateWeight, stateBias)];
  const project = projection && layer(projection.weight, projection.bias);
  const [input, before, after] = [memory.take(dim), memory.take(units), memory.take(units)];
  const [inputs, states, query] = [memory.take(gates), memory.take(gates), memory.take(dim)];
  const step = memory.struct(GRUSTEP_BYTES, {
    [GRUSTEP_INPUTS]: inputs.address,
    [GRUSTEP_STATES]: states.address,
    [GRUSTEP_PREVIOUS]: before.address,
    [GRUSTEP_UNITS]: units,
  });
  return {
    step(state, vector) {
      input.values.set(vector);
      before.values.set(state);
      ofInput(inputs, input);
      ofState(states, before);
      kernels.gruForward(step, after.address, 1);
      state.set(after.values);
    },
    query(state) {
      if (!project) return Float32Array.from(state);
      before.values.set(state);
      project(query, before);
      return Float32Array.from(query.values);
    },
  };
}

/** The bytes of panels, of one matrix while it is packed, of vectors and of structs. */
function bytesOf(layers: readonly Float32Array[], widths: number, gates: number): number {
  const packed = layers.reduce((sum, { length }) => sum + length, PANEL_WIDTH * widths * layers.length);
  return 4 * (packed + Math.max(...layers.map(({ length }) => length)) + 4 * (widths + gates)) + 1024;
}

/** Packs the weights of a layer, f32 (outputs, inputs), which are then multiplied by one input at a time. */
function planLayer(kernels: EncoderKernels, memory: Memory, weight: Float32Array, bias: Float32Array): Layer {
  const [outputs, inputs] = [bias.length, weight.length / bias.length];
  const panels = memory.struct(PANELS_BYTES, {
    [PANELS_VALUES]: memory.take(Math.ceil(outputs / PANEL_WIDTH) * PANEL_WIDTH * inputs).address,
    [PANELS_DEPTH]: inputs,
    [PANELS_COLUMN_COUNT]: outputs,
  });
  const left = memory.struct(MATRIX_BYTES, { [MATRIX_ROW_STEP]: 4 * inputs, [MATRIX_COLUMN_STEP]: 4 });
  memory.with(weight, (address) => {
    const columns = { [MATRIX_VALUES]: address, [MATRIX_ROW_STEP]: 4, [MATRIX_COLUMN_STEP]: 4 * inputs };
    kernels.packColumns(memory.struct(MATRIX_BYTES, columns), panels);
  });
  const start = Float32Array.from(bias); // changes of an index move its tensors
  return (out, input) => {
    out.values.set(start);
    memory.set(left, { [MATRIX_VALUES]: input.address });
    kernels.addProducts(out.address, 4 * outputs, 1, left, panels);
  };
}

type Fields = Readonly<Record<number, number>>;
type Memory = ReturnType<typeof startMemory>;

/** Memory of a fixed size, so that views stay valid. */
function startMemory({ memory, heapBase }: EncoderKernels, bytes: number) {
  let top = heapBase();
  memory.grow(Math.ceil((top + bytes - memory.buffer.byteLength) / PAGE_BYTES) + 1);
  const fields = new DataView(memory.buffer);
  const take = (count: number): Region => {
    const address = top;
    top += Math.ceil(count / 4) * 16;
    return { address, values: new Float32Array(memory.buffer, address, count) };
  };
  const set = (address: number, values: Fields): void => {
    for (const [offset, value] of Object.entries(values)) fields.setUint32(address + Number(offset), value, true);
  };
  return {
    take,
    set,
    struct(byteLength: number, values: Fields): number {
      const { address } = take(byteLength / 4);
      set(address, values);
      return address;
    },
    /** Calls `visit` with the address of a copy of the values, whose memory is free again after it. */
    with(values: Float32Array, visit: (address: number) => void): void {
      const before = top;
      const region = take(values.length);
      region.values.set(values);
      visit(region.address);
      top = before;
    },
  };
}
