import { PURPOSE_CLOCK, PURPOSE_STREAM } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { acceptance, type Envelope, ownBound, proposeInTail } from "./envelope.ts";
import { exp64 } from "./exp.ts";
import { listPositions } from "./filter.ts";
import { log64 } from "./log.ts";
import type { PreparedQuery } from "./query.ts";
import { philox } from "./random.ts";
import { bucketAt, firstOutlierOf } from "./reference-index.ts";
import { scorePositions } from "./score.ts";
import { type Proposal, randomOfDraw } from "./search.ts";
import { logMassAt } from "./tail.ts";

/**
 * A class, by position, with its key, log mass + Gumbel noise. That is −log of the time at which its clock, of rate
 * e^logMass, rings (docs/method.md, section 6).
 */
export interface Keyed {
  readonly position: number;
  readonly key: number;
}

/** Keeps the `keyCount` largest keys, largest first, equal ones by lower position. */
const push = (kept: readonly Keyed[], entries: readonly Keyed[], keyCount: number): Keyed[] =>
  [...kept, ...entries].sort((a, b) => b.key - a.key || a.position - b.position).slice(0, keyCount);

/** The key that a new one must exceed. */
const leastKey = (kept: readonly Keyed[], keyCount: number): number =>
  kept.length < keyCount ? Number.NEGATIVE_INFINITY : (kept[keyCount - 1] as Keyed).key;

const MASK_32 = 0xffffffffn;

/** Two numbers in (0, 1) with 52 bits, made of one call of Philox. */
function openUniforms(seed: bigint, { queryHash }: PreparedQuery, purpose: number, index: number): [number, number] {
  const key = Uint32Array.of(Number(seed & MASK_32), Number(seed >> 32n));
  const words = philox(key, Uint32Array.of(Number(queryHash & MASK_32), Number(queryHash >> 32n), purpose, index));
  const numberOf = (low: number, high: number): number => {
    const bits = (BigInt(high) << 32n) | BigInt(low);
    return (Number(bits >> 12n) + 0.5) * 2 ** -52;
  };
  return [numberOf(at(words, 0), at(words, 1)), numberOf(at(words, 2), at(words, 3))];
}

/** The clock of one class, which has not rung before e^logTime, from the random number of its position. */
function readClock(prepared: PreparedQuery, seed: bigint, position: number, logMass: number, logTime: number): Keyed {
  const uniform = openUniforms(seed, prepared, PURPOSE_CLOCK, position >> 1)[position & 1] as number;
  const logClock = log64(-log64(uniform)) - logMass;
  if (logTime === Number.NEGATIVE_INFINITY) return { position, key: -logClock };
  const later = Math.max(logTime, logClock);
  return { position, key: -(later + log64(1 + exp64(Math.min(logTime, logClock) - later))) };
}

/** The clocks of the head's classes. */
export function clockHead(index: DerivedIndex, proposal: Proposal, keyCount: number, seed: bigint): Keyed[] {
  const entries = Array.from(proposal.headPositions, (position, i) => {
    const logMass = at(proposal.headScores, i) * index.inverseTemperature;
    return readClock(proposal.prepared, seed, position, logMass, Number.NEGATIVE_INFINITY);
  });
  return push([], entries, keyCount);
}

/** The keys of a sample with the clocks of another head. */
export const clockMore = (
  index: DerivedIndex,
  proposal: Proposal,
  before: readonly Keyed[],
  keyCount: number,
  seed: bigint,
): Keyed[] => push(before, clockHead(index, proposal, keyCount, seed), keyCount);

/** The tail's clocks that have rung so far. */
export interface Heard {
  readonly kept: Keyed[];
  /** Positions of the classes that have rung. */
  readonly taken: ReadonlySet<number>;
  /**
   * The logarithm of the time up to which the tail's arrivals are known; Infinity if it is later than every key kept.
   */
  readonly logTime: number;
}

/**
 * Follows the tail's stream for `arrivals` arrivals, or until it is later than every key kept before. Classes arrive by
 * the proposal's masses. From an envelope, an arrival counts only if it is accepted as the class's own.
 */
export function clockTail(
  index: DerivedIndex,
  proposal: Proposal | Envelope,
  before: readonly Keyed[],
  keyCount: number,
  seed: bigint,
  arrivals: number,
): Heard {
  const { prepared, tail, massShift } = proposal;
  const taken = new Set<number>();
  let kept = before.slice();
  if (tail.tailTotal === 0) return { kept, taken, logTime: Number.POSITIVE_INFINITY };
  const logRate = massShift + log64(tail.tailTotal);
  let time = 0;
  for (let arrival = 0; arrival < arrivals; arrival++) {
    const { uniform, word } = randomOfDraw(seed, prepared, PURPOSE_STREAM, arrival);
    const proposed = proposeInTail(index, proposal, uniform * tail.tailTotal, word);
    const { uniform: number } = randomOfDraw(seed, prepared, PURPOSE_STREAM + 256, arrival);
    time -= log64(openUniforms(seed, prepared, PURPOSE_STREAM + 256, arrival)[1]);
    const key = logRate - log64(time);
    if (key <= leastKey(kept, keyCount)) return { kept, taken, logTime: Number.POSITIVE_INFINITY };
    if (taken.has(proposed.position)) continue;
    if ("slope" in proposal && number >= ownBound(proposal, proposed)) continue;
    if ("slope" in proposal) {
      const [score = 0] = scorePositions(index, prepared, Int32Array.of(proposed.position));
      if (number >= acceptance(index, proposal, score, proposed)) continue;
    }
    taken.add(proposed.position);
    kept = push(kept, [{ position: proposed.position, key }], keyCount);
  }
  return { kept, taken, logTime: log64(time) - logRate };
}

/**
 * The clocks of the positions from `first` up to but not including `end` that are neither excluded, nor in the head,
 * nor taken, from e^logTime on.
 */
export function clockRange(
  index: DerivedIndex,
  proposal: Proposal | Envelope,
  { kept, taken, logTime }: Heard,
  keyCount: number,
  seed: bigint,
  first: number,
  end: number,
): Heard {
  const scores = scorePositions(index, proposal.prepared, Int32Array.from(index.ids.keys()));
  const entries = Array.from(listPositions(index, first, end))
    .map((position) => ({ position, bucket: bucketAt(index, position) }))
    .filter(({ position, bucket }) => !taken.has(position) && !proposal.headBuckets.includes(bucket))
    .filter(({ position }) => position < firstOutlierOf(index) || proposal.headPositions.length === 0)
    .map(({ position, bucket }) => {
      const isExact = "slope" in proposal;
      const logMass = isExact
        ? at(scores, position) * index.inverseTemperature
        : logMassAt(index, proposal, bucket, position);
      return readClock(proposal.prepared, seed, position, logMass, logTime);
    });
  return { kept: push(kept, entries, keyCount), taken, logTime };
}

/** The classes of a sample with their keys, largest first, and their exact logits. */
export function sortKeys(
  index: DerivedIndex,
  { prepared }: Proposal,
  kept: readonly Keyed[],
): { readonly ids: Int32Array; readonly keys: Float64Array; readonly scores: Float32Array } {
  const positions = Int32Array.from(kept, ({ position }) => position);
  return {
    ids: positions.map((position) => at(index.ids, position)),
    keys: Float64Array.from(kept, ({ key }) => key),
    scores: scorePositions(index, prepared, positions),
  };
}
