import { drawSeed } from "../random/draw-seed.ts";
import type { Arena } from "../runtime/arena.ts";
import type { SampledClasses, Sampler } from "../samplers/sampler.ts";
import { type Examples, idsOf } from "./examples.ts";
import type { ModelKernels } from "./kernels.ts";
import { placeLayer } from "./layer.ts";
import type { Optimizer } from "./optimizer.ts";
import type { QueryLayer } from "./query-layer.ts";
import { planSlots } from "./slots.ts";
import type { Tables } from "./tables.ts";

/** The sampled softmax: each query has its positives and `negatives` draws. */
export interface SampledLayer {
  /**
   * Returns the sum of the rows' losses. Writes the gradients of the mean loss with respect to the queries and updates the
   * classes that took part.
   */
  step(examples: Examples, rows: ArrayLike<number>, sampler: Sampler, seed: bigint, optimizer: Optimizer): number;
}

/** The most examples and positives of a batch. */
export interface SampledLimits {
  readonly batchSize: number;
  readonly positives: number;
}

export interface SampledOptions {
  readonly negatives: number;
  /**
   * The form of the loss (docs/method.md, section 7). In form B positives are not drawn and the denominator is
   * Σ_p e^(o_p) + (1/M) Σ_j e^(o_j − log Q⁻(j)). Where all classes are positives, its second sum is empty. In form A positives
   * may be drawn and o − log Q replaces every logit o.
   */
  readonly form: "A" | "B";
}

const NONE = new Int32Array(0);
const NO_DRAWS: SampledClasses = { ids: NONE, logQ: new Float64Array(0) };

export function planSampled(
  kernels: ModelKernels,
  arena: Arena,
  tables: Tables,
  { queries, gradients }: Pick<QueryLayer, "queries" | "gradients">,
  { negatives, form }: SampledOptions,
  { batchSize, positives }: SampledLimits,
): SampledLayer {
  const { classes, bias } = tables;
  const { rows: classCount, width: dim } = classes;
  const most = positives + batchSize * negatives;
  const longest = positives + negatives + 4;
  const { ids, shifts, place } = planDraws(kernels, arena, { negatives, form }, classCount, most);
  const [slots, scores] = [arena.take(longest * 4), arena.take(longest * 4)];
  const touched = planSlots(kernels, arena, [classes, bias], most);
  const [rowGradients, biasGradients] = touched.gradients as [number, number];
  const layer = placeLayer(arena, classes, bias);
  const query = new Float32Array(dim);

  return {
    step(examples, rows, sampler, seed, optimizer) {
      sampler.useBatch?.(Array.from(rows, (row) => [...idsOf(examples.positives, row)]).flat());
      // All draws come first, so that the sampler's tables and then the model's stay in the cache. It saves a tenth of the
      // time.
      const counts: number[] = [];
      for (let b = 0, at = 0; b < rows.length; b++) {
        query.set(arena.f32(queries + b * dim * 4, dim));
        const count = place(at, query, idsOf(examples.positives, rows[b] as number), sampler, drawSeed(seed, b));
        counts.push(count);
        at += count * 4;
      }
      let loss = 0;
      for (let b = 0, at = 0; b < rows.length; b++) {
        const [query, gradient, count] = [queries + b * dim * 4, gradients + b * dim * 4, counts[b] as number];
        const positiveCount = idsOf(examples.positives, rows[b] as number).length;
        kernels.scorePicked(layer, query, ids + at, count, scores);
        loss += kernels.sampledGradient(scores, shifts + at, count, positiveCount, 1 / rows.length);
        kernels.addPickedRows(gradient, scores, ids + at, count, classes.values, dim);
        touched.assign(ids + at, count, slots);
        kernels.addToRows(rowGradients, slots, scores, count, query, dim);
        kernels.addToValues(biasGradients, slots, scores, count);
        at += count * 4;
      }
      touched.step(optimizer);
      return loss;
    },
  };
}

/** The classes of each row of a batch, end to end, and the numbers that are subtracted from their scores. */
interface PlacedDraws {
  readonly ids: number;
  readonly shifts: number;
  /**
   * Writes the positives of a query and its draws at byte offset `at`, with the numbers that are subtracted from their scores:
   * in form A log Q, in form B nothing for positives and log Q + log M for draws. Returns the number of classes.
   */
  place(at: number, query: Float32Array, positives: Int32Array, sampler: Sampler, seed: bigint): number;
}

function planDraws(
  kernels: ModelKernels,
  arena: Arena,
  { negatives, form }: SampledOptions,
  classCount: number,
  most: number,
): PlacedDraws {
  const [ids, shifts] = [arena.take((most + 4) * 4), arena.take((most + 4) * 4)];
  const logNegatives = kernels.log64(negatives);
  return {
    ids,
    shifts,
    place(at, query, positives, sampler, seed) {
      const excluded = form === "B" ? positives : NONE;
      const draws = excluded.length < classCount ? negatives : 0;
      const drawn = draws > 0 ? sampler.draw(query, draws, excluded, seed) : NO_DRAWS;
      checkDraws(drawn, draws, classCount, sampler.name);
      const count = positives.length + draws;
      const [idView, shiftView] = [arena.i32(ids + at, count), arena.f32(shifts + at, count)];
      idView.set(positives);
      idView.set(drawn.ids, positives.length);
      if (form === "B") shiftView.fill(0, 0, positives.length);
      else shiftView.set(sampler.logQ(query, positives, NONE));
      const more = form === "B" ? logNegatives : 0;
      for (let k = 0; k < draws; k++) shiftView[positives.length + k] = (drawn.logQ[k] as number) + more;
      return count;
    },
  };
}

/** Checks the draws of a sampler, because their ids become addresses. */
export function checkDraws(drawn: SampledClasses, count: number, classCount: number, name: string): void {
  const { ids, logQ }: Partial<SampledClasses> = drawn ?? {}; // a sampler of another program may return nothing
  if (ids?.length !== count || logQ?.length !== count) {
    throw new RangeError(`"sampler" expected ${count} draws, got ${ids?.length ?? "none"} from ${name}`);
  }
  for (let k = 0; k < count; k++) {
    const id = ids[k] as number;
    if (id < 0 || id >= classCount) {
      throw new RangeError(`"sampler" expected ids in 0..${classCount - 1}, got ${id} from ${name}`);
    }
    if (!Number.isFinite(logQ[k]))
      throw new RangeError(`"sampler" expected a finite logQ, got ${logQ[k]} from ${name}`);
  }
}
