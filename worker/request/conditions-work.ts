import { ESTIMATOR_WITHOUT_DISPERSIONS, mostScored } from "../../src/internal.ts";
import { type AnyAllowed, bitmapLength, type Listed } from "./allowed.ts";
import type { Sizes } from "./work.ts";

/** Weigh a class after conditions have changed, and again when they are gone: 10 ns. */
const REWEIGH = 24;
/** Weigh a bucket after conditions have changed: 30 ns. */
const WEIGH_BUCKET = 80;
/** Filter a class by its id: 60 ns. */
const FILTER = 144;
/** Count a class of a history, score it, and change its logit: 130 ns. */
const CHANGE = 320;
/** Read an id of a history that changes no further class: 90 ns. */
const READ = 216;
/** Count it, which parts do for each query: 12 ns. */
const COUNT = 32;

/** Look at the value of a class in a column: 1.2 ns. */
const LOOK = 3;

/** Decode a character of a bitmap: 6 ns. */
const CHARACTER = 16;

/** Conditions before or after their classes are looked up. */
interface AnyConditions {
  readonly temperature?: number | undefined;
  readonly exclude?: Listed | undefined;
  readonly allow?: AnyAllowed | undefined;
  readonly filter?: object | undefined;
  readonly namespace?: string | undefined;
  readonly bias?: { readonly ids: Listed } | undefined;
  readonly history?: ArrayLike<unknown> | undefined;
  readonly repetitionPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
}

/**
 * Returns the work of applying the conditions of a request to its `count` queries, or of applying those of each query. Each
 * query scores its changed classes and, if they are few, the allowed ones.
 */
export function conditionsWork(
  sizes: Sizes,
  { conditions, ...shared }: AnyConditions & { readonly conditions?: readonly AnyConditions[] | undefined },
  count: number,
): number {
  if (conditions) return conditions.reduce((sum, own) => sum + ownConditionsWork(sizes, own, 1), 0);
  return ownConditionsWork(sizes, shared, count);
}

/** The most classes whose logits a history changes: it names classes again and again, and changes none without a penalty. */
function penalizedCount({ history = [], ...penalties }: AnyConditions): number {
  const { repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0 } = penalties;
  const changes = repetitionPenalty !== 1 || presencePenalty !== 0 || frequencyPenalty !== 0;
  return changes ? new Set(Array.from<unknown>(history)).size : 0;
}

/**
 * Returns the work of applying a temperature and a filter for `count` queries, and of undoing it: the weights stay changed, and
 * the next request without conditions has to restore them. The number of classes that a bitmap or a filter leaves is not known
 * yet: they are weighed or scored.
 */
function ownConditionsWork(sizes: Sizes, own: AnyConditions, count: number): number {
  const { exclude, allow, filter = {}, namespace, bias, history = [] } = own;
  const penalized = penalizedCount(own);
  const changing = (bias?.ids.length ?? 0) + penalized;
  const columns = Object.keys(filter).length + (namespace === undefined ? 0 : 1);
  const chooses = allow !== undefined || columns > 0;
  const allowed = allow && "length" in allow ? allow.length : 0;
  const temperature = own.temperature || 1; // greedy decoding has 1 in place
  const { itemCount, bucketCount, largestBucket, hasBias, dim } = sizes;
  const most = chooses ? mostAlone(sizes) : 0;
  const isListed = allow !== undefined && "length" in allow;
  const isAlone = isListed && allowed <= most;
  // Classes with changed logits are left out of the buckets too.
  const ids = (exclude?.length ?? 0) + allowed + changing;
  const weighsAll = chooses && !isAlone;
  // Weights at another temperature are between those of two knots, so that a bucket without filtered classes is one step.
  const visitsAll = chooses || (hasBias && temperature !== 1);
  const classes = weighsAll ? itemCount : Math.min(itemCount, (isAlone ? 1 : largestBucket) * ids);
  const buckets = visitsAll ? bucketCount : Math.min(bucketCount, ids);
  const weighed = classes * REWEIGH + 2 * (buckets * WEIGH_BUCKET + ids * FILTER);
  const read = (history.length - penalized) * (READ + count * COUNT);
  const changed = read + count * changing * (dim + CHANGE);
  const looked = bitmapLength(allow) * CHARACTER + columns * itemCount * LOOK;
  if (isAlone) return weighed + count * ids * dim + changed + looked;
  const scored = chooses && !isListed ? count * Math.min(itemCount, most) * dim : 0;
  return Math.max(weighed, scored) + changed + looked;
}

/** Up to this number, all allowed classes are scored in every call, and nothing is weighed. Files without dispersions weigh. */
const mostAlone = ({ calibration, rowType: rows, dim, itemCount, bucketCount }: Sizes): number =>
  calibration.estimator === ESTIMATOR_WITHOUT_DISPERSIONS ? 0 : mostScored({ rows, dim, itemCount, bucketCount });
