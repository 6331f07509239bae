import { sampleRows } from "../random/sample-rows.ts";
import { PURPOSE, uniforms } from "../random/uniforms.ts";
import type { RowSource } from "../rows/row-source.ts";
import type { Arena } from "../runtime/arena.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/**
 * Rows per codeword that seeding chooses among. On 100,000 × 64 real rows at K = 256, the values 8, 32, 128 and 512 lead to
 * errors within .5 % of each other, which is also the spread between seeds.
 */
const ROWS_PER_CODEWORD = 32;

/** Draws a position with probability ∝ weights · distances. Returns −1 where all products are 0. */
function drawPosition(weights: Float64Array, distances: Float32Array, uniform: number): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += (weights[i] as number) * (distances[i] as number);
  let target = uniform * total;
  let drawn = -1;
  for (let i = 0; i < weights.length; i++) {
    const mass = (weights[i] as number) * (distances[i] as number);
    if (!(mass > 0)) continue;
    drawn = i;
    target -= mass;
    if (target < 0) break;
  }
  return drawn;
}

/**
 * Weighted k-means++ (Arthur & Vassilvitskii 2007): each codeword is a row, drawn with probability ∝ weight · squared
 * distance to the codewords before it from an importance sample of about ROWS_PER_CODEWORD rows per codeword. Once every
 * row coincides with a codeword, the remaining codewords repeat the first. Without any row all codewords are zero.
 *
 * Returns f32 (codewordCount, dim).
 */
export async function seedCodewords(
  kernels: TrainKernels,
  arena: Arena,
  source: RowSource,
  weights: Float64Array,
  options: { codewordCount: number; seed: bigint; codebook: number; restart: number; yieldIfDue: YieldIfDue },
): Promise<Float32Array> {
  const { codewordCount, yieldIfDue, ...stream } = options;
  const { dim } = source;
  const sample = sampleRows(
    weights,
    ROWS_PER_CODEWORD * codewordCount,
    uniforms({ ...stream, purpose: PURPOSE.seedRows }),
  );
  const uniform = uniforms({ ...stream, purpose: PURPOSE.seedCodewords });
  const rowCount = sample.ids.length;
  const codebook = new Float32Array(codewordCount * dim);
  if (rowCount === 0) return codebook;
  const rowsPtr = arena.take(rowCount * dim * 4);
  const distancesPtr = arena.take(rowCount * 4);
  for (let i = 0; i < rowCount; i++) source.load(sample.ids[i] as number, 1, rowsPtr + i * dim * 4);
  // The first row is drawn by weight alone.
  arena.f32(distancesPtr, rowCount).fill(1);
  for (let k = 0; k < codewordCount; k++) {
    const distances = arena.f32(distancesPtr, rowCount);
    const position = drawPosition(sample.weights, distances, uniform(k));
    if (position < 0) {
      codebook.set(codebook.subarray(0, dim), k * dim);
      continue;
    }
    const centerPtr = rowsPtr + position * dim * 4;
    codebook.set(arena.f32(centerPtr, dim), k * dim);
    if (k === 0) distances.fill(Infinity);
    kernels.minDistances(rowsPtr, centerPtr, rowCount, dim, distancesPtr);
    await yieldIfDue();
  }
  return codebook;
}
