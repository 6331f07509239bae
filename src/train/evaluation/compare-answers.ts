import type { Logarithms } from "../arithmetic/logarithms.ts";
import { bestIds } from "./best-ids.ts";
import type { Calibration } from "./calibration.ts";
import { estimateOptionsOf, topOptionsOf } from "./effort.ts";
import type { EvaluatedIndex } from "./evaluated-index.ts";
import type { EvaluatedEffort, RecallAt } from "./evaluation.ts";
import type { LogPartitionError } from "./log-partition-errors.ts";

const KS = [1, 10, 100];
/** Number of best classes whose probabilities enter the calibration, and whose relative errors are measured. */
const CALIBRATED = 100;
const MEASURED = 10;

/** The answers of an index to one query, compared with the exact ones. */
export interface IndexAnswers {
  /** The number of the k best classes that each call finds. Counts, so that the mean over queries is rounded once. */
  readonly found: readonly RecallAt[];
  readonly answer: LogPartitionError;
  /** |p̂ / p − 1| of the ten best classes that predict returns. */
  readonly probabilityErrors: readonly number[];
}

/** The exact scores and log-probabilities of every class for one query. */
export interface Exact {
  readonly scores: Float32Array;
  readonly logZ: number;
  readonly logP: Float64Array;
}

/** Calls topK and predict, compares the answers with the exact ones and adds the predictions to `calibration`. */
export async function compareAnswers(
  { exp64 }: Logarithms,
  index: EvaluatedIndex,
  query: Float32Array,
  effort: EvaluatedEffort,
  { scores, logZ, logP }: Exact,
  calibration: Calibration,
): Promise<IndexAnswers> {
  const { itemCount, hasFineCodes, hasResiduals } = index.info;
  const wideK = Math.min(CALIBRATED, itemCount);
  const best = bestIds(scores, wideK);
  // topK ranks by refined rows where there are residuals. Parts do not say whether there are any.
  const bestOfTopK = hasResiduals === false ? best : Array.from((await index.topK(query, wideK, { exact: true })).ids);
  const top = topOptionsOf(effort, hasFineCodes);
  const predict = (k: number) => index.predict(query, k, estimateOptionsOf(effort));
  const found: RecallAt[] = [];
  for (const k of KS.filter((each) => each <= itemCount || each === 1)) {
    found.push({
      k,
      topK: countFound(bestOfTopK, (await index.topK(query, k, top)).ids, k),
      predict: countFound(best, (await predict(k)).ids, k),
    });
  }
  const wide = await predict(wideK);
  for (const [i, id] of wide.ids.entries()) {
    calibration.add(wide.probabilities[i] as number, exp64(logP[id] as number));
  }
  const answer = await predict(Math.min(MEASURED, itemCount));
  const { logPartition, standardError, lowEss, ids, probabilities } = answer;
  return {
    found,
    answer: { error: logPartition - logZ, standardError, lowEss },
    probabilityErrors: Array.from(ids, (id, i) =>
      Math.abs((probabilities[i] as number) * exp64(-(logP[id] as number)) - 1),
    ),
  };
}

function countFound(best: readonly number[], found: Int32Array, k: number): number {
  const among = new Set(found);
  return best.slice(0, k).filter((id) => among.has(id)).length;
}
