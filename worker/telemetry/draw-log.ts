import { DEFAULT_SCAN } from "../../src/internal.ts";
import type { Answer, Answered } from "./answered.ts";

interface Draws extends Answer {
  readonly ids: readonly number[];
  readonly labels?: readonly string[];
  readonly logQ: readonly number[];
  readonly seed: string;
}

/**
 * A line for each answer of draws that have a log Q: what it takes to estimate, later, how another policy would have done
 * (docs/ab-testing.md). Without the vector, which may say more of a person than the draws do.
 */
export function drawLines({ served, options, conditions, answers }: Answered, requestId: string): string[] {
  const { version } = served;
  const { rescore, ...given } = options as { readonly scan?: number; readonly rescore?: number };
  const scan = rescore === undefined ? (given.scan ?? DEFAULT_SCAN) : undefined;
  const { temperature = 1 } = conditions;
  return answers
    .filter(hasLogQ)
    .map(({ ids, labels, logQ, seed }, row) =>
      JSON.stringify({ event: "draws", requestId, version, row, seed, scan, rescore, temperature, ids, labels, logQ }),
    );
}

const hasLogQ = (answer: Answer): answer is Draws => "logQ" in answer;
