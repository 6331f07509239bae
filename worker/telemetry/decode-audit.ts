import type { Decoded, DecodeOptions } from "../../src/public.ts";
import type { DecodeAnswer } from "../contract/wire.ts";
import { conditionsAt } from "../request/conditions.ts";
import { conditionsWork } from "../request/conditions-work.ts";
import { decodeWork, RANK } from "../request/decode-work.ts";
import type { Answer, AnsweredRequest } from "./answered.ts";

/** A nucleus by the estimate, beside that of all rows. */
export interface DecodeAudit {
  /** The place of the query in its request. */
  readonly row: number;
  /** The numbers of classes that the answer kept, that its truncations keep, and that 1.96 standard errors left in doubt. */
  readonly kept: number;
  readonly keptByAll: number;
  readonly undecided: number;
  /** The log-probability of the answer minus that under the true law. The total variation of the laws is 1 − e^−|error|. */
  readonly error: number;
  /** The standard error of log Z that the answer reported. */
  readonly standardError: number;
  /** f32, `dim` values. */
  readonly query: Float32Array;
}

export const isByEstimate = ({ decided }: Answer): boolean => decided === "estimate";

/** Decodes the first such answer of a request by all rows. Undefined if that exceeds the work of a request. */
export async function auditDecode(answered: AnsweredRequest, maxWork: number): Promise<DecodeAudit | undefined> {
  const { served, queries, conditions, options, answers } = answered;
  const { index } = served;
  const { info } = index;
  const row = answers.findIndex(isByEstimate);
  const { kept, undecided, score, logprob, standard_error } = answers[row] as unknown as DecodeAnswer;
  const own = conditionsAt(conditions, row);
  const query = queries.subarray(row * info.dim, (row + 1) * info.dim);
  const { topLogProbabilities: _, targetError: __, ...others } = options as DecodeOptions;
  const certain = { ...others, certain: true };
  const maxRanked = Math.floor(
    (maxWork - conditionsWork(info, own, 1) - decodeWork(info, certain, { temperature: own.temperature })) / RANK,
  );
  try {
    const [exact] = (await index.decode(query, { ...certain, ...own, maxRanked, batch: 1 })) as [Decoded];
    // Both laws are over the best classes, so they differ by the mass of the classes that they keep.
    const truth = exact.logProbability + (score - exact.score) * Math.fround(1 / (own.temperature ?? 1));
    const error = logprob - truth;
    return { row, kept, keptByAll: exact.kept, undecided, error, standardError: standard_error ?? 0, query };
  } catch {
    return undefined; // maxRanked is negative, or too small for this query
  }
}
