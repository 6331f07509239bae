import { checkArray } from "../checks/check.ts";
import { ENCODER, type EncoderFacts, MAX_BLOCKS, MAX_LENGTH, MAX_UNITS, weightTensors } from "../format/encoder.ts";
import { MAX_DIM } from "../format/limits.ts";
import { attention } from "./attention.ts";
import { recurrent } from "./recurrent.ts";
import { checkState, type EncoderStep } from "./stateful.ts";

/** The encoder that the parts of an index share. A router gives it the rows of items. */
export interface SharedEncoder {
  /** The number of values of a state. With attention, of what a state has for each item. */
  readonly units: number;
  /** The most items that a query depends on. */
  readonly length: number;
  /** Returns the state before the first item. */
  readonly start: () => Float32Array<ArrayBuffer>;
  /** Returns the state after an item with this row, f32 (dim), and the query for what comes next. RangeError for a wrong state. */
  readonly step: (state: Float32Array, row: Float32Array) => EncoderStep;
  /** Returns the query after the last of some items, at least one, by their rows. */
  readonly encode: (rows: readonly Float32Array[]) => Float32Array<ArrayBuffer>;
}

/** What the message of an encoder says before its weights. */
interface Stated {
  readonly dim: number;
  readonly facts: EncoderFacts;
}

/**
 * Opens the encoder that a part of an index has sent: the weights without the vectors of items, which are the rows of the
 * classes. RangeError for a message of another form.
 */
export function sharedEncoder(module: WebAssembly.Module, message: Uint8Array): SharedEncoder {
  const { stated, weights } = parted(message);
  const { dim, facts } = stated;
  const views = new Map<string, Float32Array>();
  let at = 0;
  for (const { name, shape } of weightTensors(facts, dim)) {
    const length = shape.reduce((product, size) => product * size, 1);
    views.set(name.slice(ENCODER.length + 1), weights.subarray(at, at + length));
    at += length;
  }
  if (at !== weights.length) throw new RangeError(`"message" expected ${at} weights, got ${weights.length}`);
  if (!weights.every(Number.isFinite)) throw new RangeError('"message" expected finite weights');
  const weightOf = (name: string): Float32Array => views.get(name) as Float32Array;
  const stateful =
    facts.kind === "gru" ? recurrent(module, facts.units, dim, weightOf) : attention(module, facts, dim, weightOf);
  const { units, length, start, encode } = stateful;
  return {
    ...{ units, length, start, encode },
    step(state, row) {
      checkState(stateful, state);
      return stateful.step(state, row);
    },
  };
}

/** Divides a message into what it states, which is checked, and the weights. */
function parted(message: Uint8Array): { readonly stated: Stated; readonly weights: Float32Array } {
  checkArray("message", message, "bytes", "a Uint8Array");
  const end = message.indexOf(0x0a) + 1;
  const rest = message.slice(end); // aligned
  let stated: Stated | undefined;
  try {
    stated = JSON.parse(new TextDecoder().decode(message.subarray(0, end)));
  } catch {}
  if (!stated || !isStated(stated) || rest.byteLength % 4 !== 0) {
    throw new RangeError('"message" expected the encoder that a part sends, got another one');
  }
  return { stated, weights: new Float32Array(rest.buffer) };
}

function isStated({ dim, facts }: Stated): boolean {
  const isSize = (size: unknown, most: number, step: number): size is number =>
    Number.isInteger(size) && (size as number) >= step && (size as number) <= most && (size as number) % step === 0;
  if (!isSize(dim, MAX_DIM, 4) || facts === null || typeof facts !== "object") return false;
  if (facts.kind === "gru") return isSize(facts.units, MAX_UNITS, 4);
  const { kind, blocks, heads, length } = facts;
  const areSizes = isSize(blocks, MAX_BLOCKS, 1) && isSize(heads, dim / 4, 1) && isSize(length, MAX_LENGTH, 1);
  return kind === "attention" && areSizes && dim % (4 * heads) === 0;
}
