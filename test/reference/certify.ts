import { CODE_BLOCK } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { Bounds } from "./bounds.ts";
import type { DerivedIndex } from "./buckets.ts";
import { entrySum, fineTables, readGroups, usedCount } from "./fine.ts";
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

/**
 * The k best of all classes. Every class is scored whose bound reaches a threshold, which rises. Undefined if 15 bits
 * are too few.
 */
export function certifyByCodes(
  index: DerivedIndex,
  query: PreparedQuery,
  { queryNorm, slack }: Bounds,
  { codeErrors, codeBiases, errorBound, biasLeast, biasRange }: CodeErrors,
  k: number,
  threshold: number,
): { readonly top: Scored[]; readonly scored: number } | undefined {
  const fine = fineTables(index, query);
  const step = fine.fineStep;
  const errorScale = Math.ceil(((queryNorm * errorBound) / step) * (32768 / LEVELS));
  const biasScale = Math.ceil((biasRange / step) * (32768 / LEVELS));
  if (!(errorScale <= LEVELS && biasScale <= LEVELS)) return undefined;
  const margin = 2 * Math.ceil(index.facts.dim / 4) * (0.5 + 2 ** -13) + 2;
  const allSlack = slack / index.inverseTemperature + queryNorm * errorBound * 2 ** -19;
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
  const groups = readGroups(index, query, fine, Number.POSITIVE_INFINITY).toSorted((a, b) => a.first - b.first);
  for (const { first, end, product } of groups) {
    const offset = product + fine.fineBase + biasLeast + allSlack;
    const leastSum = (): number => clamp(Math.floor((above - offset) / step - margin), 65535);
    let least = leastSum();
    for (let position = first; position < end; position++) {
      const error = scaled(at(codeErrors, position), errorScale);
      const bias = index.bias ? scaled(at(codeBiases, position), biasScale) : 0;
      const sum = clamp(clamp(entrySum(index, fine, position) + error, 65535) + bias, 65535);
      if (sum >= least && !index.excluded.has(position)) waiting.push(position);
      if ((position === end - 1 || position % CODE_BLOCK === CODE_BLOCK - 1) && waiting.length >= ROOM) {
        scoreWaiting();
        least = leastSum();
      }
    }
  }
  scoreWaiting();
  return { top, scored };
}

const clamp = (value: number, most: number): number => Math.max(0, Math.min(most, value));

/** The product over 2^15, rounded to the nearest integer. */
const scaled = (level: number, scale: number): number => (level * scale + 0x4000) >> 15;
