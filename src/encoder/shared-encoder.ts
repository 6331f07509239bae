import { checkArray } from "../checks/check.ts";
import { readEncoder } from "../format/encoder.ts";
import type { EncoderFacts } from "../format/encoder-facts.ts";
import { faultyPadding, storedShape, weightTables } from "../format/encoder-weights.ts";
import { checkState, type EncoderStep } from "./stateful.ts";
import { statefulOf } from "./stateful-of.ts";

/** The encoder that the parts of an index share. A router gives it the rows of items. */
export interface SharedEncoder {
  /** The number of values of a state or, with attention, of each item in a state. */
  readonly units: number;
  /** The most items that a query depends on. */
  readonly length: number;
  /** Returns the state before the first item. */
  readonly start: () => Float32Array<ArrayBuffer>;
  /**
   * Returns the state after items with these rows, f32 (dim), at least one, and the query for what comes next. RangeError for a
   * wrong state.
   */
  readonly read: (state: Float32Array, rows: readonly Float32Array[]) => EncoderStep;
  /** Returns the query after the last of some items, at least one, by their rows. */
  readonly encode: (rows: readonly Float32Array[]) => Float32Array<ArrayBuffer>;
}

/**
 * Opens the encoder that a part of an index has sent: the weights without the vectors of items, which are the rows of the
 * classes. RangeError for a message of another form.
 */
export function sharedEncoder(module: WebAssembly.Module, message: Uint8Array): SharedEncoder {
  const { facts, dim, weights } = parted(message);
  const views = new Map<string, Float32Array>();
  let at = 0;
  for (const table of weightTables(facts, dim)) {
    const end = at + storedShape(table).reduce((product, size) => product * size, 1);
    const view = weights.subarray(at, end);
    if (faultyPadding(table, view) >= 0) throw new RangeError(`"message" expected padding of 0 in "${table.name}"`);
    views.set(table.name, view);
    at = end;
  }
  if (at !== weights.length) throw new RangeError(`"message" expected ${at} weights, got ${weights.length}`);
  if (!weights.every(Number.isFinite)) throw new RangeError('"message" expected finite weights');
  const stateful = statefulOf(module, facts, dim, (name) => views.get(name) as Float32Array);
  const { units, length, start, encode } = stateful;
  return {
    units,
    length,
    start,
    encode,
    read(state, rows) {
      checkState(stateful, state);
      return stateful.read(state, rows);
    },
  };
}

/** Divides a message into its header, which is checked as the section of a file, and the weights. */
function parted(message: Uint8Array): {
  readonly facts: EncoderFacts;
  readonly dim: number;
  readonly weights: Float32Array;
} {
  checkArray("message", message, "bytes", "a Uint8Array");
  try {
    const end = message.indexOf(0x0a) + 1;
    const stated = JSON.parse(new TextDecoder().decode(message.subarray(0, end)));
    const facts = readEncoder(stated) as EncoderFacts;
    if (facts.items === "rows") return { facts, dim: stated.dim, weights: new Float32Array(message.slice(end).buffer) };
  } catch {}
  throw new RangeError('"message" expected the encoder that a part sends, got another one');
}
