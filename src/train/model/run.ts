import { drawSeed } from "../random/draw-seed.ts";
import { type Arena, startArena } from "../runtime/arena.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { averageOf, type Checkpoint, latestOf, type TrainingState } from "./checkpoint.ts";
import { type Examples, longestRow, mostIds, occurrences } from "./examples.ts";
import { planFull } from "./full-layer.ts";
import type { ModelKernels } from "./kernels.ts";
import type { Model } from "./model.ts";
import { createOptimizer, OPTIMIZER_STATES, type Optimizer, type OptimizerName } from "./optimizer.ts";
import { planQueries } from "./query-layer.ts";
import { planSampled } from "./sampled-layer.ts";
import type { ModelShape, TableName } from "./shape.ts";
import { averagesOf, initialise, planTables, type Table, type Tables, valuesOf } from "./tables.ts";
import type { Settings, TrainOptions } from "./train-options.ts";

/** The tables of a training in an instance's memory. */
export interface TrainedTables<Chosen extends { readonly optimizer: OptimizerName; readonly learningRate: number }> {
  readonly arena: Arena;
  readonly shape: ModelShape;
  readonly settings: Chosen;
  readonly tables: Tables;
}

/** A training in an instance's memory. It owns all memory above `heapBase()`. */
export interface Run extends TrainedTables<Settings> {
  readonly kernels: ModelKernels;
  readonly optimizer: Optimizer;
  /** Learns from a batch and returns the sum of its losses. `draw` is the number of its first query. */
  readonly step: (rows: Uint32Array, draw: number, sampler: Sampler | undefined) => number;
  /** Returns the queries, f32 (n, dim), of the examples at `rows`, by the current tables. */
  readonly queriesOf: (rows: Uint32Array) => Float32Array;
}

export function planRun(
  kernels: ModelKernels,
  examples: Examples,
  shape: ModelShape,
  settings: Settings,
  options: TrainOptions,
  resumed: Checkpoint | undefined,
): Run {
  const { batchSize, seed } = settings;
  const arena = startArena(kernels);
  const tables = planTables(arena, shape, OPTIMIZER_STATES[settings.optimizer].length);
  if (resumed) restore(arena, tables, settings, resumed);
  else initialise(kernels, arena, shape, tables, occurrences(examples.positives.ids, shape.classCount), seed);
  const optimizer = createOptimizer(kernels, arena, settings, resumed?.training.steps ?? 0);
  const limits = { batchSize, features: mostIds(examples.features, batchSize) };
  const queries = planQueries(kernels, arena, tables, shape.hidden, limits);
  const learn = options.sampler
    ? planSampledStep()
    : planFull(kernels, arena, tables, queries, batchSize, longestRow(examples.positives)).step;

  function planSampledStep() {
    const most = { batchSize, positives: mostIds(examples.positives, batchSize) };
    const layer = planSampled(kernels, arena, tables, queries, settings, most);
    return (source: Examples, rows: Uint32Array, by: Optimizer, draw: number, sampler: Sampler | undefined): number =>
      layer.step(source, rows, sampler as Sampler, drawSeed(seed, draw), by);
  }

  return {
    kernels,
    arena,
    shape,
    settings,
    tables,
    optimizer,
    queriesOf(rows) {
      const all = new Float32Array(rows.length * shape.dim);
      for (let first = 0; first < rows.length; first += batchSize) {
        const some = rows.subarray(first, first + batchSize);
        queries.forward(examples, some);
        all.set(arena.f32(queries.queries, some.length * shape.dim), first * shape.dim);
      }
      return all;
    },
    step(rows, draw, sampler) {
      optimizer.begin();
      queries.forward(examples, rows);
      const loss = learn(examples, rows, optimizer, draw, sampler);
      queries.backward(optimizer);
      return loss;
    },
  };
}

type AnyTables = TrainedTables<Pick<Settings, "optimizer" | "learningRate">>;

/** Copies the model of a training: the averages of its tables if they are averaged, otherwise their values. */
export function modelOf({ arena, shape, tables }: Omit<AnyTables, "settings">): Model {
  const copies: Partial<Record<TableName, Float32Array<ArrayBuffer>>> = {};
  for (const table of Object.values(tables)) {
    copies[table.name] = Float32Array.from(averagesOf(arena, table) ?? valuesOf(arena, table));
  }
  return { shape, tables: copies };
}

/** Makes a checkpoint to resume from. `best` is the model to keep, if that is not the current one. */
export function checkpointOf(run: AnyTables, training: TrainingState, best?: Model): Checkpoint {
  const { arena, tables, settings } = run;
  const states: Record<string, Float32Array<ArrayBuffer>> = {};
  const keep = (nameOf: (table: TableName) => string, valuesAt: (table: Table) => Float32Array): void => {
    for (const table of Object.values(tables)) states[nameOf(table.name)] = Float32Array.from(valuesAt(table));
  };
  for (const [s, state] of OPTIMIZER_STATES[settings.optimizer].entries()) {
    keep(
      (name) => `${state}.${name}`,
      ({ states, rows, width }) => arena.f32(states[s] as number, rows * width),
    );
  }
  const isAveraged = tables.classes.average !== undefined;
  if (best && isAveraged) keep(averageOf, (table) => averagesOf(arena, table) as Float32Array);
  if (best || isAveraged) keep(latestOf, (table) => valuesOf(arena, table));
  return { ...(best ?? modelOf(run)), training, states };
}

/** Copies the tables of a checkpoint, their averages and the states of its optimizer. */
export function restore(
  arena: Arena,
  tables: Tables,
  { optimizer }: Pick<Settings, "optimizer">,
  { tables: values, states }: Checkpoint,
): void {
  for (const table of Object.values(tables)) {
    const ofModel = values[table.name] as Float32Array;
    valuesOf(arena, table).set(states[latestOf(table.name)] ?? ofModel);
    averagesOf(arena, table)?.set(states[averageOf(table.name)] ?? ofModel);
    for (const [s, state] of OPTIMIZER_STATES[optimizer].entries()) {
      const kept = states[`${state}.${table.name}`] as Float32Array; // readCheckpoint has checked that it is there
      arena.f32(table.states[s] as number, table.rows * table.width).set(kept);
    }
  }
}
