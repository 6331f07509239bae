import type { Evaluation, RecallAt } from "../../train/index.ts";

/** The bounds that an evaluation has to meet. An absent bound is no gate. */
export interface GateOptions {
  readonly minRecall?: number;
  readonly maxLogError?: number;
  readonly minEss?: number;
  readonly maxTv?: number;
}

export interface GateResult {
  /** The name of the option, such as --min-recall. */
  readonly gate: string;
  /** The quantity that the gate bounds. */
  readonly of: string;
  readonly comparison: "at least" | "at most";
  readonly wanted: number;
  readonly found: number;
  readonly passed: boolean;
}

/** Thrown after the report has been printed. The exit code is 4. */
export class MissedGates extends Error {
  override readonly name = "MissedGates";
}

/** k of --min-recall. */
const GATED_K = 10;

/** Compares an evaluation with the gates of the options. */
export function checkGates(options: GateOptions, { recall, proposals, logPartition }: Evaluation): GateResult[] {
  const own = proposals.find(({ name }) => name === "midx");
  const recallAt = recall.findLast(({ k }) => k <= GATED_K) as RecallAt;
  const gates = [
    atLeast(
      "--min-recall",
      `recall@${recallAt.k}, the lower of topK and predict`,
      options.minRecall,
      lowerOf(recallAt),
    ),
    atMost("--max-log-error", "|log Ẑ − log Z|, 90th percentile", options.maxLogError, logPartition.p90),
    atLeast("--min-ess", "effective sample size per draw, median", options.minEss, own?.effectiveSampleShare),
    atMost("--max-tv", "total variation, mean", options.maxTv, own?.totalVariation),
  ];
  return gates.filter((gate) => gate !== undefined);
}

export const gateLine = ({ gate, of, comparison, wanted, found, passed }: GateResult): string =>
  `gate ${gate} ${passed ? "passed" : "missed"}: wanted ${comparison} ${wanted}, found ${Number(found.toPrecision(6))} (${of})`;

const lowerOf = ({ topK, predict }: RecallAt): number => Math.min(topK, predict);

// NaN passes no gate.

function atLeast(gate: string, of: string, wanted: number | undefined, found = Number.NaN): GateResult | undefined {
  return wanted === undefined
    ? undefined
    : { gate, of, comparison: "at least", wanted, found, passed: found >= wanted };
}

function atMost(gate: string, of: string, wanted: number | undefined, found = Number.NaN): GateResult | undefined {
  return wanted === undefined ? undefined : { gate, of, comparison: "at most", wanted, found, passed: found <= wanted };
}
