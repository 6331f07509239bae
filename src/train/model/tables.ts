import { TABLE_BYTES, TABLE_MEANS, TABLE_SQUARES, TABLE_VALUES, TABLE_WIDTH } from "../../../build/structs.ts";
import { PURPOSE } from "../random/uniforms.ts";
import type { Arena } from "../runtime/arena.ts";
import type { ModelKernels } from "./kernels.ts";
import { type ModelShape, type TableName, type TableShape, tableShapes } from "./shape.ts";

/** A table of parameters in an instance's memory, with the optimizer's state of each value. */
export interface Table extends TableShape {
  /** The address of the Table struct that the optimizers' kernels read. */
  readonly address: number;
  readonly values: number;
  /** Addresses of the optimizer's states, each f32 of the shape of the values. */
  readonly states: readonly number[];
  /** The address of the averages of the values, f32 of their shape, if they are averaged. */
  readonly average?: number;
}

export type Tables = Readonly<Partial<Record<TableName, Table>>> & {
  readonly classes: Table;
  readonly bias: Table;
  readonly features: Table;
};

/** Allocates tables of zeros with `stateCount` states each, and room for their averages if they are averaged. */
export function planTables(arena: Arena, shape: ModelShape, stateCount: number, isAveraged = false): Tables {
  const tables: Partial<Record<TableName, Table>> = {};
  for (const table of tableShapes(shape)) {
    const bytes = table.rows * table.width * 4;
    const values = arena.take(bytes);
    const states = Array.from({ length: stateCount }, () => arena.take(bytes));
    const [squares = 0, means = 0] = states.toReversed();
    const address = arena.struct(TABLE_BYTES, {
      [TABLE_VALUES]: values,
      [TABLE_MEANS]: means,
      [TABLE_SQUARES]: squares,
      [TABLE_WIDTH]: table.width,
    });
    tables[table.name] = { ...table, address, values, states, ...(isAveraged && { average: arena.take(bytes) }) };
    for (const address of [values, ...states]) arena.f32(address, bytes / 4).fill(0);
  }
  return tables as Tables;
}

/** Returns a view of the values of a table. */
export const valuesOf = (arena: Arena, { values, rows, width }: Table): Float32Array => arena.f32(values, rows * width);

/** Copies the vectors and the biases of the classes, which samplers are made of. */
export const classesOf = ({
  arena,
  tables,
}: {
  readonly arena: Arena;
  readonly tables: Tables;
}): [rows: Float32Array, biases: Float32Array] => [
  valuesOf(arena, tables.classes).slice(),
  valuesOf(arena, tables.bias).slice(),
];

/** Returns a view of the averages of a table, if it is averaged. */
export const averagesOf = (arena: Arena, { average, rows, width }: Table): Float32Array | undefined =>
  average === undefined ? undefined : arena.f32(average, rows * width);

/** Standard deviation of the initial vectors: small beside the biases, which start at the log of the classes' shares. */
const INITIAL_DEVIATION = 0.1;
/** The purposes of the random numbers that tables start with. */
const PURPOSES: Partial<Record<TableName, number>> = {
  classes: PURPOSE.classVectors,
  features: PURPOSE.featureVectors,
  "hidden.weight": PURPOSE.hiddenWeights,
  "gru.inputWeight": PURPOSE.inputWeights,
  "gru.inputBias": PURPOSE.inputBiases,
  "gru.stateWeight": PURPOSE.stateWeights,
  "gru.stateBias": PURPOSE.stateBiases,
  "projection.weight": PURPOSE.projectionWeights,
  "attention.positions": PURPOSE.positionVectors,
  "attention.inputWeight": PURPOSE.inputWeights,
  "attention.outputWeight": PURPOSE.outputWeights,
  "attention.innerWeight": PURPOSE.innerWeights,
  "attention.outerWeight": PURPOSE.outerWeights,
};

/**
 * Weights of gates are uniform within ± 1 / √units, as in PyTorch. All tables of a model with attention have the variance of
 * Glorot & Bengio 2010, 2 / (rows + width), taken for one block: vectors of many items begin small, because few sequences
 * teach those of rare ones.
 */
function deviationOf({ name, rows, width }: Table, { encoder, units = 1, blocks = 1 }: ModelShape): number {
  if (encoder === "attention") return Math.sqrt(2 / (width + (name.endsWith("Weight") ? rows / blocks : rows)));
  if (name.startsWith("gru.")) return 1 / Math.sqrt(3 * units);
  return name === "hidden.weight" || name === "projection.weight" ? 1 / Math.sqrt(width) : INITIAL_DEVIATION;
}

/**
 * Sets the values that a training starts with: random vectors, positions of 1, a random hidden layer with rows of length
 * about 1, and biases log((count + 1) / (total + classes)) with the `counts` of the positives. They are their own averages.
 */
export function initialise(
  kernels: ModelKernels,
  arena: Arena,
  shape: ModelShape,
  tables: Tables,
  counts: Uint32Array,
  seed: bigint,
): void {
  const words = arena.take(16);
  for (const table of Object.values(tables)) {
    const purpose = PURPOSES[table.name];
    if (purpose === undefined) continue;
    const deviation = deviationOf(table, shape);
    kernels.fillUniform(
      table.values,
      table.rows * table.width,
      deviation * Math.sqrt(3),
      BigInt.asUintN(64, seed),
      purpose,
      words,
    );
  }
  if (tables["attention.normWeight"]) valuesOf(arena, tables["attention.normWeight"]).fill(1);
  if (tables.positions) valuesOf(arena, tables.positions).fill(1);
  const total = counts.reduce((sum, count) => sum + count, counts.length);
  const bias = valuesOf(arena, tables.bias);
  for (let id = 0; id < bias.length; id++) bias[id] = kernels.log64(((counts[id] as number) + 1) / total);
  for (const table of Object.values(tables)) averagesOf(arena, table)?.set(valuesOf(arena, table));
}
