import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import type { PreparedQuery } from "./query.ts";
import type { ReferenceIndex } from "./reference-index.ts";
import { addRemainder, logMassOf, type Remainder } from "./remainder.ts";
import { scorePositions } from "./score.ts";

/** What a call does to the logits of some classes. Arrays are in the order of `ids`, which are distinct. */
export interface Changes {
  readonly ids: Int32Array;
  /** What is added first. */
  readonly biases: Float32Array;
  /** How often the history has each class. */
  readonly counts: Int32Array;
  readonly penalties: { readonly repetition: number; readonly presence: number; readonly frequency: number };
}

/** The changed logits of the classes of `changes`, whose logits are `scores`. */
export const changeScores = ({ biases, counts, penalties }: Changes, scores: Float32Array): Float32Array =>
  scores.map((score, i) => {
    const biased = score + at(biases, i);
    if (at(counts, i) === 0) return biased;
    const repeated = biased > 0 ? biased / penalties.repetition : biased * penalties.repetition;
    return repeated - (penalties.frequency * at(counts, i) + penalties.presence);
  });

/**
 * The logits of the classes at `positions` under the conditions of a call, where `scores` are those of their rows and
 * `changed` those of `changes`. The excluded classes are those of the filter, and among them those of `changes`.
 */
export function conditionScores(
  index: DerivedIndex,
  changes: Changes,
  changed: Float32Array,
  positions: Int32Array,
  scores: Float32Array,
): Float32Array {
  return scores.map((score, i) => {
    const position = at(positions, i);
    if (!index.excluded.has(position)) return score;
    const place = changes.ids.indexOf(at(index.ids, position));
    return place < 0 ? Number.NEGATIVE_INFINITY : at(changed, place);
  });
}

/** The logarithm of the mass of the classes of `changes`, scored with their remainder. */
export function changedWithRemainder(
  index: DerivedIndex,
  changes: Changes,
  prepared: PreparedQuery,
  remainder: Remainder,
): number {
  const positions = changes.ids.map((id) => positionOf(index, id));
  const scores = addRemainder(index, remainder, positions, scorePositions(index, prepared, positions));
  return logMassOf(index, changeScores(changes, scores));
}

const positionOf = ({ ids }: ReferenceIndex, id: number): number => ids.indexOf(id);
