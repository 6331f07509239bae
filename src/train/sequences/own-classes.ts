import { placeLayer } from "../model/layer.ts";
import type { LossParts, Span } from "./loss.ts";

/** The classes that the positions of a batch predict. */
export interface OwnClasses {
  /** Scores the own class of each position of a window. Returns the address of the scores, f32 (length). */
  score(span: Span): number;
  /** Adds the gradients that belong to the derivatives, which have overwritten the scores. */
  add(span: Span): void;
}

export function planOwnClasses(parts: LossParts, positions: number): OwnClasses {
  const { kernels, arena, tables, encoder, rowGradients } = parts;
  const { classes, bias } = tables;
  const { width: dim } = classes;
  const [vectorGradients, biasGradients] = rowGradients.gradients as [number, number];
  const layer = placeLayer(arena, classes, bias);
  // A score is written with three more values behind it.
  const scores = arena.take((positions + 4) * 4);
  const places = arena.take(positions * 4);
  const each = ({ first, length }: Span, visit: (at: number, row: number) => void): void => {
    for (let position = first; position < first + length; position++) visit(position * 4, position * dim * 4);
  };
  return {
    score(span) {
      each(span, (at, row) => kernels.scorePicked(layer, encoder.queries + row, encoder.targets + at, 1, scores + at));
      return scores + span.first * 4;
    },
    add(span) {
      const { queries, gradients, targets } = encoder;
      rowGradients.assign(targets + span.first * 4, span.length, places + span.first * 4);
      each(span, (at, row) => {
        kernels.addPickedRows(gradients + row, scores + at, targets + at, 1, classes.values, dim);
        kernels.addToRows(vectorGradients, places + at, scores + at, 1, queries + row, dim);
      });
      const begin = span.first * 4;
      kernels.addToValues(biasGradients, places + begin, scores + begin, span.length);
    },
  };
}
