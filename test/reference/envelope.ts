import { PURPOSE_EXACT } from "../../src/abi.ts";
import { at } from "./at.ts";
import { type BoundedQuery, prepareBounds } from "./bounds.ts";
import type { DerivedIndex } from "./buckets.ts";
import { exp64 } from "./exp.ts";
import { LOG_FLOOR, selectHead } from "./head.ts";
import { log64 } from "./log.ts";
import { bucketLogMasses, massesFromLogs, subScores } from "./masses.ts";
import type { PreparedQuery } from "./query.ts";
import type { Residuals } from "./residuals.ts";
import { sumHead } from "./sample.ts";
import { scorePositions } from "./score.ts";
import { headPart, type Proposal, proposalShift, randomOfDraw, scoreHead, tailPart } from "./search.ts";
import { groupAt, inverseShare, positionIn, slotIn, sumTail } from "./tail.ts";
import type { Scored } from "./topk.ts";

/**
 * A proposal whose tail mass exceeds the softmax's, class by class (docs/method.md, section 5). logProposal is the
 * logarithm of its total mass.
 */
export interface Envelope extends Proposal, BoundedQuery {}

/** The most that rounding of f32 masses and of shares can take from a class's part, beyond the slack. */
const MARGIN = 2 ** -10;

/**
 * The envelope of a query. The head's classes have their exact scores, and its buckets are those of the highest bounds
 * per class. The tail's have w_b e^(s_b + slope · radius + margin).
 */
export function envelope(index: DerivedIndex, prepared: PreparedQuery, residuals: Residuals, scan: number): Envelope {
  const scores = subScores(index, prepared);
  const bounds = prepareBounds(index, prepared, residuals);
  const { slotLogMasses, slotKeys } = bucketLogMasses(index, scores, bounds.slope, residuals.slotRadii);
  const head = selectHead(index, slotKeys, LOG_FLOOR, scan, 0);
  const masses = massesFromLogs(index, slotLogMasses, head.headSlots);
  const margin = bounds.slack + MARGIN + index.facts.itemCount / 1431655765; // 3/2 of N / 2^31
  const parts = {
    ...scoreHead(index, prepared, head),
    tail: sumTail(index, masses.slotMasses, head.headSlots),
    massShift: masses.massShift + margin,
    ...{ path: masses.path, tiltPath: "none" as const, groupShift: 0, secondShift: 0 },
  };
  const shift = proposalShift(index, parts);
  const logProposal = shift + log64(headPart(index, parts, shift) + tailPart(parts, shift));
  return { ...residuals, ...bounds, ...scores, ...head, ...parts, prepared, logProposal };
}

/**
 * Independent draws from the softmax, by rejection from the envelope. `scored` is the number of rows of the tail that
 * were scored.
 */
export function drawExact(
  index: DerivedIndex,
  envelope: Envelope,
  draws: number,
  seed: bigint,
): { readonly drawn: Scored[]; readonly scored: number } {
  const { prepared, headPositions, headScores, tail } = envelope;
  const shift = proposalShift(index, envelope);
  const headMass = headPart(index, envelope, shift);
  const tailMass = tailPart(envelope, shift);
  const headPrefix = sumHead(index, envelope);
  let scored = 0;
  const draw = (j: number): Scored => {
    for (let step = 0; ; step += 2) {
      const { uniform, word } = randomOfDraw(seed, prepared, PURPOSE_EXACT + 256 * step, j);
      const target = uniform * (headMass + tailMass);
      if (target < headMass || tailMass === 0) {
        const headTarget = (target / headMass) * at(headPrefix, headScores.length);
        const i = headPrefix.subarray(0, -1).findLastIndex((prefix) => prefix <= headTarget);
        return { id: at(index.ids, at(headPositions, i)), score: at(headScores, i) };
      }
      const proposed = proposeInTail(index, envelope, ((target - headMass) / tailMass) * tail.tailTotal, word);
      const { uniform: number } = randomOfDraw(seed, prepared, PURPOSE_EXACT + 256 * (step + 1), j);
      if (number >= ownBound(envelope, proposed)) continue;
      scored++;
      const [score = 0] = scorePositions(index, prepared, Int32Array.of(proposed.position));
      if (number < acceptance(index, envelope, score, proposed)) return { id: at(index.ids, proposed.position), score };
    }
  };
  return { drawn: Array.from({ length: draws }, (_, j) => draw(j)), scored };
}

/** A class of the tail that a draw proposes. */
export interface Proposed {
  readonly slot: number;
  readonly position: number;
  /** Its part of the tail, in units of tailTotal. */
  readonly mass: number;
}

/**
 * The class at `target`, in [0, tailTotal), when the tail's buckets are laid end to end. `word` chooses the class
 * within the bucket.
 */
export function proposeInTail(index: DerivedIndex, { tail }: Proposal, target: number, word: number): Proposed {
  const { slot } = slotIn(index, tail, groupAt(tail, target), target);
  const bucket = at(index.slots.slotBuckets, slot);
  const position = positionIn(index, bucket, word);
  return { slot, position, mass: at(tail.slotMasses, slot) / inverseShare(index, bucket, position) };
}

/** e^(slope (norm − radius)): the class's own envelope over that of its bucket. */
export const ownBound = ({ slope, residualNorms, slotRadii }: BoundedQuery, { slot, position }: Proposed): number =>
  exp64(slope * Math.fround(at(residualNorms, position) - at(slotRadii, slot)));

/** e^(o / T) over the class's part of the envelope. */
export const acceptance = (
  { inverseTemperature }: DerivedIndex,
  { massShift }: Envelope,
  score: number,
  { mass }: Proposed,
): number => exp64(score * inverseTemperature - massShift) / mass;
