import { NORMAL_95 } from "../arithmetic/normal-95.ts";
import type { Chain, Stage } from "./chain.ts";
import type { Decision } from "./decoded.ts";
import type { TruncatedRanks } from "./truncated-ranks.ts";

/** The classes that a chain keeps: the first of the ranked ones. */
export interface Cut {
  readonly truncation: TruncatedRanks;
  readonly kept: number;
  readonly decided: Decision;
  readonly undecided: number;
  readonly standardError: number;
  readonly scored: number;
}

/** A cut by an estimate. */
export interface EstimatedCut extends Omit<Cut, "scored"> {
  /**
   * The share of the kept mass that a standard error more or less would change, and that ranks may lack: at the temperature of
   * topP or at that of the draw, whichever is larger. Where the draw is hotter, the last classes have a larger share of it.
   */
  readonly doubt: number;
}

/**
 * Cuts ranks by an estimate of the mass of all classes, where topP is the first stage. `massAt` gives that mass a number of
 * standard errors above the estimate, in units of the best class. `unseenOf` estimates the mass at a temperature of classes that
 * the nucleus has and the ranks lack, from how many are kept and the mass that these lack a standard error above.
 */
export function cutByEstimate(
  truncation: TruncatedRanks,
  { stages, firstTemperature, temperature }: Chain,
  massAt: (bars: number) => number,
  standardError: number,
  unseenOf: (kept: number, lacks: number, temperature: number) => number,
): EstimatedCut {
  const { value } = stages[0] as Stage;
  const keptAt = (bars: number): number => truncation.keptBy(stages, massAt(bars));
  const kept = keptAt(0);
  const cut = { truncation, kept, standardError };
  if (!(standardError < Number.POSITIVE_INFINITY)) return { ...cut, ...UNKNOWN };
  if (standardError === 0) return { ...cut, decided: "exact", undecided: 0, doubt: 0 };
  const [more, fewer] = [keptAt(1), keptAt(-1)];
  const lacks = value * massAt(1) - truncation.at(firstTemperature).of(more);
  const doubtAt = (at: number): number => {
    const masses = truncation.at(at);
    return (masses.of(more) - masses.of(fewer) + unseenOf(kept, lacks, at)) / masses.of(kept);
  };
  const doubt = Math.max(doubtAt(firstTemperature), doubtAt(temperature));
  return { ...cut, decided: "estimate", undecided: keptAt(NORMAL_95) - keptAt(-NORMAL_95), doubt };
}

/** The facts that hold without a standard error. */
const UNKNOWN = { decided: "estimate", undecided: 0, doubt: Number.POSITIVE_INFINITY } as const;
