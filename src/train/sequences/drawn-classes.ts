import { valuesOf } from "../model/tables.ts";
import { planLogMixture } from "../samplers/log-mixture.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { planDrawSet } from "./draw-set.ts";
import type { LossParts, Span } from "./loss.ts";
import { panelBytes, planOverPositions, planPanels, repeatRow, rowsAt, transposed } from "./products.ts";
import { drawFromMixture, type SharedOptions } from "./shared-draws.ts";

/** The classes that are drawn for a span of positions. */
export interface DrawnClasses {
  /** Address of the struct of the draws. */
  readonly draws: number;
  /** Address of the scores, f32, `rowBytes` for each position of the span. */
  readonly scores: number;
  readonly rowBytes: number;
  /** Draws for a span and scores the draws at each of its positions. */
  score(span: Span, sampler: Sampler, seed: bigint): void;
  /** Adds the gradients that belong to the derivatives, which have overwritten the scores. */
  add(span: Span): void;
}

/** Plans the draws for windows. `longest` is the largest number of positions of a window. */
export function planDrawnClasses(parts: LossParts, options: SharedOptions, longest: number): DrawnClasses {
  const { kernels, arena, tables, encoder, rowGradients } = parts;
  const { width: dim, values: classVectors } = tables.classes;
  const { negatives } = options;
  const [vectorGradients, biasGradients] = rowGradients.gradients as [number, number];
  const { draws, ids, rowBytes, place } = planDrawSet(parts, negatives);
  const scores = arena.take(longest * rowBytes);
  const places = arena.take(rowBytes);
  const [vectors, ownGradients] = [arena.take(negatives * dim * 4), arena.take(negatives * dim * 4)];
  const ownBiasGradients = arena.take(rowBytes);
  const toScores = planPanels(kernels, arena, panelBytes(dim, negatives));
  const toQueries = planPanels(kernels, arena, panelBytes(negatives, dim));
  const addOver = planOverPositions(kernels, arena, dim);
  const mix = planLogMixture(kernels, Math.min(options.proposals, longest, negatives), arena);
  const biases = new Float32Array(rowBytes / 4);
  const rowsOf = (address: number, { first }: Span): number => address + first * dim * 4;

  const draw = (span: Span, sampler: Sampler, seed: bigint): void => {
    const queries = arena.f32(rowsOf(encoder.queries, span), span.length * dim).slice();
    const drawn = drawFromMixture(mix, sampler, queries, dim, options, seed);
    place(drawn, sampler);
    const biasOf = valuesOf(arena, tables.bias);
    for (let k = 0; k < negatives; k++) biases[k] = biasOf[drawn.ids[k] as number] as number;
  };

  return {
    draws,
    scores,
    rowBytes,
    score(span, sampler, seed) {
      draw(span, sampler, seed);
      kernels.gatherRows(classVectors, ids, negatives, dim, vectors);
      toScores.pack(transposed(rowsAt(vectors, dim)), dim, negatives);
      repeatRow(arena, scores, span.length, biases);
      const sums = { out: scores, outBytes: rowBytes, rows: span.length };
      toScores.addTo(sums, rowsAt(rowsOf(encoder.queries, span), dim));
    },
    add(span) {
      toQueries.pack(rowsAt(vectors, dim), negatives, dim);
      const sums = { out: rowsOf(encoder.gradients, span), outBytes: dim * 4, rows: span.length };
      toQueries.addTo(sums, { values: scores, rowStep: rowBytes, columnStep: 4 });
      arena.f32(ownGradients, negatives * dim).fill(0);
      arena.f32(ownBiasGradients, negatives).fill(0);
      const left = { values: scores, width: rowBytes / 4, columns: negatives };
      addOver(ownGradients, left, { values: rowsOf(encoder.queries, span), width: dim }, span.length);
      kernels.sumColumns(scores, span.length, rowBytes, negatives, ownBiasGradients);
      rowGradients.assign(ids, negatives, places);
      kernels.scatterRows(vectorGradients, places, negatives, dim, ownGradients);
      kernels.addToValues(biasGradients, places, ownBiasGradients, negatives);
    },
  };
}
