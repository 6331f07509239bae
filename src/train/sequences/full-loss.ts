import { CHUNK, CLASS_BLOCK, planClassScores } from "./class-scores.ts";
import type { LossParts, SequenceLoss } from "./loss.ts";
import { panelBytes, planPanels, rowsAt } from "./products.ts";

/** Plans the softmax over all classes, with gradients of all rows. */
export function planFullLoss({ kernels, arena, tables, encoder, rowGradients }: LossParts): SequenceLoss {
  const { queries, gradients, targets } = encoder;
  const { rows: classCount, width: dim, values } = tables.classes;
  const [vectorGradients, biasGradients] = rowGradients.gradients as [number, number];
  const { scores, rowBytes, prepare, score } = planClassScores(kernels, arena, tables);
  const ofClasses = planPanels(kernels, arena, panelBytes(CLASS_BLOCK, dim));
  const ofQueries = planPanels(kernels, arena, panelBytes(CHUNK, dim));
  return (packed) => {
    const { length } = packed.inputs;
    prepare();
    let loss = 0;
    for (let first = 0; first < length; first += CHUNK) {
      const rows = Math.min(CHUNK, length - first);
      const [query, gradient] = [queries + first * dim * 4, gradients + first * dim * 4];
      score(query, rows);
      for (let row = 0; row < rows; row++) {
        const target = targets + (first + row) * 4;
        loss += kernels.softmaxGradient(scores + row * rowBytes, classCount, target, 1, 1 / length);
      }
      kernels.sumColumns(scores, rows, rowBytes, classCount, biasGradients);
      ofQueries.pack(rowsAt(query, dim), rows, dim);
      for (let block = 0; block < classCount; block += CLASS_BLOCK) {
        const size = Math.min(CLASS_BLOCK, classCount - block);
        const at = scores + block * 4;
        ofClasses.pack(rowsAt(values + block * dim * 4, dim), size, dim);
        const steps = { values: at, rowStep: rowBytes, columnStep: 4 };
        ofClasses.addTo({ out: gradient, outBytes: dim * 4, rows }, steps);
        const sums = { out: vectorGradients + block * dim * 4, outBytes: dim * 4, rows: size };
        ofQueries.addTo(sums, { values: at, rowStep: 4, columnStep: rowBytes });
      }
    }
    return loss;
  };
}
