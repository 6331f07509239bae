import { checkInteger, isTypedArray, kindOf } from "../../checks/check.ts";

/** Lists of ids, stored end to end: list r is ids[offsets[r]] … ids[offsets[r + 1] − 1]. */
export interface RaggedIds {
  /** u32 (lists + 1): the start of each list. It begins with 0, never decreases and ends with ids.length. */
  readonly offsets: Uint32Array;
  /** i32: the ids of all lists. */
  readonly ids: Int32Array;
}

/** The weighted features of each example. */
export interface Features extends RaggedIds {
  /** f32, one finite weight per id. The query of an example is Σ weight · vector over its features. */
  readonly weights: Float32Array;
}

/** Training data: a model learns to predict the positives of each example from its features. */
export interface Examples {
  /** The features of each example, with ids below `featureCount`. An example may have none. */
  readonly features: Features;
  /** The classes that followed: at least one per example, distinct, with ids below `classCount`. */
  readonly positives: RaggedIds;
  /** Number of features, at least 1. */
  readonly featureCount: number;
  /** Number of classes, at least 2. */
  readonly classCount: number;
  /** Number of positions. Feature k of an example is in position k. 0 means that the order of features does not matter. */
  readonly positionCount: number;
}

export const rowCount = ({ offsets }: RaggedIds): number => offsets.length - 1;

/** Throws a TypeError or RangeError that names the first wrong element. */
export function checkExamples(name: string, examples: Examples): void {
  if (typeof examples !== "object" || examples === null) {
    throw new TypeError(`"${name}" expected an object of examples, got ${kindOf(examples)}`);
  }
  const { features, positives, featureCount, classCount, positionCount } = examples;
  checkSize(`${name}.featureCount`, featureCount, 1);
  checkSize(`${name}.classCount`, classCount, 2);
  checkSize(`${name}.positionCount`, positionCount, 0);
  checkRagged(`${name}.features`, features, featureCount);
  checkRagged(`${name}.positives`, positives, classCount);
  if (rowCount(features) !== rowCount(positives)) {
    throw new RangeError(`"${name}.positives" expected ${rowCount(features)} rows, got ${rowCount(positives)}`);
  }
  if (!isTypedArray(features.weights, "Float32Array")) {
    throw new TypeError(`"${name}.features.weights" expected a Float32Array, got ${kindOf(features.weights)}`);
  }
  if (features.weights.length !== features.ids.length) {
    const { ids, weights } = features;
    throw new RangeError(`"${name}.features.weights" expected ${ids.length} values, got ${weights.length}`);
  }
  const wrong = features.weights.findIndex((weight) => !Number.isFinite(weight));
  if (wrong >= 0) {
    const got = features.weights[wrong];
    throw new RangeError(`"${name}.features.weights"[${wrong}] expected a finite number, got ${got}`);
  }
  for (let row = 0; row < rowCount(positives); row++) checkRow(name, examples, row);
}

function checkRow(name: string, { features, positives, positionCount }: Examples, row: number): void {
  const length = lengthOf(features, row);
  if (positionCount > 0 && length > positionCount) {
    throw new RangeError(`"${name}.features" row ${row} expected at most ${positionCount} ids, got ${length}`);
  }
  const ids = idsOf(positives, row);
  if (ids.length === 0) throw new RangeError(`"${name}.positives" row ${row} expected at least one id`);
  if (ids.length === 1) return;
  const seen = new Set<number>();
  for (const id of ids) {
    if (seen.has(id)) throw new RangeError(`"${name}.positives" row ${row} expected distinct ids, got ${id} twice`);
    seen.add(id);
  }
}

/** Throws a TypeError for anything but ragged ids. */
export function checkRaggedTypes(name: string, ragged: RaggedIds): void {
  const { offsets, ids }: Partial<RaggedIds> = Object(ragged);
  if (offsets === undefined || ids === undefined) {
    throw new TypeError(`"${name}" expected { offsets: Uint32Array, ids: Int32Array }, got ${kindOf(ragged)}`);
  }
  if (!isTypedArray(offsets, "Uint32Array")) {
    throw new TypeError(`"${name}.offsets" expected a Uint32Array, got ${kindOf(offsets)}`);
  }
  if (!isTypedArray(ids, "Int32Array")) throw new TypeError(`"${name}.ids" expected an Int32Array, got ${kindOf(ids)}`);
}

/** Throws a TypeError or RangeError that names the first wrong offset or id. */
export function checkRagged(name: string, ragged: RaggedIds, count: number): void {
  checkRaggedTypes(name, ragged);
  const { offsets, ids } = ragged;
  if (offsets.length === 0 || offsets[0] !== 0) throw new RangeError(`"${name}.offsets" expected to begin with 0`);
  for (let row = 1; row < offsets.length; row++) {
    if ((offsets[row] as number) < (offsets[row - 1] as number)) {
      throw new RangeError(`"${name}.offsets"[${row}] expected ${offsets[row - 1]} or more, got ${offsets[row]}`);
    }
  }
  if (offsets.at(-1) !== ids.length) {
    throw new RangeError(`"${name}.offsets" expected to end with ${ids.length}, got ${offsets.at(-1)}`);
  }
  const wrong = ids.findIndex((id) => id < 0 || id >= count);
  if (wrong >= 0) throw new RangeError(`"${name}.ids"[${wrong}] expected 0..${count - 1}, got ${ids[wrong]}`);
}

function checkSize(name: string, value: number, least: number): void {
  checkInteger(name, value);
  if (value < least) throw new RangeError(`"${name}" expected ${least} or more, got ${value}`);
}

/** Returns a view of the ids of a row. */
export const idsOf = ({ offsets, ids }: RaggedIds, row: number): Int32Array =>
  ids.subarray(offsets[row], offsets[row + 1]);

export const lengthOf = ({ offsets }: RaggedIds, row: number): number =>
  (offsets[row + 1] as number) - (offsets[row] as number);

/** Returns the largest number of ids that any `rows` rows have together. */
export function mostIds(ragged: RaggedIds, rows: number): number {
  const lengths = Uint32Array.from({ length: rowCount(ragged) }, (_, row) => lengthOf(ragged, row)).sort();
  return lengths.subarray(Math.max(0, lengths.length - rows)).reduce((sum, length) => sum + length, 0);
}

/** Returns the number of ids of the longest row. */
export const longestRow = (ragged: RaggedIds): number => mostIds(ragged, 1);

/** Counts how often each id below `count` occurs. */
export function occurrences(ids: Int32Array, count: number): Uint32Array {
  const times = new Uint32Array(count);
  for (const id of ids) times[id] = (times[id] as number) + 1;
  return times;
}
