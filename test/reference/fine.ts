import { CODE_BLOCK, FINE_CODEWORDS, FINE_DIMS } from "../../src/abi.ts";
import { fineCount } from "../../src/format/tensors.ts";
import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { dotRows } from "./dot.ts";
import type { Filter } from "./filter.ts";
import { listOutliers } from "./head.ts";
import { roundToEven } from "./numbers.ts";
import type { PreparedQuery } from "./query.ts";
import { codewordCountOf, firstOutlierOf, positionsOf, type ReferenceIndex } from "./reference-index.ts";
import { scorePositions } from "./score.ts";
import { type Scored, topPush } from "./topk.ts";

const f32 = Math.fround;

/** The largest f32. */
const MOST = 3.4028234663852886e38;

/** The number of sub-quantizers that see a value of a row. */
export const usedCount = ({ facts }: ReferenceIndex): number => Math.ceil(facts.dim / FINE_DIMS);

/** The groups: the classes of one first codeword. */
export interface Groups {
  /** (K + 1): the first position of each group, then that of the first outlier. */
  readonly groupStarts: Int32Array;
  /** (K): the largest bias of each group; the smallest f32 for a group without classes, 0 without biases. */
  readonly groupTops: Float32Array;
}

/** Lays out the groups of an index. */
export function layOutGroups(index: ReferenceIndex): Groups {
  const codewordCount = codewordCountOf(index);
  const bucketFrom = (group: number): number => index.bucketCodes.findIndex((code) => code >= group * codewordCount);
  const groupStarts = Int32Array.from({ length: codewordCount + 1 }, (_, group) => {
    const bucket = bucketFrom(group);
    return bucket < 0 ? firstOutlierOf(index) : positionsOf(index, bucket).first;
  });
  const groupTops = Float32Array.from({ length: codewordCount }, (_, group) => {
    if (!index.bias) return 0;
    const biases = index.bias.subarray(at(groupStarts, group), at(groupStarts, group + 1));
    return biases.reduce((top, bias) => Math.max(top, bias), -MOST);
  });
  return { groupStarts, groupTops };
}

/** The look-up tables of a query: ⟨residual, query⟩ ≈ fineBase + fineStep · Σ_m tables[16 m + code_m]. */
export interface FineTables {
  /** (⌈D / 2⌉, 16) */
  readonly tables: Uint8Array;
  readonly fineBase: number;
  readonly fineStep: number;
}

/** The levels of an entry: two entries must fit a byte, and the sum over all tables 16 bits. */
const levelsOf = (index: ReferenceIndex): number => Math.min(127, Math.floor(65535 / fineCount(index.facts)));

/** Makes the tables of a query. Entries are the nearest integers, ties to even, in f32. The base is a sum in f64. */
export function fineTables(index: ReferenceIndex, { query }: Pick<PreparedQuery, "query">): FineTables {
  const books = index.fineCodebooks as Float32Array;
  const products = Array.from({ length: usedCount(index) }, (_, m) =>
    Array.from({ length: FINE_CODEWORDS }, (_unused, c) => {
      const first = f32(at(query, 2 * m) * at(books, 32 * m + c));
      const second = f32((query[2 * m + 1] ?? 0) * at(books, 32 * m + 16 + c));
      return f32(first + second);
    }),
  );
  const leasts = products.map((values) => Math.min(...values));
  const range = products.reduce((top, values, m) => Math.max(top, f32(Math.max(...values) - at(leasts, m))), 0);
  const levels = levelsOf(index);
  const inverse = range > 0 ? f32(Math.min(levels / range, MOST)) : 0;
  return {
    tables: Uint8Array.from(
      products.flatMap((values, m) => values.map((value) => roundToEven(f32(f32(value - at(leasts, m)) * inverse)))),
    ),
    fineBase: leasts.reduce((sum, least) => sum + least, 0),
    fineStep: range > 0 ? Math.max(f32(range / levels), f32(1 / MOST)) : 0,
  };
}

/** A row with its approximate score, offset + fineStep · Σ entries + bias, as a key. */
export interface Candidate {
  readonly position: number;
  readonly key: number;
}

/** An f32 as an integer in the same order, with −0 below 0. */
export function keyOf(score: number): number {
  const bits = new Int32Array(Float32Array.of(score).buffer)[0] as number;
  return bits < 0 ? bits ^ 0x7fffffff : bits;
}

/** The sum of the table entries of a row. */
export function entrySum(index: ReferenceIndex, { tables }: Pick<FineTables, "tables">, position: number): number {
  const used = usedCount(index);
  let sum = 0;
  for (let m = 0; m < used; m++) sum += at(tables, 16 * m + at(index.fineCodes as Uint8Array, used * position + m));
  return sum;
}

/** The approximate score in f32, step by step. */
export function approximate(index: ReferenceIndex, fine: FineTables, offset: number, position: number): number {
  const score = f32(f32(offset) + f32(f32(fine.fineStep) * entrySum(index, fine, position)));
  return index.bias ? f32(score + at(index.bias, position)) : score;
}

/** The candidates for exact scoring. */
export interface Reservoir {
  readonly candidates: readonly Candidate[];
  /** Every later candidate has a larger key. */
  readonly floor: number;
}

export const EMPTY: Reservoir = { candidates: [], floor: -(2 ** 31) };

/**
 * The `keep` candidates with the largest keys, in their order, and the smallest key kept. Ties go to those that came
 * first.
 */
export function keepBest(candidates: readonly Candidate[], keep: number): { kept: Candidate[]; least: number } {
  const best = Array.from(candidates.keys()).sort(
    (a, b) => (candidates[b] as Candidate).key - (candidates[a] as Candidate).key || a - b,
  );
  const kept = best
    .slice(0, keep)
    .sort((a, b) => a - b)
    .map((i) => candidates[i] as Candidate);
  return { kept, least: Math.min(...kept.map(({ key }) => key)) };
}

/**
 * Adds the rows first ≤ position < end that are not excluded to the reservoir. It is cut after a block of 32 rows that
 * leaves it with 2 · keep or more.
 */
export function scanCodes(
  index: ReferenceIndex & Filter,
  fine: FineTables,
  first: number,
  end: number,
  offset: number,
  { candidates, floor }: Reservoir,
  keep: number,
): Reservoir {
  let held = candidates.slice();
  let above = floor;
  for (let position = first; position < end; position++) {
    const key = keyOf(approximate(index, fine, offset, position));
    if (key > above && !index.excluded.has(position)) held.push({ position, key });
    const isLast = position === end - 1 || position % CODE_BLOCK === CODE_BLOCK - 1;
    if (isLast && held.length >= 2 * keep) {
      const { kept, least } = keepBest(held, keep);
      held = kept;
      above = least;
    }
  }
  return { candidates: held, floor: above };
}

/** A group that a search reads, with the part of the score that all its rows share: ⟨query, codeword⟩ + fineBase. */
export interface ReadGroup {
  readonly group: number;
  readonly first: number;
  readonly end: number;
  readonly offset: number;
  /** ⟨query, codeword⟩ without fineBase. */
  readonly product: number;
}

/**
 * The groups that have classes, in the order of ⟨query, codeword⟩ + largest bias, ties by higher number, until they
 * reach `scan` classes.
 */
export function readGroups(index: ReferenceIndex, query: PreparedQuery, fine: FineTables, scan: number): ReadGroup[] {
  const { groupTops } = layOutGroups(index);
  const products = groupProducts(index, query);
  return groupsBy(
    index,
    query,
    fine,
    scan,
    groupTops.map((top, group) => f32(at(products, group) + top)),
  );
}

/** The products of the query with the first codewords. */
const groupProducts = (index: ReferenceIndex, query: PreparedQuery): Float32Array =>
  dotRows(query.subQuery1, index.codebook1, codewordCountOf(index));

/** The groups that have classes, in the order of `scores`, ties by higher number, until they reach `scan` classes. */
export function groupsBy(
  index: ReferenceIndex,
  query: PreparedQuery,
  fine: FineTables,
  scan: number,
  scores: Float32Array,
): ReadGroup[] {
  const { groupStarts } = layOutGroups(index);
  const products = groupProducts(index, query);
  const order = Array.from(scores, (score, group) => ({ group, score }))
    .filter(({ group }) => at(groupStarts, group) < at(groupStarts, group + 1))
    .sort((a, b) => b.score - a.score || b.group - a.group);
  const read: ReadGroup[] = [];
  let coded = 0;
  for (const { group } of order) {
    if (coded >= scan) break;
    const [first, end] = [at(groupStarts, group), at(groupStarts, group + 1)];
    const product = at(products, group);
    read.push({ group, first, end, offset: f32(product + fine.fineBase), product });
    coded += end - first;
  }
  return read;
}

/** The `keep` best rows by approximate score in the groups read, in the order they came. */
export function scanBest(
  index: ReferenceIndex & Filter,
  query: PreparedQuery,
  scan: number,
  keep: number,
): { readonly kept: Candidate[]; readonly coded: number } {
  if (keep === 0) return { kept: [], coded: 0 };
  const fine = fineTables(index, query);
  const groups = readGroups(index, query, fine, scan);
  return {
    kept: bestOf(index, fine, groups, keep),
    coded: groups.reduce((sum, { first, end }) => sum + end - first, 0),
  };
}

/** The `keep` best rows by approximate score in these groups, in the order they came. */
export function bestOf(
  index: ReferenceIndex & Filter,
  fine: FineTables,
  groups: readonly ReadGroup[],
  keep: number,
): Candidate[] {
  let reservoir = EMPTY;
  for (const { first, end, offset } of groups) {
    reservoir = scanCodes(index, fine, first, end, offset, reservoir, keep);
  }
  return keepBest(reservoir.candidates, keep).kept;
}

/** The k best by exact score among the outliers and the max(k, rescore) best by approximate score in the groups read. */
export function scanTop(
  index: DerivedIndex,
  query: PreparedQuery,
  k: number,
  scan: number,
  rescore: number,
): { readonly top: Scored[]; readonly scored: number; readonly coded: number } {
  const { kept, coded } = scanBest(index, query, scan, Math.max(k, rescore));
  const positions = Int32Array.of(...kept.map(({ position }) => position), ...listOutliers(index));
  const scores = scorePositions(index, query, positions);
  const entries = Array.from(positions, (position, i) => ({ id: at(index.ids, position), score: at(scores, i) }));
  return { top: topPush([], entries, k), scored: positions.length, coded };
}
