import {
  ATTENTION_COUNT,
  ATTENTION_FIRST,
  ATTENTION_KEYS,
  ATTENTION_OUT,
  ATTENTION_QUERIES,
  ATTENTION_VALUES,
} from "../../build/structs.ts";
import type { AttentionFacts } from "../format/encoder-facts.ts";
import { type AttentionRoom, attentionRoom } from "./attention-room.ts";
import { attentionState } from "./attention-state.ts";
import { type AttentionWeights, attentionWeights } from "./attention-weights.ts";
import { type EncoderKernels, instantiateEncoder } from "./kernels.ts";
import { type Memory, type Rows, startMemory } from "./memory.ts";
import type { Width } from "./padding.ts";
import type { Stateful } from "./stateful.ts";
import type { WeightOf } from "./weights.ts";

/** Positions of a sequence. The keys and values of those before `first` are known. */
interface Positions {
  readonly first: number;
  readonly count: number;
}

/** Runs all blocks over positions whose vectors are in `kept`. Returns the query of the last one. */
type Run = (room: AttentionRoom, positions: Positions) => Float32Array<ArrayBuffer>;

/** Blocks of causal self-attention in an instance of their own, which keeps the weights, of this width, in panels. */
export function attention(
  module: WebAssembly.Module,
  facts: AttentionFacts,
  { width: dim, filled }: Width,
  weightOf: WeightOf,
): Stateful {
  const { length } = facts;
  const kernels = instantiateEncoder(module);
  const memory = startMemory(kernels);
  const state = attentionState(facts, dim);
  const { rowValues } = state;
  const weights = attentionWeights(kernels, memory, facts, { dim, filled, rowBytes: 4 * rowValues }, weightOf);
  const reserve = attentionRoom(memory, weights, { dim, rowValues, length });
  const run = planRun(kernels, memory, weights, dim, rowValues);
  const put = ({ kept }: AttentionRoom, position: number, vector: Float32Array): void =>
    memory.view(kept + 4 * rowValues * position, dim).set(vector);

  const encode = (vectors: readonly Float32Array[]): Float32Array<ArrayBuffer> => {
    const room = reserve(vectors.length);
    for (const [position, vector] of vectors.entries()) put(room, position, vector);
    return run(room, { first: 0, count: vectors.length });
  };
  /** Computes the rows of more items after the `first` ones of a state. */
  const append = (before: Float32Array, first: number, vectors: readonly Float32Array[]): Float32Array<ArrayBuffer> => {
    const count = first + vectors.length;
    const room = reserve(count);
    memory.view(room.kept, first * rowValues).set(state.rowsOf(before));
    for (const [i, vector] of vectors.entries()) put(room, first + i, vector);
    return run(room, { first, count });
  };
  return {
    units: rowValues,
    length,
    start: state.start,
    flaw: state.flaw,
    encode,
    read(before, vectors) {
      const first = state.countOf(before);
      const count = Math.min(first + vectors.length, length);
      // Beyond the length all items change their positions, and with them all keys.
      const query =
        first + vectors.length > length
          ? encode([...state.vectorsOf(before), ...vectors].slice(-length))
          : append(before, first, vectors);
      return { state: state.of(memory.view(reserve(count).kept, count * rowValues)), query };
    },
  };
}

function planRun(
  kernels: EncoderKernels,
  memory: Memory,
  { positions, norms, layers, attention }: AttentionWeights,
  dim: number,
  rowValues: number,
): Run {
  const rowBytes = 4 * rowValues;
  const norm = (at: number, input: number, out: number, count: number): void =>
    kernels.normRows(norms[at] as number, input, out, count);

  /** Runs a block. Only the outputs of positions from `needed` on are needed, and the keys of all. */
  const runBlock = (room: AttentionRoom, block: number, { first, count }: Positions, needed: number): void => {
    const { toQueries, toKeys, toMixed, toInner, toOuter } = layers[block] as AttentionWeights["layers"][number];
    const keys = room.kept + 4 * dim * (1 + 2 * block);
    const rows = count - needed;
    const at = (address: number): number => address + 4 * dim * (needed - first);
    const from = (address: number): Rows => ({ address: at(address), bytes: 4 * dim, count: rows });
    const { inputs, normed, queries, attended, mixed } = room;
    const all = { address: inputs, bytes: 4 * dim, count: count - first };
    toKeys({ address: keys + first * rowBytes, bytes: rowBytes, count: count - first }, all);
    norm(2 * block, at(inputs), at(normed), rows);
    toQueries(from(queries), from(normed));
    memory.set(attention, {
      [ATTENTION_QUERIES]: at(queries),
      [ATTENTION_KEYS]: keys,
      [ATTENTION_VALUES]: keys + 4 * dim,
      [ATTENTION_OUT]: at(attended),
      [ATTENTION_FIRST]: needed,
      [ATTENTION_COUNT]: count,
    });
    kernels.attend(attention);
    toMixed(from(mixed), from(attended));
    kernels.addValues(at(mixed), at(normed), rows * dim);
    norm(2 * block + 1, at(mixed), at(normed), rows);
    toInner(from(queries), from(normed));
    kernels.reluInPlace(at(queries), rows * dim);
    toOuter(from(inputs), from(queries));
    kernels.addValues(at(inputs), at(normed), rows * dim);
  };

  return (room, { first, count }) => {
    for (let position = first; position < count; position++) {
      const vector = memory.view(room.kept + position * rowBytes, dim);
      const input = memory.view(room.inputs + 4 * dim * (position - first), dim);
      for (let d = 0; d < dim; d++) input[d] = (vector[d] as number) + (positions[position * dim + d] as number);
    }
    const last = layers.length - 1;
    for (const block of layers.keys()) runBlock(room, block, { first, count }, block < last ? first : count - 1);
    norm(2 * layers.length, room.inputs + 4 * dim * (count - 1 - first), room.normed, 1);
    return Float32Array.from(memory.view(room.normed, dim));
  };
}
