import type { ModelKernels } from "../model/kernels.ts";
import { loadTables } from "../model/loaded-tables.ts";
import type { Model } from "../model/model.ts";
import type { ModelShape } from "../model/shape.ts";
import type { Tables } from "../model/tables.ts";
import { type Arena, startArena } from "../runtime/arena.ts";
import { CHUNK, planClassScores } from "./class-scores.ts";
import { pack } from "./packed.ts";
import { planEncoder } from "./plan-encoder.ts";
import type { Sequences } from "./sequences.ts";
import { type Batch, limitsOf } from "./windows.ts";

/** A position and the model's output for it, in the instance's memory. */
export interface ScoredPosition {
  /** The index among all ids of the item that is to be predicted. */
  readonly at: number;
  /** Address of the query, f32 (dim). */
  readonly query: number;
  /** Address of the exact scores of all classes, f32 (classes). The caller may overwrite them. */
  readonly scores: number;
  /** Address of the target, i32 (1). */
  readonly target: number;
}

/** The positions of a window that are scored. */
export type Scored = "all" | "last";

export interface ScoringOptions {
  readonly positions: Scored;
  /** Windows go on from those of the batch before. */
  readonly carry: boolean;
}

/** Scores all classes at positions of batches, by the tables at the time of the call. */
export type ScoreEach = (visit: (scored: ScoredPosition) => void) => void;

export function planSequenceScoring(
  kernels: ModelKernels,
  arena: Arena,
  { shape, tables }: { readonly shape: ModelShape; readonly tables: Tables },
  sequences: Sequences,
  batches: readonly Batch[],
  { positions, carry }: ScoringOptions,
): ScoreEach {
  const dim = tables.classes.width;
  const encoder = planEncoder(kernels, arena, shape, tables, limitsOf(batches));
  const { scores, rowBytes, prepare, score } = planClassScores(kernels, arena, tables);
  const gathered = arena.take(CHUNK * dim * 4);
  return (visit) => {
    prepare();
    encoder.reset();
    for (const batch of batches) {
      const packed = pack(sequences, batch);
      encoder.forward(packed);
      if (carry) encoder.carry(packed);
      const places = placesOf(batch, positions);
      for (let first = 0; first < places.length; first += CHUNK) {
        const some = places.slice(first, first + CHUNK);
        for (const [i, { place }] of some.entries()) {
          arena.f32(gathered + i * dim * 4, dim).set(arena.f32(encoder.queries + place * dim * 4, dim));
        }
        score(gathered, some.length);
        for (const [i, { at, place }] of some.entries()) {
          const target = encoder.targets + place * 4;
          visit({ at, query: gathered + i * dim * 4, scores: scores + i * rowBytes, target });
        }
      }
    }
  };
}

/** Returns the places in the order of windows of the positions that are scored. */
function placesOf(batch: Batch, positions: Scored): { readonly at: number; readonly place: number }[] {
  let begin = 0;
  return batch.flatMap(({ first, length }) => {
    begin += length;
    const from = positions === "last" ? length - 1 : 0;
    const start = begin - length;
    return Array.from({ length: length - from }, (_, i) => ({ at: first + from + i + 1, place: start + from + i }));
  });
}

/** Loads a model into an instance and scores positions of sequences with it. */
export function loadSequenceScoring(
  kernels: ModelKernels,
  model: Model,
  sequences: Sequences,
  batches: readonly Batch[],
  options: ScoringOptions,
): { readonly each: ScoreEach; readonly arena: Arena } {
  const arena = startArena(kernels);
  const loaded = { shape: model.shape, tables: loadTables(arena, model) };
  return { each: planSequenceScoring(kernels, arena, loaded, sequences, batches, options), arena };
}
