import { mixLogs } from "../answers/mixture.ts";
import { exp64, log64 } from "../arithmetic/exp-log.ts";
import { logSum } from "./log-sums.ts";
import { chooserBy } from "./merge-classes.ts";
import type { MergedMixture } from "./mixtures.ts";
import type { PartialDraws, PartialLaw, PartialValues } from "./partial-answer.ts";

// Merges of draws from mixtures, and of their log Q′. Every law is over all parts: a part has a share in it by its mass. The
// laws of all parts together are mixed, not those of each part.

const NONE = Number.NEGATIVE_INFINITY;

/** The place that one class of a merged piece comes from. */
interface Taken {
  readonly piece: number;
  readonly at: number;
}

/** Brings the laws of all parts together for the classes that are taken from them. */
function mergeLaws(pieces: readonly (readonly PartialLaw[])[], taken: readonly Taken[]): PartialLaw[] {
  const [first] = pieces as [readonly PartialLaw[]];
  return first.map((_, law) => {
    const own = pieces.map((laws) => laws[law] as PartialLaw);
    const logMass = logSum(own.map((each) => each.logMass));
    const shifts = own.map((each) => (each.logMass === logMass ? 0 : each.logMass - logMass));
    const logs = Float64Array.from(taken, ({ piece, at }) => {
      const log = own[piece]?.logs[at] as number;
      return log > NONE ? log + (shifts[piece] as number) : log;
    });
    return { logMass, logs };
  });
}

/** Computes log Q′ of each class from its logarithms under the laws. Those that are filtered out have none under any law. */
function mixed(laws: readonly PartialLaw[], { exploring }: MergedMixture): Float32Array {
  return Float32Array.from(laws[0]?.logs ?? [], (log, i) => {
    const logs = laws.map((law) => law.logs[i] as number);
    return log > NONE ? mixLogs({ exp64, log64 }, exploring, logs) : NONE;
  });
}

/**
 * Draws from the mixture of all parts: draw i takes a part in proportion to its mass under the law of draw i, and draw i of
 * that part. A part draws its classes independently, so none of them depends on which of the others were taken.
 */
export function mergeMixedDraws(
  pieces: readonly PartialDraws[],
  draws: number,
  mixture: MergedMixture,
  uniform: (draw: number) => number,
): PartialDraws {
  const laws = pieces.map((piece) => piece.laws as readonly PartialLaw[]);
  const [first] = laws as [readonly PartialLaw[]];
  const choosers = first.map((_, law) => chooserBy(laws.map((own) => own[law]?.logMass as number)));
  const logMass = logSum(pieces.map((piece) => piece.logMass));
  if (logMass === NONE) return pieces[0] as PartialDraws;
  const taken = Array.from({ length: draws }, (_, at) => ({
    piece: (choosers[mixture.lawOf(at)] as (uniform: number) => number)(uniform(at)),
    at,
  }));
  const merged = mergeLaws(laws, taken);
  return {
    ids: Int32Array.from(taken, ({ piece, at }) => pieces[piece]?.ids[at] as number),
    scores: Float32Array.from(taken, ({ piece, at }) => pieces[piece]?.scores[at] as number),
    logQ: mixed(merged, mixture),
    logMass,
    laws: merged,
  };
}

/** Returns the log Q′ of all classes that the question names. */
export function mergeMixedValues(pieces: readonly PartialValues[], mixture: MergedMixture): PartialValues {
  const named = pieces.flatMap(({ places }, piece) => Array.from(places, (place, at) => ({ place, at, piece })));
  named.sort((a, b) => a.place - b.place);
  const laws = mergeLaws(
    pieces.map((piece) => piece.laws as readonly PartialLaw[]),
    named,
  );
  const logMass = logSum(pieces.map((piece) => piece.logMass));
  return { places: Int32Array.from(named, ({ place }) => place), values: mixed(laws, mixture), logMass, laws };
}
