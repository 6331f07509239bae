import type { Question } from "../../src/parts/index.ts";
import type { IndexInfo } from "../../src/public.ts";
import type { WorkingParts } from "../host/served-index.ts";
import { conditionsWork } from "./conditions-work.ts";
import { decodeWork } from "./decode-work.ts";
import { sampleTopKWork, sampleWork, slateWork } from "./draw-work.ts";
import {
  CODE,
  estimateWork,
  FIND,
  headWork,
  logPartitionWork,
  namesWork,
  requireWork,
  scanWork,
  topWork,
} from "./work.ts";

/**
 * The router above has counted the work of a request, by its own limit and by the effort of all parts. Questions divide both, and
 * their bounds are coarser: those of decode count twice, and each of several parts in turn counts the whole of some efforts.
 */
const SLACK = 16;

/**
 * Refuses questions of another router that need far more work than a request may. That one has counted the conditions that its
 * queries share once, so the most that a question has count for all.
 *
 * @throws Problem `too_much_work`
 */
export function requireQuestionsWork(parts: WorkingParts, questions: readonly Question[], maxWork: number): void {
  let [calls, conditions] = [0, 0];
  for (const question of questions) {
    // Parts read more than their shares of a head for topK where its recall has been measured.
    const ofCall = question.call === "topK" ? question.options : undefined;
    calls += parts.work(question.options, (info, options) =>
      callWork(info, { ...question, options: ofCall ?? options }),
    );
    const own = parts.work(question.options, (info, options) => conditionsWork(info, options, 1));
    conditions = Math.max(conditions, own);
  }
  requireWork(calls + conditions, Math.max(SLACK, parts.turns) * maxWork);
}

function callWork(info: IndexInfo, { call, size, ids, options }: Question): number {
  const { exact = false, scan, draws, proposal, rescore, tolerance, temperature, minP, mixture, labels = [] } = options;
  const chosen = { exact, ...(proposal !== undefined && { proposal }) };
  const rows = typeof scan === "number" ? { scan: Math.min(scan, info.itemCount) } : {};
  const effort = { ...chosen, ...(scan !== undefined && { scan }), ...(draws !== undefined && { draws }) };
  const named = ids.length * (info.dim + FIND);
  switch (call) {
    case "topK":
      if (exact) return scanWork(info);
      if (rescore === undefined)
        return rows.scan === undefined ? topWork(info, size) : headWork(info, Math.max(size, rows.scan), 0);
      return headWork(info, Math.max(size, rescore), 0) + Math.ceil((rows.scan ?? info.itemCount) * info.dim * CODE);
    case "predict":
    case "logProbability":
      return estimateWork(info, effort, size) + named;
    case "logPartition":
      return logPartitionWork(info, effort, tolerance);
    case "sample":
      return sampleWork(info, { ...chosen, ...rows, draws: size, ...(mixture && { mixture }) });
    case "sampleTopK":
      return sampleTopKWork(info, size, rows.scan, exact);
    case "logQ":
    case "slateLogProbability":
      return slateWork(info, { ...chosen, ...rows }, ids.length);
    case "decode":
      return decodeWork(info, { topK: size, ...(minP !== undefined && { minP }) }, { temperature });
    case "score":
      return named;
    case "classes":
      return namesWork(ids.length + labels.length);
  }
}
