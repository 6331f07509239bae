import type { Evaluation, RecallAt } from "../../train/index.ts";

/** Values that the user wants at least, or at most; without one there is no gate. */
export interface GateOptions {
  readonly minRecall?: number;
  readonly maxLogError?: number;
  readonly minEss?: number;
  readonly maxTv?: number;
}

export interface GateResult {
  /** The option. */
  readonly gate: string;
  /** The quantity that is compared. */
  readonly of: string;
  readonly comparison: "at least" | "at most";
  readonly wanted: number;
  readonly found: number;
  readonly passed: boolean;
}

/** Thrown when all has been printed: exit code 4. */
export class MissedGates extends Error {
  override readonly name = "MissedGates";
}

/** k of --min-recall. */
const GATED_K = 10;

/** The gates that were given, each held to what was found. */
export function checkGates(options: GateOptions, { recall, proposals, logPartition }: Evaluation): GateResult[] {
  const own = proposals.find(({ name }) => name === "midx");
  const recallAt = recall.findLast(({ k }) => k <= GATED_K) as RecallAt;
  const gates = [
    atLeast(
      "--min-recall",
      `recall@${recallAt.k}, of topK or predict, the lower`,
      options.minRecall,
      lowerOf(recallAt),
    ),
    atMost("--max-log-error", "|log Ẑ − log Z|, 90th percentile", options.maxLogError, logPartition.p90),
    atLeast("--min-ess", "effective sample size a draw, median", options.minEss, own?.effectiveSampleShare),
    atMost("--max-tv", "total variation, mean", options.maxTv, own?.totalVariation),
  ];
  return gates.filter((gate) => gate !== undefined);
}

export const gateLine = ({ gate, of, comparison, wanted, found, passed }: GateResult): string =>
  `gate ${gate} ${passed ? "passed" : "missed"}: wanted ${comparison} ${wanted}, found ${Number(found.toPrecision(6))} (${of})`;

const lowerOf = ({ topK, predict }: RecallAt): number => Math.min(topK, predict);

// A number that isn't one passes no gate.

function atLeast(gate: string, of: string, wanted: number | undefined, found = Number.NaN): GateResult | undefined {
  return wanted === undefined
    ? undefined
    : { gate, of, comparison: "at least", wanted, found, passed: found >= wanted };
}

function atMost(gate: string, of: string, wanted: number | undefined, found = Number.NaN): GateResult | undefined {
  return wanted === undefined ? undefined : { gate, of, comparison: "at most", wanted, found, passed: found <= wanted };
}
