import type { ConditionOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { randomRows } from "../train/rows.ts";

/** The largest values of the calls. */
export interface Reach {
  readonly maxScan: number;
  readonly maxDraws: number;
  readonly maxK: number;
}

const QUERY_SCALES = [1, 0, 2 ** 20, 2 ** 40, 2 ** -140];

/**
 * The conditions of the queries, in turn. Their number differs from that of the scales, or the same ones would always
 * meet.
 */
const CONDITIONS: readonly ConditionOptions[] = [
  {},
  { temperature: 0.5 },
  { exclude: [0, 3] },
  { temperature: 2 ** -20 },
  { temperature: 2 ** 20, exclude: [1] },
  { allow: [0, 2, 5, 6, 7] },
  {},
];

/**
 * Runs queries number `from` to `to` by every method. Throws if an answer names no class or holds a number that is not
 * finite: a file that got so far may be a bad index but must be harmless.
 */
export function interrogate(index: MultiIndex, reach: Reach, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const scale = QUERY_SCALES[i % QUERY_SCALES.length] as number;
    const query = vector(index.info.dim, i).map((value) => value * scale);
    ask(new Answers(index.info.itemCount), index, query, i, reach);
  }
}

function ask(answers: Answers, index: MultiIndex, query: Float32Array, i: number, reach: Reach): void {
  const { itemCount, hasFineCodes } = index.info;
  const k = Math.min(5, reach.maxK);
  const draws = Math.min(10, reach.maxDraws);
  const scan = Math.min([0, 3, itemCount][i % 3] as number, reach.maxScan);
  const conditions = CONDITIONS[i % CONDITIONS.length] as ConditionOptions;
  const takesPart = (id: number): boolean =>
    !(conditions.exclude as number[] | undefined)?.includes(id) &&
    ((conditions.allow as number[] | undefined)?.includes(id) ?? true);
  const ids = someIds(itemCount).filter(takesPart);
  const options = { ...conditions, scan, seed: i };
  const { scan: _, ...exact } = { ...options, exact: true as const };

  answers.check("topK", index.topK(query, k, { ...conditions, scan }));
  answers.check("topK exact", index.topK(query, k, { ...conditions, exact: true }));
  answers.check("topK by recall", index.topK(query, k, conditions));
  answers.check("predict", index.predict(query, k, { ...options, draws }));
  answers.check("predict exact", index.predict(query, k, exact));
  answers.check("predict auto", index.predict(query, k, { ...options, scan: "auto", draws }));
  answers.check("sample", index.sample(query, draws, options));
  answers.check("sample exact", index.sample(query, draws, exact));
  answers.check("sample exact, one", index.sample(query, 1, exact)); // one draw uses the envelope in small files too
  answers.check("sampleTopK", index.sampleTopK(query, k, options));
  answers.check("sampleTopK exact", index.sampleTopK(query, k, exact));
  answers.check("logPartition", index.logPartition(query, { ...options, draws }));
  answers.check("logPartition within .1", index.logPartition(query, { ...options, draws, tolerance: 0.1 }));
  answers.check("logPartition exact", index.logPartition(query, exact));
  answers.check("logProbability", index.logProbability(query, ids, { ...options, draws }));
  answers.check("score", { scores: index.score(query, ids) });
  answers.check("logQ", { logQ: index.logQ(query, ids, { ...conditions, scan }) });
  const mixture = {
    uniform: 0.3,
    ...(index.info.hasBias && { popularity: { share: 0.3, power: [0.5, 1024][i % 2] as number } }),
  };
  answers.check("topK, diverse", index.topK(query, k, { ...conditions, scan, diversity: {} }));
  answers.check("sample of a mixture", index.sample(query, draws, { ...options, mixture }));
  answers.check("logQ of a mixture", { logQ: index.logQ(query, ids, { ...conditions, scan, mixture }) });
  answers.check("slateLogProbability", index.slateLogProbability(query, ids, { ...conditions, scan }));
  answers.check("slateLogProbability exact", index.slateLogProbability(query, ids, { ...conditions, exact: true }));
  if (index.info.hasLabels) {
    const back = index.idsOf(index.labels(ids));
    answers.check("idsOf", { ids: back });
    if (back.some((id, j) => id !== ids[j])) throw new Error("idsOf: not the classes whose labels were asked for");
  }
  if (index.info.features) {
    const { featureCount, positionCount } = index.info.features;
    const bag = [i % featureCount, featureCount - 1].slice(0, positionCount || 2);
    answers.check("encode", { values: queryOf(index, bag) });
  }
  if (!hasFineCodes) return;
  const rescore = Math.min([0, 4, itemCount][i % 3] as number, reach.maxScan);
  const proposal = { ...conditions, proposal: "codes", scan: rescore } as const;
  const coded = { ...proposal, seed: i };
  answers.check("topK by codes", index.topK(query, k, { ...conditions, rescore }));
  answers.check("predict by codes", index.predict(query, k, { ...coded, draws }));
  answers.check("sample by codes", index.sample(query, draws, coded));
  answers.check("logPartition by codes", index.logPartition(query, { ...coded, draws }));
  answers.check("logQ by codes", { logQ: index.logQ(query, ids, proposal) });
}

/** Returns zeros if a table's values are so large that the query is refused, as is any query above 2^40. */
function queryOf(index: MultiIndex, bag: number[]): Float32Array {
  try {
    return index.encode(bag, { weights: bag.map((_, j) => (j ? -1 : 0.5)) });
  } catch (error) {
    if (error instanceof RangeError && error.message.startsWith('"query of features"['))
      return new Float32Array(index.info.dim);
    throw error;
  }
}

/**
 * Fields that may be Infinity: an error that is unknown (src/answers/error-bars.ts), and the key of the first class
 * that a sample of all classes leaves out. None may be NaN.
 */
const MAY_BE_INFINITE = new Set([
  "standardError",
  "modelError",
  "threshold",
  "expectedError",
  "expectedErrorAtDefault",
]);

/** Checks answers, whatever their fields. */
class Answers {
  private readonly itemCount: number;

  constructor(itemCount: number) {
    this.itemCount = itemCount;
  }

  check(call: string, answer: object): void {
    for (const [field, value] of Object.entries(answer)) {
      if (["boolean", "bigint", "string"].includes(typeof value)) continue;
      if (field === "choice") this.check(`${call}, choice`, value as object);
      else if (field === "ids") this.checkIds(call, value as Int32Array);
      else this.checkNumbers(call, field, typeof value === "number" ? [value] : (value as Float64Array));
    }
  }

  private checkIds(call: string, ids: Int32Array): void {
    const at = ids.findIndex((id) => id < 0 || id >= this.itemCount);
    if (at >= 0) throw new Error(`${call}: ids[${at}] is ${ids[at]} of ${this.itemCount} classes`);
  }

  private checkNumbers(call: string, field: string, values: readonly number[] | Float32Array | Float64Array): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (!Number.isFinite(value) && (Number.isNaN(value) || !MAY_BE_INFINITE.has(field))) {
        throw new Error(`${call}: ${field}[${i}] is ${value}`);
      }
    }
  }
}

/** All ids if there are few classes, otherwise some from both ends. */
function someIds(itemCount: number): number[] {
  if (itemCount <= 64) return Array.from({ length: itemCount }, (_, id) => id);
  return Array.from({ length: 64 }, (_, i) => (i % 2 ? itemCount - 1 - i : i));
}

const vectors = new Map<string, Float32Array>();

/** Queries are the same in every call. Drawing them anew would take longer than the calls. */
function vector(dim: number, i: number): Float32Array {
  const key = `${dim}, ${i}`;
  const found = vectors.get(key) ?? randomRows(dim, i);
  vectors.set(key, found);
  return found;
}
