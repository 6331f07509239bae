import type { Prediction } from "../../src/public.ts";
import { conditionsAt } from "../request/conditions.ts";
import { conditionsWork } from "../request/conditions-work.ts";
import { estimateWork } from "../request/work.ts";
import type { Answer, AnsweredRequest } from "./answered.ts";
import { isByEstimate } from "./decode-audit.ts";

/** The true error of an estimate, beside the standard error that it reported. */
export interface Audit {
  /** The place of the query in its request. */
  readonly row: number;
  /** The estimated minus the exact log-partition. */
  readonly error: number;
  /** The standard error that the answer reported. */
  readonly standardError: number;
  /** The part of the standard error that the model of the tail gives, before the factor of the calibration. */
  readonly modelError: number;
  /** The share of the estimate that was sampled. */
  readonly tailShare: number;
  /** The effort was chosen for the query. */
  readonly isChosen: boolean;
  /** The number of classes in the answer, and the number of these among the exact k best. */
  readonly k: number;
  readonly hits: number;
  /** f32, `dim` values. */
  readonly query: Float32Array;
}

interface Estimate extends Answer {
  readonly ids?: readonly number[];
}

/** Decides at random whether to audit a request. Only estimates from draws qualify, and decodes decided by such an estimate. */
export function isAudited({ answers }: AnsweredRequest, rate: number): boolean {
  return rate > 0 && answers.some((answer) => isEstimate(answer) || isByEstimate(answer)) && Math.random() < rate;
}

/** Recomputes the first estimate of a request from all rows. Returns undefined if that exceeds the work of a request. */
export async function auditEstimate(
  { served, queries, conditions, options, answers }: AnsweredRequest,
  maxWork: number,
): Promise<Audit | undefined> {
  const { index } = served;
  const { info } = index;
  const row = answers.findIndex(isEstimate);
  const { logPartition, standardError, modelError, headShare, choice, ids: answered = [] } = answers[row] as Estimate;
  const ids = "diversity" in options ? [] : answered; // a diverse answer is not meant to have the best
  const own = conditionsAt(conditions, row);
  const work = conditionsWork(info, own, 1) + estimateWork(info, { scan: 0, draws: 0, exact: true });
  if (work > maxWork) return undefined;
  const query = queries.subarray(row * info.dim, (row + 1) * info.dim);
  const [exact] = (await index.predict(query, ids.length, { exact: true, ...own, batch: 1 })) as [Prediction];
  const found = new Set(ids);
  return {
    row,
    error: (logPartition as number) - exact.logPartition,
    standardError: standardError as number,
    modelError: modelError as number,
    tailShare: 1 - (headShare as number),
    isChosen: choice !== undefined,
    k: ids.length,
    hits: exact.ids.filter((id) => found.has(id)).length,
    query,
  };
}

/** The share of the k best classes that the answer found, or undefined if it returns no classes. */
export const recallOf = ({ k = 0, hits = 0 }: Partial<Audit>): number | undefined => (k > 0 ? hits / k : undefined);

const isEstimate = ({ logPartition, standardError }: Answer): boolean =>
  Number.isFinite(logPartition) && standardError !== undefined && standardError > 0;
