import type { Checkpoint } from "../model/checkpoint.ts";
import { occurrences } from "../model/examples.ts";
import type { ModelKernels } from "../model/kernels.ts";
import { createOptimizer, OPTIMIZER_STATES } from "../model/optimizer.ts";
import { restore, type TrainedTables } from "../model/run.ts";
import { encoderTables, type ModelShape } from "../model/shape.ts";
import { initialise, planTables, type Table } from "../model/tables.ts";
import { drawSeed } from "../random/draw-seed.ts";
import { type Arena, startArena } from "../runtime/arena.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { planAveraging } from "./averaging.ts";
import { type EncoderLayer, itemsOf } from "./encoder-layer.ts";
import { planFullLoss } from "./full-loss.ts";
import { clip, planDense, planTouched, type RowGradients } from "./gradients.ts";
import type { SequenceLoss } from "./loss.ts";
import { pack } from "./packed.ts";
import { planEncoder } from "./plan-encoder.ts";
import { planSampledLoss } from "./sampled-loss.ts";
import { rateShare } from "./schedule.ts";
import type { Sequences } from "./sequences.ts";
import type { SequenceSettings } from "./settings.ts";
import type { Batch, BatchLimits } from "./windows.ts";

/** A training in an instance's memory. It owns all memory above `heapBase()`. */
export interface SequenceRun extends TrainedTables<SequenceSettings> {
  readonly kernels: ModelKernels;
  /** Learns from a batch and returns the sum of the losses of its positions. `number` is that of the step. */
  step(batch: Batch, number: number, sampler: Sampler | undefined): number;
  /** Sets the states that are carried over to 0. */
  reset(): void;
  /** Returns the queries, f32 (n, dim), of at most `limit` positions of a batch, evenly spaced, by the current tables. */
  queriesOf(batch: Batch, limit: number): Float32Array;
}

export interface RunInput {
  readonly sequences: Sequences;
  readonly shape: ModelShape;
  readonly settings: SequenceSettings;
  readonly isSampled: boolean;
  readonly limits: BatchLimits;
  /** The steps of an epoch. */
  readonly stepsOfEpoch: number;
  readonly resumed: Checkpoint | undefined;
}

export function planSequenceRun(kernels: ModelKernels, input: RunInput): SequenceRun {
  const { sequences, shape, settings, isSampled, limits, stepsOfEpoch, resumed } = input;
  const { carry, seed, averaging, sharedBy } = settings;
  // A step has a set of draws for each window at most, or for each position.
  const [mostSets, seeds] =
    sharedBy === 0 ? [limits.positions, limits.positions] : [limits.windows, settings.batchSize];
  const arena = startArena(kernels);
  const tables = planTables(arena, shape, OPTIMIZER_STATES[settings.optimizer].length, averaging);
  if (resumed) restore(arena, tables, settings, resumed);
  else initialise(kernels, arena, shape, tables, occurrences(sequences.ids, shape.classCount), seed);
  const optimizer = createOptimizer(kernels, arena, settings, resumed?.training.steps ?? 0);
  const weights = encoderTables(shape).map(({ name }) => tables[name] as Table);
  const ofWeights = new Map(weights.map((table) => [table, planDense(arena, [table])]));
  const gradientOf = (table: Table): number => ofWeights.get(table)?.gradients[0] as number;
  const encoder = planEncoder(kernels, arena, shape, tables, limits, { dropout: settings.dropout, seed, gradientOf });
  const { ofClasses, ofItems, learn } = planClasses();
  const all = [...new Set([ofClasses, ofItems, ...ofWeights.values()])];
  const itemPlaces = arena.take(limits.positions * 4);
  const average = planAveraging(arena, tables, stepsOfEpoch);
  encoder.reset();

  function planClasses(): { ofClasses: RowGradients; ofItems: RowGradients; learn: SequenceLoss } {
    const most = limits.positions * 2 + mostSets * settings.negatives;
    const own = [tables.classes, tables.bias];
    const ofClasses = isSampled ? planTouched(kernels, arena, own, most) : planDense(arena, own);
    const isTied = itemsOf(tables) === tables.classes;
    const ofItems = isTied ? ofClasses : planTouched(kernels, arena, [tables.features], limits.positions);
    const parts = { kernels, arena, tables, encoder, rowGradients: ofClasses };
    const learn = isSampled ? planSampledLoss(parts, settings, { ...limits, ...settings }) : planFullLoss(parts);
    return { ofClasses, ofItems, learn };
  }

  const addItems = (count: number): void => {
    ofItems.assign(encoder.itemIds, count, itemPlaces);
    kernels.scatterRows(ofItems.gradients[0] as number, itemPlaces, count, shape.dim, encoder.itemGradients);
  };

  return {
    kernels,
    arena,
    shape,
    settings,
    tables,
    reset: encoder.reset,
    queriesOf: (batch, limit) => spacedQueries(arena, encoder, sequences, batch, limit, shape.dim),
    step(batch, number, sampler) {
      const packed = pack(sequences, batch);
      optimizer.begin(rateShare({ ...settings, steps: settings.epochs * stepsOfEpoch }, number));
      encoder.forward(packed, number);
      const loss = learn(packed, sampler, drawSeed(seed, number * seeds));
      if (carry) encoder.carry(packed);
      encoder.backward(packed, number);
      addItems(packed.inputs.length);
      clip(kernels, all, settings.clip);
      for (const gradients of all) gradients.step(optimizer);
      average?.(number);
      return loss;
    },
  };
}

function spacedQueries(
  arena: Arena,
  encoder: EncoderLayer,
  sequences: Sequences,
  batch: Batch,
  limit: number,
  dim: number,
): Float32Array {
  const packed = pack(sequences, batch);
  encoder.forward(packed);
  const { length } = packed.inputs;
  const count = Math.min(limit, length);
  const queries = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    const at = Math.floor((i * length) / count);
    queries.set(arena.f32(encoder.queries + at * dim * 4, dim), i * dim);
  }
  return queries;
}
