import { checkArray, MAGNITUDE_LIMIT } from "../checks/check.ts";

/** An encoder that reads the vectors of items one after the other and makes queries. */
export interface Stateful {
  /** The number of values of a state or, with attention, of each item in a state. */
  readonly units: number;
  /** The most items that a query depends on. */
  readonly length: number;
  /** Returns the state before the first item. */
  start(): Float32Array<ArrayBuffer>;
  /** Returns a description of the fault in the sizes of a state, or undefined. */
  flaw(state: Float32Array): string | undefined;
  /** Returns the state after items with these vectors, f32 (dim), at least one, and the query for what comes next. */
  read(state: Float32Array, vectors: readonly Float32Array[]): EncoderStep;
  /** Returns the query after the last of some items, at least one, as `read` from the start on would. */
  encode(vectors: readonly Float32Array[]): Float32Array<ArrayBuffer>;
}

/** The result of a step. */
export interface EncoderStep {
  /** f32: the state after the item, from which the next step goes on. */
  readonly state: Float32Array<ArrayBuffer>;
  /** f32 (info.dim): the query for what comes after the item. */
  readonly query: Float32Array<ArrayBuffer>;
}

/**
 * Checks the form of a state and that its values are finite and no larger than those of a query: products of larger ones would
 * overflow. A RangeError names "state".
 */
export function checkState(stateful: Pick<Stateful, "flaw">, state: Float32Array): void {
  checkArray("state", state, "values", "a Float32Array");
  const flaw = stateful.flaw(state);
  if (flaw !== undefined) throw new RangeError(`"state" ${flaw}`);
  for (let i = 0; i < state.length; i++) {
    if (Math.abs(state[i] as number) <= MAGNITUDE_LIMIT) continue;
    throw new RangeError(`"state"[${i}] expected a finite number of magnitude at most 2^40, got ${state[i]}`);
  }
}
