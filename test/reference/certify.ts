import { CODE_BLOCK } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { Bounds } from "./bounds.ts";
import type { DerivedIndex } from "./buckets.ts";
import { entrySum, fineTables, type ReadGroup, readGroups, usedCount } from "./fine.ts";
import type { PreparedQuery } from "./query.ts";
import { codesOf, positionsOf, type ReferenceIndex } from "./reference-index.ts";
import { codeword, rowOf, squaredDistance, UNIT } from "./residuals.ts";
import { scorePositions } from "./score.ts";
import { type Scored, topPush } from "./topk.ts";

const f32 = Math.fround;
const LEVELS = 32767;
const ROOM = 64;

/** The errors of the fine codes, from which bounds are made (docs/method.md, section 8). */
export interface CodeErrors {
  /** (N): an upper bound of the norm of (stored row − decoded fine codes), in units of errorBound / LEVELS. */
  readonly codeErrors: Int16Array;
  /** (N): an upper bound of bias − biasLeast, in units of biasRange / LEVELS; 0 without biases. */
  readonly codeBiases: Int16Array;
  readonly errorBound: number;
  readonly biasLeast: number;
  readonly biasRange: number;
}

/** Measures the errors of the fine codes. */
export function measureCodeErrors(index: ReferenceIndex): CodeErrors {
  const { itemCount, dim } = index.facts;
  const grow = 1 + (dim + 16) * UNIT;
  const errors = new Float32Array(itemCount);
  for (const bucket of index.bucketCodes.keys()) {
    const { first, end } = positionsOf(index, bucket);
    const { k1 } = codesOf(index, bucket);
    for (let p = first; p < end; p++) {
      errors[p] = Math.sqrt(squaredDistance(rowOf(index, p), decode(index, k1, p))) * grow * (1 + 2 * UNIT);
    }
  }
  const errorBound = errors.reduce((top, error) => Math.max(top, error), 0);
  const biases = index.bias ?? new Float32Array(0);
  const biasLeast = biases.length > 0 ? Math.min(...biases) : 0;
  const biasRange = biases.length > 0 ? f32((Math.max(...biases) - biasLeast) * (1 + 2 * UNIT)) : 0;
  return {
    codeErrors: Int16Array.from(errors, (error) => (errorBound > 0 ? Math.ceil((error / errorBound) * LEVELS) : 0)),
    codeBiases: Int16Array.from(biases, (bias) =>
      biasRange > 0 ? Math.min(Math.ceil(((bias - biasLeast) / biasRange) * LEVELS), LEVELS) : 0,
    ),
    errorBound,
    biasLeast,
    biasRange,
  };
}

/** (D): the first codeword (with PQ, zeros behind it) plus the fine codewords of a row, in f32. */
function decode(index: ReferenceIndex, k1: number, position: number): Float32Array {
  const row = new Float32Array(index.facts.dim);
  row.set(codeword(index.codebook1, k1, index));
  const used = usedCount(index);
  return row.map((value, d) => {
    const code = at(index.fineCodes as Uint8Array, used * position + (d >> 1));
    return value + at(index.fineCodebooks as Float32Array, 32 * (d >> 1) + 16 * (d & 1) + code);
  });
}

/** The bounds of all classes by their codes, in units of the step of the tables. */
interface CodeBounds {
  /** The bound of a class less the part that its group has in common. */
  readonly boundOf: (position: number) => number;
  /** The least such bound at which a class can reach the threshold. `product` is that of its first codeword. */
  readonly leastFor: (threshold: number, product: number) => number;
}

/** Undefined if 15 bits are too few. */
function codeBounds(
  index: DerivedIndex,
  query: PreparedQuery,
  { queryNorm, slack }: Bounds,
  { codeErrors, codeBiases, errorBound, biasLeast, biasRange }: CodeErrors,
): CodeBounds | undefined {
  const fine = fineTables(index, query);
  const step = fine.fineStep;
  const errorScale = Math.ceil(((queryNorm * errorBound) / step) * (32768 / LEVELS));
  const biasScale = Math.ceil((biasRange / step) * (32768 / LEVELS));
  if (!(errorScale <= LEVELS && biasScale <= LEVELS)) return undefined;
  const margin = 2 * Math.ceil(index.facts.dim / 4) * (0.5 + 2 ** -13) + 2;
  const allSlack = slack / index.inverseTemperature + queryNorm * errorBound * 2 ** -19;
  return {
    boundOf: (position) => {
      const error = scaled(at(codeErrors, position), errorScale);
      const bias = index.bias ? scaled(at(codeBiases, position), biasScale) : 0;
      return clamp(clamp(entrySum(index, fine, position) + error, 65535) + bias, 65535);
    },
    leastFor: (threshold, product) => {
      const offset = product + fine.fineBase + biasLeast + allSlack;
      return clamp(Math.floor((threshold - offset) / step - margin), 65535);
    },
  };
}

/** The groups that have a class, in the order of their positions. */
const groupsInOrder = (index: DerivedIndex, query: PreparedQuery): ReadGroup[] =>
  readGroups(index, query, fineTables(index, query), Number.POSITIVE_INFINITY).toSorted((a, b) => a.first - b.first);

/**
 * The k best of all classes. Every class is scored whose bound reaches a threshold, which rises. Undefined if 15 bits
 * are too few.
 */
export function certifyByCodes(
  index: DerivedIndex,
  query: PreparedQuery,
  bounds: Bounds,
  errors: CodeErrors,
  k: number,
  threshold: number,
): { readonly top: Scored[]; readonly scored: number } | undefined {
  const byCodes = codeBounds(index, query, bounds, errors);
  if (!byCodes) return undefined;
  let above = threshold;
  let top: Scored[] = [];
  let scored = 0;
  let waiting: number[] = [];
  const scoreWaiting = (): void => {
    const scores = scorePositions(index, query, Int32Array.from(waiting));
    top = topPush(
      top,
      waiting.map((position, i) => ({ id: at(index.ids, position), score: at(scores, i) })),
      k,
    );
    scored += waiting.length;
    waiting = [];
    if (top.length === k) above = Math.max(above, (top[k - 1] as Scored).score);
  };
  for (const { first, end, product } of groupsInOrder(index, query)) {
    let least = byCodes.leastFor(above, product);
    for (let position = first; position < end; position++) {
      if (byCodes.boundOf(position) >= least && !index.excluded.has(position)) waiting.push(position);
      if ((position === end - 1 || position % CODE_BLOCK === CODE_BLOCK - 1) && waiting.length >= ROOM) {
        scoreWaiting();
        least = byCodes.leastFor(above, product);
      }
    }
  }
  scoreWaiting();
  return { top, scored };
}

/** The share of the classes in every `stride`-th block of codes whose bound reaches the threshold. */
export function codedShare(
  index: DerivedIndex,
  query: PreparedQuery,
  bounds: Bounds,
  errors: CodeErrors,
  threshold: number,
  stride: number,
): number {
  const byCodes = codeBounds(index, query, bounds, errors);
  if (!byCodes) return Number.POSITIVE_INFINITY;
  const { inverseTemperature } = index;
  let count = 0;
  let seen = 0;
  for (const { first, end, product } of groupsInOrder(index, query)) {
    const least = byCodes.leastFor(threshold, f32(product * inverseTemperature) / inverseTemperature);
    for (let position = first; position < end; position++) {
      if (Math.floor(position / CODE_BLOCK) % stride > 0) continue;
      seen++;
      if (byCodes.boundOf(position) >= least && !index.excluded.has(position)) count++;
    }
  }
  return seen > 0 ? count / seen : 0;
}

const clamp = (value: number, most: number): number => Math.max(0, Math.min(most, value));

/** The product over 2^15, rounded to the nearest integer. */
const scaled = (level: number, scale: number): number => (level * scale + 0x4000) >> 15;
