import { DEFAULT_SCAN } from "../../src/internal.ts";
import type { Proposal } from "../../src/public.ts";
import { conditionsAt } from "../request/conditions.ts";
import type { Answer, AnsweredRequest } from "./answered.ts";

interface Draws extends Answer {
  readonly ids: readonly number[];
  readonly labels?: readonly string[];
  readonly logQ: readonly number[];
  readonly seed: string;
}

/**
 * Writes a line for each answer whose draws have a log Q. The lines allow a later estimate of how another policy would have
 * performed (docs/ab-testing.md). They leave out the vector, which may reveal more about a person than the draws do.
 */
export function drawLines({ served, options, conditions, answers }: AnsweredRequest, requestId: string): string[] {
  const { version } = served;
  const { proposal = "buckets", scan = DEFAULT_SCAN } = options as {
    readonly proposal?: Proposal;
    readonly scan?: number;
  };
  return answers.filter(hasLogQ).map(({ ids, labels, logQ, seed }, row) => {
    const { temperature = 1 } = conditionsAt(conditions, row);
    return JSON.stringify({
      event: "draws",
      requestId,
      version,
      row,
      seed,
      proposal,
      scan,
      temperature,
      ids,
      labels,
      logQ,
    });
  });
}

const hasLogQ = (answer: Answer): answer is Draws => "logQ" in answer;
