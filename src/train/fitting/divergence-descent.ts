import type { Codes } from "../codes/encode.ts";
import type { Quantizer } from "../kmeans/quantizer.ts";
import { shuffled } from "../random/shuffled.ts";
import { PURPOSE, uniforms } from "../random/uniforms.ts";
import type { Interruptible } from "../runtime/event-loop.ts";
import { startAdam } from "./adam.ts";
import { type CodewordMasses, codewordMasses } from "./codeword-masses.ts";
import { planGradients } from "./divergence-gradient.ts";
import type { QueryGroup } from "./query-groups.ts";
import { placeBuckets } from "./resident-buckets.ts";
import type { FitTools } from "./resident-classes.ts";

export interface DescentOptions {
  /** Classes of the exact head in front of the proposal. 0 means no head. */
  readonly scan: number;
  /** Passes over the queries. */
  readonly epochs: number;
  readonly seed: bigint;
}

/**
 * The learning rate of the first step, relative to the root mean square of a codebook's values. It falls linearly to 0. .02
 * and .05 give equally good codebooks.
 */
const RATE = 0.02;

/**
 * Moves codewords with Adam towards a small KL(P‖Q) over the queries. The codes of the classes stay. Each step uses one
 * group of queries. It takes O(N · dim) per query once and O(K · dim + buckets) per query and epoch. A head adds O(scan ·
 * dim).
 */
export function* descend(
  tools: FitTools,
  groups: readonly QueryGroup[],
  quantizer: Quantizer,
  codes: Codes,
  { scan, epochs, seed }: DescentOptions,
): Interruptible<Quantizer> {
  const { kernels, classes } = tools;
  const { codewordCount } = quantizer;
  const nested = { ...tools, arena: tools.arena.nest() };
  const buckets = placeBuckets(kernels, nested.arena, classes, codewordCount, codes);
  const masses: CodewordMasses[] = [];
  for (const group of groups) masses.push(yield* codewordMasses(nested, buckets, group));
  const gradientsOf = planGradients(nested, buckets, scan);
  const learned = { ...quantizer, codebook1: quantizer.codebook1.slice(), codebook2: quantizer.codebook2.slice() };
  const [adam1, adam2] = [startAdam(learned.codebook1), startAdam(learned.codebook2)];
  const rate1 = RATE * rootMeanSquare(quantizer.codebook1);
  const rate2 = RATE * rootMeanSquare(quantizer.codebook2);
  const stepCount = epochs * groups.length;
  let done = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const uniform = uniforms({ seed, purpose: PURPOSE.fitOrder, codebook: 0, restart: epoch });
    for (const g of shuffled(groups.length, uniform)) {
      const group = groups[g] as QueryGroup;
      const { gradient1, gradient2 } = gradientsOf(learned, group, masses[g] as CodewordMasses);
      const left = 1 - done++ / stepCount;
      adam1.step(gradient1, rate1 * left);
      adam2.step(gradient2, rate2 * left);
      yield;
    }
  }
  return learned;
}

function rootMeanSquare(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return values.length > 0 ? Math.sqrt(sum / values.length) : 0;
}
