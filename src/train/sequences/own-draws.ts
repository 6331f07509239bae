import { placeLayer } from "../model/layer.ts";
import { planDrawSet } from "./draw-set.ts";
import type { DrawnClasses } from "./drawn-classes.ts";
import type { LossParts } from "./loss.ts";

const NONE = new Int32Array(0);

/** Plans draws of its own for each position. Spans have one position. */
export function planOwnDraws(parts: LossParts, { negatives }: { readonly negatives: number }): DrawnClasses {
  const { kernels, arena, tables, encoder, rowGradients } = parts;
  const { classes, bias } = tables;
  const { width: dim } = classes;
  const [vectorGradients, biasGradients] = rowGradients.gradients as [number, number];
  const { draws, ids, rowBytes, place } = planDrawSet(parts, negatives);
  const layer = placeLayer(arena, classes, bias);
  const [scores, places] = [arena.take(rowBytes + 16), arena.take(rowBytes)]; // a score is written with three more behind it
  return {
    draws,
    scores,
    rowBytes,
    score({ first }, sampler, seed) {
      const query = encoder.queries + first * dim * 4;
      place(sampler.draw(arena.f32(query, dim).slice(), negatives, NONE, seed), sampler);
      kernels.scorePicked(layer, query, ids, negatives, scores);
    },
    add({ first }) {
      const row = first * dim * 4;
      kernels.addPickedRows(encoder.gradients + row, scores, ids, negatives, classes.values, dim);
      rowGradients.assign(ids, negatives, places);
      kernels.addToRows(vectorGradients, places, scores, negatives, encoder.queries + row, dim);
      kernels.addToValues(biasGradients, places, scores, negatives);
    },
  };
}
