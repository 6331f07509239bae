import * as abi from "../abi.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { Draws } from "./answers.ts";
import { conditionedScoresOf, positionsOf } from "./by-class.ts";
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
function partsOf(opened: OpenedIndex, { uniform, popularity, power }: MixtureShares): Part[] {
  return [
    ...(uniform > 0 ? [{ share: uniform, law: uniformLaw(opened) }] : []),
    ...(popularity > 0 ? [{ share: popularity, law: popularityOf(opened, power) }] : []),
  ];
}

/**
 * Replaces draws from the proposal in place, each with the probability of the other parts of the mixture, and gives all of
 * them their log Q′ (docs/recommend.md). A draw that stays is that of the proposal alone.
 */
export function mixDraws(
  opened: OpenedIndex,
  drawn: Drawn,
  seed: bigint,
  shares: MixtureShares,
  logProposal: LogProposal,
): Drawn {
  const { kernels, plan, header } = opened;
  const parts = partsOf(opened, shares);
  const uniform = uniforms(opened, seed, abi.PURPOSE_MIXTURE);
  const classes = new Int32Array(
    kernels.memory.buffer,
    plan.file + (header.tensors.ids?.begin ?? 0),
    header.facts.itemCount,
  );
  let replaced = 0;
  const ids = drawn.ids.map((id, draw) => {
    let left = uniform(2 * draw);
    for (const { share, law } of parts) {
      if (left < share) {
        replaced++;
        return classes[law.positionAt(uniform(2 * draw + 1))] as number;
      }
      left -= share;
    }
    return id;
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
  const { kernels } = opened;
  const proposed = Math.max(0, 1 - parts.reduce((sum, { share }) => sum + share, 0));
  const positions = positionsOf(opened, ids);
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] as number;
    let log = Number.NEGATIVE_INFINITY;
    let sum = 0;
    const add = (share: number, next: number): void => {
      const top = Math.max(log, next);
      sum = sum * kernels.exp64(log - top) + share * kernels.exp64(next - top);
      log = top;
    };
    if ((scores[i] as number) > Number.NEGATIVE_INFINITY) {
      if (proposed > 0) add(proposed, logQ[i] as number);
      for (const { share, law } of parts) add(share, law.logOf(position));
    }
    logQ[i] = log + kernels.log64(sum);
  }
  return logQ;
}
