import * as abi from "../abi.ts";
import { idsByPosition } from "../memory/ids-by-position.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { Draws } from "./answers.ts";
import { conditionedScoresOf, positionsOf } from "./by-class.ts";
import type { Functions } from "./functions.ts";
import { type Law, popularityOf } from "./popularity.ts";
import type { MixtureShares } from "./recommend-options.ts";
import { uniformLaw } from "./uniform-law.ts";
import { uniforms } from "./uniforms.ts";

/** Computes log Q of classes under the proposal in place. `scores` are those under the conditions, where they are known. */
export type LogProposal = (ids: Int32Array, scores?: Float32Array) => Float64Array;

type Drawn = Pick<Draws, "ids" | "scores" | "logQ" | "scored">;

/** A part of a mixture: its share, and the distribution that it is drawn from. */
interface Part {
  readonly share: number;
  readonly law: Law;
}

/** Returns the parts of a mixture beside the proposal. */
export function partsOf(opened: OpenedIndex, { uniform, popularity, power }: MixtureShares): Part[] {
  return [
    ...(uniform > 0 ? [{ share: uniform, law: uniformLaw(opened) }] : []),
    ...(popularity > 0 ? [{ share: popularity, law: popularityOf(opened, power) }] : []),
  ];
}

/** Returns the place of the part that a uniform number chooses among those with these shares, and −1 for the proposal. */
export function partAt(parts: readonly Pick<Part, "share">[], uniform: number): number {
  let left = uniform;
  return parts.findIndex(({ share }) => {
    const isIn = left < share;
    left -= share;
    return isIn;
  });
}

/**
 * Replaces draws from the proposal in place, each with the probability of the other parts of the mixture, and gives all of
 * them their log Q′ (docs/recommend.md). A draw that stays is the one that the proposal alone gives. Numbers of `seed`
 * choose classes, and those of `choosing` the parts of the mixture.
 */
export function mixDraws(
  opened: OpenedIndex,
  drawn: Drawn,
  seed: bigint,
  shares: MixtureShares,
  logProposal: LogProposal,
  choosing = seed,
): Drawn {
  const parts = partsOf(opened, shares);
  const uniform = uniforms(opened, seed, abi.PURPOSE_MIXTURE);
  const choice = uniforms(opened, choosing, abi.PURPOSE_MIXTURE);
  const classes = idsByPosition(opened);
  let replaced = 0;
  const ids = drawn.ids.map((id, draw) => {
    const part = parts[partAt(parts, choice(2 * draw))];
    if (part === undefined) return id;
    replaced++;
    return classes[part.law.positionAt(uniform(2 * draw + 1))] as number;
  });
  const scores = conditionedScoresOf(opened, ids);
  const logQ = Float32Array.from(mixed(opened, ids, scores, parts, logProposal(ids, scores)));
  return { ids, scores, logQ, scored: drawn.scored + replaced };
}

/** Computes log Q′ of classes. */
export function mixtureOf(
  opened: OpenedIndex,
  ids: Int32Array,
  shares: MixtureShares,
  logProposal: LogProposal,
): Float64Array {
  const scores = conditionedScoresOf(opened, ids);
  return mixed(opened, ids, scores, partsOf(opened, shares), logProposal(ids, scores));
}

/** Computes the logarithms of (1 − Σ share) Q + Σ share · law from log Q; −∞ for classes that are filtered out. */
function mixed(
  opened: OpenedIndex,
  ids: Int32Array,
  scores: Float32Array,
  parts: readonly Part[],
  logQ: Float64Array,
): Float64Array {
  const positions = positionsOf(opened, ids);
  return logQ.map((log, i) => {
    if (scores[i] === Number.NEGATIVE_INFINITY) return Number.NEGATIVE_INFINITY;
    return mixLogs(opened.kernels, parts, [log, ...parts.map(({ law }) => law.logOf(positions[i] as number))]);
  });
}

/** Computes log Q′ of a class from its log Q, the first of `logs`, and its logarithms under the parts of the mixture. */
export function mixLogs(functions: Functions, parts: readonly Pick<Part, "share">[], logs: readonly number[]): number {
  const shares = parts.map(({ share }) => share);
  const proposed = Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0));
  let log = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (const [i, share] of [proposed, ...shares].entries()) {
    if (share === 0) continue;
    const next = logs[i] as number;
    const top = Math.max(log, next);
    sum = sum * functions.exp64(log - top) + share * functions.exp64(next - top);
    log = top;
  }
  return Math.min(0, log + functions.log64(sum)); // shares that add up to 1 may be rounded to more
}
