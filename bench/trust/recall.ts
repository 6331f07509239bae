// The recall that a call asked for against the recall of its answers.
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { median } from "../timing.ts";
import type { Asked } from "./asked.ts";
import type { StoredClasses } from "./truth.ts";

const RECALLS = [0.9, 0.95, 0.99] as const;
const KS = [10, 100] as const;

export interface RecallRow {
  readonly k: number;
  /** The option `recall`, or "exact". */
  readonly asked: number | "exact";
  /** The share of the k best classes of the stored rows that were found, with its standard error over the queries. */
  readonly given: number;
  readonly givenError: number;
  readonly scored: number;
  readonly micros: number;
}

export function measureRecall(index: MultiIndex, asked: readonly Asked[], classes: StoredClasses): RecallRow[] {
  return KS.flatMap((k) => [...RECALLS, "exact" as const].map((recall) => recallOf(index, asked, classes, k, recall)));
}

function recallOf(
  index: MultiIndex,
  asked: readonly Asked[],
  classes: StoredClasses,
  k: number,
  recall: number | "exact",
): RecallRow {
  const options = recall === "exact" ? { exact: true } : { recall };
  const shares: number[] = [];
  const times: number[] = [];
  let scored = 0;
  for (const { query, truth } of asked) {
    const start = performance.now();
    const answer = index.topK(query, k, options);
    times.push(1000 * (performance.now() - start));
    scored += answer.scored;
    const wanted = Math.min(k, truth.best.length);
    const least = truth.best[wanted - 1] as number;
    const found = answer.ids.filter((id) => logitOf(classes, query, id) >= least).length;
    shares.push(Math.min(1, found / wanted)); // more than k classes can share the k-th logit
  }
  const given = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const squares = shares.reduce((sum, share) => sum + (share - given) ** 2, 0);
  const { length } = asked;
  return {
    k,
    asked: recall,
    given,
    givenError: Math.sqrt(squares / (length - 1) / length),
    scored: scored / length,
    micros: median(times),
  };
}

function logitOf({ dim, rows, bias }: StoredClasses, query: Float32Array, id: number): number {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += (query[d] as number) * (rows[id * dim + d] as number);
  return sum + (bias?.[id] ?? 0);
}
