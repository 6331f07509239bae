import { diversePlaces, inverseLength } from "../answers/diversify.ts";
import type { Diversity } from "../answers/recommend-options.ts";
import { checkLoaded, shown } from "../checks/check.ts";
import { diversityOf } from "../index/diversity.ts";
import { DEFAULT_LIMITS } from "../memory/load-options.ts";
import type { Part, PartInfo } from "./part.ts";
import type { PartialAnswer } from "./partial-answer.ts";

// Diverse answers over parts: the pool is common to all parts, and its rows come with one more question.

/** Reads the option `diversity` of a call for k classes. */
export function partedDiversity(
  k: number,
  diversity: Diversity | undefined,
  { itemCount, maxK = DEFAULT_LIMITS.maxK }: PartInfo,
): Required<Diversity> {
  const limit = itemCount <= maxK ? Number.POSITIVE_INFINITY : Math.max(maxK, k);
  const sizeOf = (name: string, size: number): number => Math.min(checkLoaded(name, size, limit, "maxK"), itemCount);
  return diversityOf(k, diversity, sizeOf, maxK);
}

/** Chooses k of the best classes that an answer lists, in the order of the choices, with the bits of one index. */
export async function diversified(
  part: Part,
  answer: PartialAnswer,
  k: number,
  lambda: number,
): Promise<PartialAnswer> {
  const { top } = answer;
  if (lambda === 1 || top === undefined || top.ids.length === 0) return answer;
  const { ids, scores, exact } = top;
  const options = { withDirections: true };
  const found = await part.answer({ call: "classes", query: new Float32Array(0), size: 0, ids, options });
  const { generation } = answer;
  if (found.generation !== generation) {
    throw new RangeError(
      `rows of the pool expected generation ${shown(generation)}, got ${shown(found.generation)}: ask again`,
    );
  }
  const rowOf = new Map<number, Float32Array | Int8Array>();
  const { dim } = part.info;
  const directions = found.classes?.directions ?? new Float32Array(0);
  for (const [at, id] of (found.classes?.ids ?? []).entries()) {
    rowOf.set(id, directions.subarray(at * dim, (at + 1) * dim));
  }
  const rows = Array.from(ids, (id) => rowOf.get(id) as Float32Array | Int8Array);
  const places = diversePlaces(scores, cosinesOf(rows), k, lambda);
  return {
    ...answer,
    top: {
      ids: Int32Array.from(places, (place) => ids[place] as number),
      scores: Float32Array.from(places, (place) => scores[place] as number),
      exact,
    },
  };
}

/** Returns a function that computes the cosines of one row with all rows. */
function cosinesOf(rows: readonly (Float32Array | Int8Array)[]): (place: number) => Float64Array {
  const inverses = rows.map((row) => inverseLength(product(row, row)));
  return (place) => {
    const [row, inverse] = [rows[place] as Float32Array, inverses[place] as number];
    return Float64Array.from(rows, (other, i) => product(row, other) * inverse * (inverses[i] as number));
  };
}

type Row = Float32Array | Int8Array;

/** The inner product of two rows with the bits of the kernels: exact for codes, else in f32 by four lanes. */
function product(a: Row, b: Row): number {
  if (a instanceof Int8Array && b instanceof Int8Array) {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
    return Math.fround(sum);
  }
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const { fround } = Math;
  const term = (i: number): number => (i < a.length ? fround((a[i] as number) * (b[i] as number)) : 0);
  for (let i = 0; i < a.length; i += 4) {
    s0 = fround(s0 + term(i));
    s1 = fround(s1 + term(i + 1));
    s2 = fround(s2 + term(i + 2));
    s3 = fround(s3 + term(i + 3));
  }
  return fround(fround(s0 + s2) + fround(s1 + s3));
}
