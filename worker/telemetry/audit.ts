import { conditionsWork, estimateWork } from "../request/work.ts";
import type { Answer, Answered } from "./answered.ts";

/** The error of an estimate, beside the one that it reported. */
export interface Audit {
  /** Estimated less exact log-partition. */
  readonly error: number;
  /** As it was reported. */
  readonly standardError: number;
  /** Share of the k best that the answer had; undefined where it had none to give. */
  readonly recall: number | undefined;
}

interface Estimate extends Answer {
  readonly ids?: readonly number[];
}

/** Decides by chance; only estimates from draws are looked at again. */
export function isAudited({ answers }: Answered, rate: number): boolean {
  return rate > 0 && answers.some(isEstimate) && Math.random() < rate;
}

/** The first estimate of a request computed from all rows; undefined where that is more than a request may ask for. */
export function auditEstimate({ served, queries, conditions, answers }: Answered, maxWork: number): Audit | undefined {
  const { index } = served;
  const { info } = index;
  const row = answers.findIndex(isEstimate);
  const { logPartition, standardError, ids = [] } = answers[row] as Estimate;
  const work = conditionsWork(info, conditions) + estimateWork(info, { scan: 0, draws: 0, exact: true });
  if (work > maxWork) return undefined;
  const query = queries.subarray(row * info.dim, (row + 1) * info.dim);
  const exact = index.predict(query, ids.length, { exact: true, ...conditions });
  const found = new Set(ids);
  return {
    error: (logPartition as number) - exact.logPartition,
    standardError: standardError as number,
    recall: ids.length > 0 ? exact.ids.filter((id) => found.has(id)).length / exact.ids.length : undefined,
  };
}

const isEstimate = ({ logPartition, standardError }: Answer): boolean =>
  Number.isFinite(logPartition) && standardError !== undefined && standardError > 0;
