import type { ConditionOptions } from "../src/answers/options.ts";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { logSumExp } from "./enumeration.ts";

// The softmax under conditions that change logits, in plain float64.

/** The place of a class in a list of ids, −1 where it is not in it. */
const placeOf = (ids: ArrayLike<number> | undefined, id: number): number => Array.prototype.indexOf.call(ids ?? [], id);

/** Returns the logit of a class under a call's biases and penalties, −∞ for a class that is banned or filtered out. */
export function changedLogit(options: ConditionOptions, logit: number, id: number): number {
  const { bias, history, repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0, exclude, allow } = options;
  const place = placeOf(bias?.ids, id);
  const added = place < 0 ? 0 : Math.fround(bias?.values[place] as number);
  const isAllowed =
    allow === undefined ||
    ("bitmap" in allow ? ((allow.bitmap[id >> 3] as number) >> (id & 7)) & 1 : placeOf(allow, id) >= 0);
  if (!isAllowed || placeOf(exclude, id) >= 0 || added === Number.NEGATIVE_INFINITY) {
    return Number.NEGATIVE_INFINITY;
  }
  let changed = logit + added;
  const count = Array.from(history ?? []).filter((seen) => seen === id).length;
  if (count === 0) return changed;
  changed = changed > 0 ? changed / repetitionPenalty : changed * repetitionPenalty;
  return changed - (frequencyPenalty * count + presencePenalty);
}

/** Returns true if a call changes the logit of a class. */
export function isChanged(options: ConditionOptions, id: number): boolean {
  const { repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0 } = options;
  const isNeutral = repetitionPenalty === 1 && presencePenalty === 0 && frequencyPenalty === 0;
  return (
    Array.from(options.bias?.ids ?? []).includes(id) || (!isNeutral && Array.from(options.history ?? []).includes(id))
  );
}

/** The softmax of a query over all classes, by id. */
export interface ChangedSoftmax {
  /** The logits as answers have them, −∞ for classes that are left out. */
  readonly scores: Float32Array;
  readonly inverseTemperature: number;
  readonly logZ: number;
  readonly probabilities: Float64Array;
  readonly count: number;
  /** The rounding of logits of this size, with room. */
  readonly slack: number;
}

export function changedSoftmax(index: MultiIndex, query: Float32Array, options: ConditionOptions): ChangedSoftmax {
  const ids = Array.from({ length: index.info.itemCount }, (_, id) => id);
  const scores = index.score(query, ids).map((score, id) => changedLogit(options, score, id));
  const inverseTemperature = Math.fround(1 / (options.temperature ?? 1));
  const logits = Array.from(scores, (score) => score * inverseTemperature);
  const left = logits.filter((logit) => logit > Number.NEGATIVE_INFINITY);
  const logZ = logSumExp(left);
  const largest = left.reduce((top, logit) => Math.max(top, Math.abs(logit)), 0);
  return {
    ...{ scores, inverseTemperature, logZ, count: left.length },
    probabilities: Float64Array.from(logits, (logit) => Math.exp(logit - logZ)),
    slack: 1e-5 + 2 ** -21 * largest,
  };
}
