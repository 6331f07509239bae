import { GRUSTEP_BYTES, GRUSTEP_INPUTS, GRUSTEP_PREVIOUS, GRUSTEP_STATES, GRUSTEP_UNITS } from "../../build/structs.ts";
import { instantiateEncoder } from "./kernels.ts";
import { type Layer, planLayer, type Rows, startMemory } from "./memory.ts";
import type { EncoderStep, Stateful } from "./stateful.ts";
import type { WeightOf } from "./weights.ts";

/** The numbers of values of a state and of a vector, multiples of 4. */
interface RecurrentSizes {
  readonly units: number;
  readonly dim: number;
  readonly hasProjection: boolean;
}

/** Gated recurrent units in an instance of their own, which keeps the weights in panels. */
export function recurrent(
  module: WebAssembly.Module,
  { units, dim, hasProjection }: RecurrentSizes,
  weightOf: WeightOf,
): Stateful {
  const kernels = instantiateEncoder(module);
  const memory = startMemory(kernels);
  const layer = (name: string): Layer => planLayer(kernels, memory, weightOf(`${name}Weight`), weightOf(`${name}Bias`));
  const [ofInput, ofState] = [layer("input"), layer("state")];
  const project = hasProjection ? layer("projection") : undefined;
  const row = (count: number): Rows => ({ address: memory.take(count), bytes: 4 * count, count: 1 });
  const [input, before, after, query] = [row(dim), row(units), row(units), row(dim)];
  const [inputs, states] = [row(3 * units), row(3 * units)];
  const step = memory.struct(GRUSTEP_BYTES, {
    [GRUSTEP_INPUTS]: inputs.address,
    [GRUSTEP_STATES]: states.address,
    [GRUSTEP_PREVIOUS]: before.address,
    [GRUSTEP_UNITS]: units,
  });
  // All memory has been taken, so that views stay valid.
  const viewOf = ({ address, bytes }: Rows): Float32Array => memory.view(address, bytes / 4);
  const [inputValues, beforeValues, afterValues] = [viewOf(input), viewOf(before), viewOf(after)];

  /** Replaces a state by the one after an item. */
  const readItem = (state: Float32Array, vector: Float32Array): void => {
    inputValues.set(vector);
    beforeValues.set(state);
    ofInput(inputs, input);
    ofState(states, before);
    kernels.gruForward(step, after.address, 1);
    state.set(afterValues);
  };
  const queryOf = (state: Float32Array): Float32Array<ArrayBuffer> => {
    if (!project) return Float32Array.from(state);
    beforeValues.set(state);
    project(query, before);
    return Float32Array.from(viewOf(query));
  };
  return {
    units,
    length: Number.POSITIVE_INFINITY,
    start: () => new Float32Array(units),
    flaw: ({ length }) =>
      length === units ? undefined : `expected ${units} values, got ${length}: those of start() or of a step`,
    read,
    encode: (vectors) => read(new Float32Array(units), vectors).query,
  };

  function read(before: Float32Array, vectors: readonly Float32Array[]): EncoderStep {
    const state = Float32Array.from(before);
    for (const vector of vectors) readItem(state, vector);
    return { state, query: queryOf(state) };
  }
}
