import { checkInteger, isTypedArray, kindOf } from "../../checks/check.ts";
import type { Examples, Features, RaggedIds } from "./examples.ts";
import { checkRaggedTypes, lengthOf, rowCount } from "./examples.ts";

/**
 * Makes examples of language modelling: each token but the first is predicted from the `history` tokens before it, the
 * nearest first, each in its own position. The first tokens have a shorter history.
 *
 * @param tokens i32: the words of a text as ids below `wordCount`, with all sentences end to end.
 * @param wordCount Number of words. They are both the features and the classes.
 * @param history Number of tokens to predict from, at least 1.
 * @returns Examples for `train`.
 * @throws TypeError or RangeError that names the argument. `train` checks the ids.
 *
 * @example
 * const examples = nextWordExamples(Int32Array.of(0, 1, 2, 0, 1, 2, 0), 3, 2);
 * const { model } = await train(examples, { dim: 8, epochs: 10 });
 * console.log(await evaluateModel(model, examples, { k: 1 }));
 */
export function nextWordExamples(tokens: Int32Array, wordCount: number, history: number): Examples {
  if (!isTypedArray(tokens, "Int32Array"))
    throw new TypeError(`"tokens" expected an Int32Array, got ${kindOf(tokens)}`);
  checkHistory(history);
  const rows = Math.max(0, tokens.length - 1);
  const offsets = new Uint32Array(rows + 1);
  let end = 0;
  for (let row = 0; row < rows; row++) {
    end += Math.min(history, row + 1);
    offsets[row + 1] = end;
  }
  const ids = new Int32Array(end);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let back = 0; back < history && back <= row; back++) ids[at++] = tokens[row - back] as number;
  }
  return {
    features: { offsets, ids, weights: new Float32Array(ids.length).fill(1) },
    positives: { offsets: Uint32Array.from({ length: rows + 1 }, (_, row) => row), ids: tokens.slice(1) },
    featureCount: wordCount,
    classCount: wordCount,
    positionCount: history,
  };
}

/**
 * Makes examples of next-item recommendation: each item of a sequence but the first is predicted from the mean of the
 * `history` items before it, in any order. Items are both features and classes.
 *
 * @param sequences One list of item ids per user or session, in the order in which they occurred.
 * @param itemCount Number of items.
 * @param history Number of items to predict from, at least 1.
 * @returns Examples for `train`.
 * @throws TypeError or RangeError that names the argument. `train` checks the ids.
 *
 * @example
 * // Two sessions: items 0, 1, 2 and items 1, 2, 3.
 * const sequences = { offsets: Uint32Array.of(0, 3, 6), ids: Int32Array.of(0, 1, 2, 1, 2, 3) };
 * const examples = nextItemExamples(sequences, 4, 10);
 * const { model, history } = await train(examples, { dim: 8, epochs: 3 });
 * console.log(history.map(({ loss }) => loss));
 */
export function nextItemExamples(sequences: RaggedIds, itemCount: number, history: number): Examples {
  checkRaggedTypes("sequences", sequences);
  checkHistory(history);
  let rows = 0;
  let total = 0;
  for (let s = 0; s < rowCount(sequences); s++) {
    for (let n = 1; n < lengthOf(sequences, s); n++, rows++) total += Math.min(n, history);
  }
  const offsets = new Uint32Array(rows + 1);
  const ids = new Int32Array(total);
  const weights = new Float32Array(total);
  const positives = new Int32Array(rows);
  for (let s = 0, row = 0, at = 0; s < rowCount(sequences); s++) {
    const first = sequences.offsets[s] as number;
    for (let n = 1; n < lengthOf(sequences, s); n++, row++) {
      const count = Math.min(n, history);
      weights.fill(1 / count, at, at + count);
      for (let back = 1; back <= count; back++) ids[at++] = sequences.ids[first + n - back] as number;
      positives[row] = sequences.ids[first + n] as number;
      offsets[row + 1] = at;
    }
  }
  return {
    features: { offsets, ids, weights },
    positives: { offsets: Uint32Array.from({ length: rows + 1 }, (_, row) => row), ids: positives },
    featureCount: itemCount,
    classCount: itemCount,
    positionCount: 0,
  };
}

/** Features whose weights may be left out. Then each of the n features of an example weighs 1/√n. */
export interface UnweightedFeatures extends RaggedIds {
  /** f32, one finite weight per id. Default: 1/√n. */
  readonly weights?: Float32Array;
}

/**
 * Makes examples of multi-label classification: the labels of each row are predicted from its weighted features, which have
 * no order. Rows without a label are left out.
 *
 * @param features The features of each row, with ids below `featureCount`. Without `weights` each of the n features of a
 * row weighs 1/√n.
 * @param labels The labels of each row, distinct, with ids below `labelCount`.
 * @param featureCount Number of features.
 * @param labelCount Number of labels, which are the classes.
 * @returns Examples for `train`.
 * @throws TypeError or RangeError that names the argument. `train` checks the ids.
 *
 * @example
 * const features = { offsets: Uint32Array.of(0, 2, 3), ids: Int32Array.of(0, 4, 2) };
 * const labels = { offsets: Uint32Array.of(0, 1, 3), ids: Int32Array.of(2, 0, 1) };
 * const { model } = await train(labelExamples(features, labels, 5, 3), { dim: 8, epochs: 3 });
 * console.log(model.shape.classCount); // 3
 */
export function labelExamples(
  features: UnweightedFeatures,
  labels: RaggedIds,
  featureCount: number,
  labelCount: number,
): Examples {
  checkRaggedTypes("features", features);
  checkRaggedTypes("labels", labels);
  if (rowCount(features) !== rowCount(labels)) {
    throw new RangeError(`"labels" expected ${rowCount(features)} rows, as in features, got ${rowCount(labels)}`);
  }
  const kept: number[] = [];
  for (let row = 0; row < rowCount(labels); row++) if (lengthOf(labels, row) > 0) kept.push(row);
  const weighted: Features = { ...features, weights: features.weights ?? evenWeights(features) };
  const picked = pickRows(weighted, kept);
  const weights = new Float32Array(picked.ids.length);
  for (const [at, row] of kept.entries()) {
    const begin = weighted.offsets[row] as number;
    weights.set(weighted.weights.subarray(begin, begin + lengthOf(weighted, row)), picked.offsets[at]);
  }
  return {
    features: { ...picked, weights },
    positives: pickRows(labels, kept),
    featureCount,
    classCount: labelCount,
    positionCount: 0,
  };
}

function evenWeights(features: RaggedIds): Float32Array {
  const weights = new Float32Array(features.ids.length);
  for (let row = 0; row < rowCount(features); row++) {
    const begin = features.offsets[row] as number;
    weights.fill(1 / Math.sqrt(lengthOf(features, row)), begin, begin + lengthOf(features, row));
  }
  return weights;
}

function pickRows(ragged: RaggedIds, rows: readonly number[]): RaggedIds {
  const offsets = new Uint32Array(rows.length + 1);
  let end = 0;
  for (const [at, row] of rows.entries()) {
    end += lengthOf(ragged, row);
    offsets[at + 1] = end;
  }
  const ids = new Int32Array(end);
  for (const [at, row] of rows.entries()) {
    ids.set(ragged.ids.subarray(ragged.offsets[row], ragged.offsets[row + 1]), offsets[at]);
  }
  return { offsets, ids };
}

/** Converts lists of ids to ragged ids. */
export function raggedOf(rows: readonly ArrayLike<number>[]): RaggedIds {
  const offsets = new Uint32Array(rows.length + 1);
  let end = 0;
  for (const [row, { length }] of rows.entries()) {
    end += length;
    offsets[row + 1] = end;
  }
  const ids = new Int32Array(end);
  for (const [row, list] of rows.entries()) ids.set(list, offsets[row]);
  return { offsets, ids };
}

function checkHistory(history: number): void {
  checkInteger("history", history);
  if (history < 1) throw new RangeError(`"history" expected 1 or more, got ${history}`);
}
