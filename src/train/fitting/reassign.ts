import { type Codes, planEncoding } from "../codes/encode.ts";
import { planAssignment } from "../kmeans/assignment.ts";
import type { Quantizer } from "../kmeans/quantizer.ts";
import { BLOCK_ROWS } from "../rows/row-source.ts";
import type { Interruptible } from "../runtime/event-loop.ts";
import { codebooksInto, type Metric } from "./metric.ts";
import type { FitTools } from "./resident-classes.ts";
import { planIntoMetric } from "./rows-in-metric.ts";

/** Number of times the second codeword is chosen. Between two choices the first is chosen again. */
const ROUNDS = 3;

/** Finds the codes as a build does: the nearest first codeword, then the nearest second. */
export function* nearestCodes({ kernels, arena, classes }: FitTools, quantizer: Quantizer): Interruptible<Codes> {
  return yield* encodeWith(quantizer, { kernels, arena, classes }, (fromPtr, count) =>
    arena.f32(fromPtr, count * quantizer.dim).slice(),
  );
}

/**
 * Chooses for each class the codewords with the least mean square of (query · residual), which is the squared norm of the
 * residual in the metric of the queries. "pq" chooses the codeword of each half. "rq" chooses the first and second codeword
 * in turn, which never increases the norm. A class keeps its current codes where they are better.
 */
export function* reassign(tools: FitTools, metric: Metric, quantizer: Quantizer, current: Codes): Interruptible<Codes> {
  const inMetric = codebooksInto(metric, quantizer);
  const nested = { ...tools, arena: tools.arena.nest() };
  const intoMetric = planIntoMetric(tools.kernels, nested.arena, metric, quantizer);
  const rowsPtr = nested.arena.take(BLOCK_ROWS * quantizer.dim * 4);
  if (quantizer.kind === "pq") {
    return yield* encodeWith(inMetric, nested, (fromPtr, count) => {
      intoMetric(fromPtr, count, rowsPtr);
      return nested.arena.f32(rowsPtr, count * quantizer.dim).slice();
    });
  }
  return yield* chooseInTurn(nested, inMetric, current, rowsPtr, intoMetric);
}

/** Finds the nearest codewords of the rows that `load` returns. */
function* encodeWith(
  quantizer: Quantizer,
  { kernels, arena, classes }: FitTools,
  load: (fromPtr: number, count: number) => Float32Array,
): Interruptible<Codes> {
  const { itemCount, dim, rowsPtr } = classes;
  const codes = { codes1: new Uint16Array(itemCount), codes2: new Uint16Array(itemCount) };
  const encodeBlock = planEncoding(kernels, quantizer, arena.nest());
  for (let first = 0; first < itemCount; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, itemCount - first);
    const [codes1, codes2] = [codes.codes1.subarray(first, first + count), codes.codes2.subarray(first, first + count)];
    encodeBlock(load(rowsPtr + first * dim * 4, count), { codes1, codes2 });
    yield;
  }
  return codes;
}

function* chooseInTurn(
  { kernels, arena, classes }: FitTools,
  { codewordCount, dim, codebook1, codebook2 }: Quantizer,
  current: Codes,
  rowsPtr: number,
  intoMetric: (fromPtr: number, count: number, toPtr: number) => void,
): Interruptible<Codes> {
  const first = planAssignment(kernels, arena, codewordCount, dim);
  const second = planAssignment(kernels, arena, codewordCount, dim);
  first.setCodebook(codebook1);
  second.setCodebook(codebook2);
  const restPtr = arena.take(BLOCK_ROWS * dim * 4);
  const squaresPtr = arena.take(BLOCK_ROWS * 4);
  const squaresLeft = (count: number): Float32Array => {
    kernels.residuals(rowsPtr, first.codebookPtr, first.codesPtr, count, dim, restPtr);
    kernels.squaredErrors(restPtr, second.codebookPtr, second.codesPtr, count, dim, squaresPtr);
    return arena.f32(squaresPtr, count).slice();
  };
  const codes = { codes1: current.codes1.slice(), codes2: current.codes2.slice() };
  for (let start = 0; start < classes.itemCount; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, classes.itemCount - start);
    intoMetric(classes.rowsPtr + start * dim * 4, count, rowsPtr);
    const [codes1, codes2] = [arena.u16(first.codesPtr, count), arena.u16(second.codesPtr, count)];
    codes1.set(codes.codes1.subarray(start, start + count));
    codes2.set(codes.codes2.subarray(start, start + count));
    const before = squaresLeft(count);
    first.assign(rowsPtr, count);
    for (let round = 1; ; round++) {
      kernels.residuals(rowsPtr, first.codebookPtr, first.codesPtr, count, dim, restPtr);
      second.assign(restPtr, count);
      if (round === ROUNDS) break;
      kernels.residuals(rowsPtr, second.codebookPtr, second.codesPtr, count, dim, restPtr);
      first.assign(restPtr, count);
    }
    const after = squaresLeft(count);
    for (let i = 0; i < count; i++) {
      if (!((after[i] as number) < (before[i] as number))) continue;
      codes.codes1[start + i] = codes1[i] as number;
      codes.codes2[start + i] = codes2[i] as number;
    }
    yield;
  }
  return codes;
}
