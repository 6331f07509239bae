import { instantiateQuery, type Modules } from "../../memory/kernels.ts";
import { PURPOSE, uniforms } from "../random/uniforms.ts";
import { type RowTable, unitTable } from "../rows/row-table.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import { type Directions, directionsOf, drawBags } from "./bags.ts";
import { discriminate } from "./discriminants.ts";
import { scaleToEntropies } from "./entropy-scale.ts";
import type { RowPool } from "./query-pools.ts";
import { weightsOf } from "./row-weights.ts";

export interface StandInTools {
  /** Searches all rows. */
  readonly pool: RowPool;
  readonly modules: Pick<Modules, "query">;
}

/** The classes for whose queries the stand-ins are made. */
export interface StandInClasses {
  readonly table: RowTable;
  readonly metric: "dot" | "cosine";
  readonly bias: ArrayLike<number> | undefined;
}

export interface StandIns {
  /** f32 (n, D). */
  readonly queries: Float32Array;
  /** The direction of the mean row that the queries are without, at unit length, or zero. */
  readonly mean: Float32Array;
  /** f32 (n, D): rows that were drawn for the queries, one for each. With "cosine" they have unit length. */
  readonly rows: Float32Array;
}

/** How many stand-ins are made, from which random numbers. */
interface StandInSampling {
  readonly count: number;
  readonly seed: bigint;
}

/**
 * Makes `count` queries that behave like those of a model, from the rows of its softmax alone. A query is the mean of
 * BAG_ROWS rows, drawn by e^(bias / 2), less the mean of all rows weighted in the same way. It is scaled to a random entropy of
 * its softmax (entropy-scale.ts).
 *
 * The queries are a function of the arguments. The table is read three times. Beside the result it takes memory for `count`
 * times SAMPLE_ROWS scores.
 */
export const standInQueries = (
  tools: StandInTools,
  classes: StandInClasses,
  sampling: StandInSampling,
  yieldIfDue: YieldIfDue,
): Promise<StandIns> => makeQueries(tools, classes, sampling, async () => {}, yieldIfDue);

/**
 * Makes `count` queries, f32 (n, D), that tell the rows of a stand-in from all others: the directions of the first stand-ins are
 * turned to where the rows differ little (discriminants.ts). They are scaled as stand-ins are. The table is read four times.
 */
export async function discriminantQueries(
  tools: StandInTools,
  classes: StandInClasses,
  sampling: StandInSampling,
  yieldIfDue: YieldIfDue,
): Promise<Float32Array> {
  const turn = ({ queries }: Directions, rows: RowTable) => discriminate(queries, rows, yieldIfDue);
  return (await makeQueries(tools, classes, sampling, turn, yieldIfDue)).queries;
}

async function makeQueries(
  { pool, modules: { query } }: StandInTools,
  { table, metric, bias }: StandInClasses,
  { count, seed }: StandInSampling,
  turn: (directions: Directions, rows: RowTable) => Promise<void>,
  yieldIfDue: YieldIfDue,
): Promise<StandIns> {
  const { itemCount, dim } = table;
  if (itemCount === 0) {
    return { queries: new Float32Array(0), mean: new Float32Array(dim), rows: new Float32Array(0) };
  }
  const logarithms = instantiateQuery(query);
  const uniform = uniforms({ seed, purpose: PURPOSE.standIns, codebook: 1, restart: 0 });
  const rows = metric === "cosine" ? unitTable(table) : table;
  const weights = weightsOf(logarithms, itemCount, bias);
  const directions = await directionsOf(rows, weights, drawBags(weights, count, seed));
  await turn(directions, rows);
  const scaled = { queries: directions.queries, uniform };
  await scaleToEntropies({ pool, query, logarithms }, { rows, weights, metric, bias }, scaled, yieldIfDue);
  return directions;
}
