import type { Refresh } from "../publication/refresher.ts";
import type { Answer, AnsweredRequest } from "./answered.ts";
import { type Audit, recallOf } from "./audit.ts";
import type { DecodeAudit } from "./decode-audit.ts";

/** A data point of Analytics Engine. docs/monitoring.md lists the columns. */
export interface DataPoint {
  readonly indexes: string[];
  readonly blobs: string[];
  readonly doubles: number[];
}

/** blobs: kind, path, request id, version. doubles: answers, rows read, then means, which are 0 if no answer has the number. */
export function answerEvent({ path, served, answers }: AnsweredRequest, requestId: string): DataPoint {
  const total = (of: (answer: Answer) => number): number => answers.reduce((sum, answer) => sum + of(answer), 0);
  const mean = (name: "effectiveSampleSize" | "standardError" | "headShare" | "logPartition"): number => {
    const values = answers.map((answer) => answer[name]).filter((value) => Number.isFinite(value)) as number[];
    return values.length > 0 ? values.reduce((sum, value) => sum + value) / values.length : 0;
  };
  return {
    indexes: [served.version],
    blobs: ["answer", path, requestId, served.version],
    doubles: [
      answers.length,
      total(({ scored }) => scored),
      mean("effectiveSampleSize"),
      mean("standardError"),
      mean("headShare"),
      mean("logPartition"),
      total(({ lowEss }) => Number(lowEss ?? false)),
    ],
  };
}

/**
 * blobs as above. doubles: error, reported standard error (0 if it is not finite), recall (−1 if the answer returns no classes). For
 * a decode, the error is that of its log-probability.
 */
export function auditEvent(
  { path, served }: AnsweredRequest,
  audit: Audit | DecodeAudit,
  requestId: string,
): DataPoint {
  return {
    indexes: [served.version],
    blobs: ["audit", path, requestId, served.version],
    doubles: [audit.error, Number.isFinite(audit.standardError) ? audit.standardError : 0, recallOf(audit) ?? -1],
  };
}

/** blobs: kind, result, error code, version that is served from now on. */
export function refreshEvent({ result, version, fault }: Refresh): DataPoint {
  return { indexes: [version], blobs: ["refresh", result, fault?.code ?? "", version], doubles: [] };
}
