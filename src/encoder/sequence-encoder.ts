import { kindOf } from "../checks/check.ts";
import type { MultiIndex } from "../index/multi-index.ts";
import { labelsOf, openedOf } from "../parts/opened-of.ts";
import { type EncodeSequenceOptions, type Item, itemIds } from "./item-ids.ts";
import { openedEncoder } from "./opened-encoder.ts";
import { checkState, type EncoderStep, type Stateful } from "./stateful.ts";
import { statefulOf } from "./stateful-of.ts";
import { type EncoderWeights, weightsOf } from "./weights.ts";

/** Checks for options of encode. Their names are few, and knownOptions is larger than all that this module checks. */
function checkOptions(options: EncodeSequenceOptions): void {
  if (kindOf(options) !== "an object") throw new TypeError(`"options" expected an object, got ${kindOf(options)}`);
  for (const [name, value] of Object.entries(options)) {
    if (name !== "unknown" && value !== undefined)
      throw new TypeError(`"${name}" is not an option of encode: it takes unknown`);
  }
}

/** Makes an index encode by its encoder. */
function encodeBy(index: MultiIndex, encoder: SequenceEncoder): void {
  // biome-ignore lint/complexity/useLiteralKeys: the name is private.
  index["bags"] = {
    encode(sequence, { weights }) {
      if (weights !== undefined) throw new RangeError('"weights" expected none: an encoder reads a sequence');
      return encoder.encode(sequence);
    },
  };
}

/**
 * The encoder of an index, made by {@link openEncoder}. It reads the items of a sequence and makes a query for the next one,
 * with the bits of the trained model in every runtime.
 */
export class SequenceEncoder {
  /** @internal Bundles shorten the names of classes, and consoles print them. */
  static readonly name = "SequenceEncoder";
  /** The number of values of a state or, with attention, of each item in a state. */
  readonly units: number;
  /** The most items that a query depends on. It is Infinity for a GRU. */
  readonly length: number;
  private readonly index: MultiIndex;
  private readonly stateful: Stateful;
  private readonly vectors: Pick<EncoderWeights, "hasVector" | "vectorOf">;

  /** @internal Use openEncoder. */
  constructor(index: MultiIndex, module: WebAssembly.Module) {
    const { opened, facts } = openedEncoder(index);
    if (facts === undefined) throw new RangeError('"index" expected one built with "encoder", got one without');
    const weights = weightsOf(opened, facts);
    this.index = index;
    this.stateful = statefulOf(module, facts, opened.header.facts.dim, weights.weightOf);
    this.units = this.stateful.units;
    this.length = this.stateful.length;
    this.vectors = weights;
    encodeBy(index, this);
  }

  /**
   * Makes the query after a sequence: the one that `step` gives for its items one after the other, from `start()` on.
   *
   * @param sequence ids of classes or their labels, at least one, in the order in which they occurred
   * @param options the treatment of unknown items
   * @returns f32, `info.dim` values
   * @throws RangeError for an empty sequence, or one of which no known item is left, with the `code` "no_items"; for an
   *   item that the index does not have, which it names, with the `code` "unknown_item"; and for a value that is no item. `at` is
   *   the place of the item
   *
   * @example
   * const { ids } = index.topK(encoder.encode(["item-17", "item-4"]), 10);
   */
  encode(sequence: readonly Item[] | Int32Array, options: EncodeSequenceOptions = {}): Float32Array<ArrayBuffer> {
    return this.stateful.encode(this.vectorsOf(sequence, options));
  }

  /**
   * Returns the state before the first item.
   *
   * @returns f32: `units` zeros, or with attention four values that name the form of the state
   *
   * @example
   * let { state, query } = encoder.step(encoder.start(), 17);
   */
  start(): Float32Array<ArrayBuffer> {
    return this.stateful.start();
  }

  /**
   * Reads one more item. The state that is given stays as it is. After the items of a sequence the query has the bits of
   * `encode` of that sequence.
   *
   * @param state f32: that of `start()` or of the step before
   * @param item the id of a class or its label
   * @returns the state after the item and the query for the next one
   * @throws RangeError for an unknown item and for a state of another length or with a value that is not finite or above 2^40
   *
   * @example
   * const { state, query } = encoder.step(encoder.start(), "item-17");
   * const { id } = index.decode(query, { seed: 1 });
   * const next = encoder.step(state, id);
   */
  step(state: Float32Array, item: Item): EncoderStep {
    return this.read(state, [item]);
  }

  /**
   * Reads several more items. The result has the bits of a `step` for each of them, and costs no more than `encode`, where steps
   * of attention beyond `length` items each cost as much.
   *
   * @param state f32: that of `start()` or of the step before
   * @param sequence ids of classes or their labels, at least one, in the order in which they occurred
   * @param options the treatment of unknown items
   * @returns the state after the last item and the query for the next one
   * @throws RangeError as `encode` and `step`
   *
   * @example
   * const { state, query } = encoder.read(encoder.start(), ["item-17", "item-4"]);
   */
  read(state: Float32Array, sequence: readonly Item[] | Int32Array, options: EncodeSequenceOptions = {}): EncoderStep {
    const vectors = this.vectorsOf(sequence, options);
    checkState(this.stateful, state);
    return this.stateful.read(state, vectors);
  }

  /** Returns the vectors of the last items that a query depends on. Throws an Error once the index is disposed of. */
  private vectorsOf(sequence: readonly Item[] | Int32Array, options: EncodeSequenceOptions): Float32Array[] {
    openedOf(this.index);
    checkOptions(options);
    const ids = itemIds(sequence, options, {
      ...this.index.info,
      find: (label) => labelsOf(this.index).find(label),
      hasVector: this.vectors.hasVector,
    });
    return ids.slice(-this.length).map((id) => this.vectors.vectorOf(id));
  }
}
