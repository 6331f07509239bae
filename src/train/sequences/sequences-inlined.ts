import modelBytes from "../../../build/model.wasm?bytes";
import { checkCount, checkFlag, checkOneOf } from "../../checks/check.ts";
import { functionOptions, type Names } from "../../checks/function-options.ts";
import { checkRange } from "../model/check-range.ts";
import type { Trained } from "../model/epochs.ts";
import { rowCount } from "../model/examples.ts";
import { instantiateModelKernels, type ModelKernels } from "../model/kernels.ts";
import type { Metrics } from "../model/metrics.ts";
import type { Model } from "../model/model.ts";
import { spacedRows } from "../model/order.ts";
import { checkedModel } from "./checked-model.ts";
import { queriesAfter, sequenceMetrics } from "./metrics.ts";
import { SEQUENCE_OPTIONS, type SequenceOptions } from "./options.ts";
import { checkItemLists, checkSequences, type Sequences } from "./sequences.ts";
import { checkSeen } from "./settings.ts";
import { trainSequencesWith } from "./train.ts";

const modelKernels = async (): Promise<ModelKernels> => instantiateModelKernels(await WebAssembly.compile(modelBytes));

/**
 * Trains an encoder of sequences and the vectors of its items. Gated recurrent units read the items one after the other, or
 * blocks of causal self-attention read the last ones together. Their output at each item predicts the next one. The same
 * sequences, options and seed give the same bits in every runtime.
 *
 * With a sampler, negatives are drawn once for all positions of a window, from the mean of the proposals of some of them,
 * and a position does not take its own class as a negative (docs/sequences.md).
 *
 * @param sequences Sessions, what each user chose, or a text. The training reads these arrays, and those of `heldOut`, until it
 * ends, and does not copy them: do not change or transfer them before.
 * @param options The sizes of the model, its sampler, the optimizer, and hooks.
 * @returns The model, and a report on each epoch. `build` makes an index of its classes and its encoder.
 * @throws TypeError or RangeError that names an option or the first wrong element of the sequences. RangeError if the
 * training diverges. FormatError for a damaged checkpoint in `resume`.
 *
 * @example
 * const sequences = { offsets: Uint32Array.of(0, 4, 8), ids: Int32Array.of(0, 1, 2, 3, 1, 2, 3, 4), itemCount: 5 };
 * const { model, history } = await trainSequences(sequences, { dim: 8, epochs: 3 });
 * console.log(history.at(-1).loss, model.shape.units); // the second is 8
 */
export async function trainSequences(sequences: Sequences, options: SequenceOptions = {}): Promise<Trained> {
  const checked = functionOptions("trainSequences", SEQUENCE_OPTIONS, options);
  return trainSequencesWith(await modelKernels(), sequences, checked);
}

/** Options of `evaluateSequences`. */
export interface EvaluateSequencesOptions {
  /** The k of ndcg and recall, at least 1. Default 10. */
  readonly k?: number;
  /**
   * "last": the last item of each sequence is predicted. "all": every item but the first, of a sequence of more than `length`
   * + 1 items only the last `length`. Default "last".
   */
  readonly positions?: "last" | "all";
  /**
   * Items that occur in the sequence before are not ranked, except the one to predict: if that is chosen again, a service that
   * excludes them never finds it. The loss is over all classes. Only without `carry`. Default false.
   */
  readonly withoutSeen?: boolean;
  /** The most items that are read before one that is predicted. Default 200, or with attention the most that it reads. */
  readonly length?: number;
  /** The sequences are one text, end to end, whose items are all predicted. Default false. */
  readonly carry?: boolean;
  /** Most sequences, evenly spaced, or with `carry` positions. Default: all. */
  readonly limit?: number;
}

const EVALUATE_OPTIONS: Names<EvaluateSequencesOptions> = {
  k: true,
  positions: true,
  withoutSeen: true,
  length: true,
  carry: true,
  limit: true,
};

const MOST_LENGTH = 65_536;

/**
 * Measures how well a model of sequences predicts their items, exactly over all classes.
 *
 * @param model A model of `trainSequences`.
 * @param sequences Sequences of the model's items. Leave out a sequence whose last item the model lacks: without that item, it
 * would be measured by the one before. Sequences of one item are not measured; `rowCount` of the metrics says how many positions
 * were.
 * @param options Which items are predicted and ranked.
 * @returns The metrics. Each position has one positive, so `precision` is `recall` / k.
 * @throws TypeError or RangeError that names the argument.
 *
 * @example
 * const sequences = { offsets: Uint32Array.of(0, 4, 8), ids: Int32Array.of(0, 1, 2, 3, 1, 2, 3, 4), itemCount: 5 };
 * const { model } = await trainSequences(sequences, { dim: 8, epochs: 3 });
 * const { recall, perplexity } = await evaluateSequences(model, sequences, { k: 1, positions: "all" });
 * console.log(recall, perplexity);
 */
export async function evaluateSequences(
  model: Model,
  sequences: Sequences,
  options: EvaluateSequencesOptions = {},
): Promise<Metrics> {
  const checked = functionOptions("evaluateSequences", EVALUATE_OPTIONS, options);
  const carry = checkFlag("carry", checked.carry);
  const positions = checked.positions ?? (carry ? "all" : "last");
  checkOneOf("positions", positions, ["last", "all"]);
  if (carry && positions === "last") throw new RangeError('"positions" expected "all" beside "carry", got last');
  const withoutSeen = checkSeen(checked.withoutSeen, carry);
  checkedModel(model);
  checkSequences("sequences", sequences);
  checkItems(model, sequences);
  const measure = {
    k: checkRange("k", checked.k ?? 10, 1, Number.MAX_SAFE_INTEGER),
    positions: positions as "last" | "all",
    withoutSeen,
    length: checkRange("length", checked.length ?? model.shape.length ?? 200, 1, model.shape.length ?? MOST_LENGTH),
    carry,
    limit: checkRange("limit", checked.limit ?? Number.MAX_SAFE_INTEGER, 1, Number.MAX_SAFE_INTEGER),
  };
  return sequenceMetrics(await modelKernels(), model, sequences, measure);
}

/**
 * Computes the query after the last item of each sequence: f32 (n, dim), in order, from all of its items. An index that was
 * built with the model's encoder gives the same bits by `encode`.
 *
 * @param model A model of `trainSequences`.
 * @param sequences Sequences of at least one item.
 * @param options A limit of the sequences, which are then evenly spaced.
 * @returns The queries, end to end.
 * @throws TypeError or RangeError that names the argument.
 *
 * @example
 * const sequences = { offsets: Uint32Array.of(0, 4, 8), ids: Int32Array.of(0, 1, 2, 3, 1, 2, 3, 4), itemCount: 5 };
 * const { model } = await trainSequences(sequences, { dim: 8 });
 * const queries = await encodeSequences(model, sequences);
 * console.log(queries.length); // 2 × 8
 */
export async function encodeSequences(
  model: Model,
  sequences: Sequences,
  options: { readonly limit?: number } = {},
): Promise<Float32Array<ArrayBuffer>> {
  const { limit } = functionOptions("encodeSequences", { limit: true }, options);
  checkedModel(model);
  checkItemLists("sequences", sequences);
  checkItems(model, sequences);
  const count = rowCount(sequences);
  const rows = limit === undefined ? count : checkCount("limit", limit, Number.MAX_SAFE_INTEGER, "the limit");
  return queriesAfter(await modelKernels(), model, sequences, spacedRows(count, rows));
}

function checkItems({ shape }: Model, { itemCount }: Sequences): void {
  if (itemCount === shape.classCount) return;
  throw new RangeError(`"sequences.itemCount" expected ${shape.classCount}, as in the model, got ${itemCount}`);
}
