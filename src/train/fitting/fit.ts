import { unitRows } from "../../format/unit-rows.ts";
import type { Codes } from "../codes/encode.ts";
import type { PassTools } from "../kmeans/parallel-pass.ts";
import type { Quantizer } from "../kmeans/quantizer.ts";
import type { RowTable } from "../rows/row-table.ts";
import type { WeightedRows } from "../rows/training-rows.ts";
import type { Workspace } from "../rows/workspace.ts";
import { startArena } from "../runtime/arena.ts";
import { runAsync, startYielding } from "../runtime/event-loop.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import type { WorkerPool } from "../runtime/worker-pool.ts";
import { clusteringByMass, clusteringInMetric, longerClustering } from "./clustering-steps.ts";
import type { Finish } from "./finished-buckets.ts";
import type { FitReport, FitStep, ProposalDistance } from "./fit-options.ts";
import { metricOf } from "./metric.ts";
import { groupQueries } from "./query-groups.ts";
import { type FitTools, placeClasses } from "./resident-classes.ts";
import { splitQueries } from "./split-queries.ts";
import { type FitState, movingAndTraining, reassigning, type Step, type StepContext, training } from "./steps.ts";
import { proposalDistance, validate } from "./validation.ts";

/** The input of a fit. */
export interface FitInput {
  /** The rows, which have unit length with "cosine". */
  readonly table: RowTable;
  readonly bias: Float32Array | undefined;
  readonly metric: "dot" | "cosine";
  readonly quantizer: Quantizer;
  readonly codes: Codes;
  readonly training: WeightedRows;
  /** The origin of the codebooks. Codewords of an older index have to keep their numbers. */
  readonly origin: "k-means" | "older index";
  /** f32 (n, D), n at least 2. */
  readonly queries: Float32Array;
  readonly scan: number;
  readonly seed: bigint;
  /** The outliers and tilts that the index will have. */
  readonly finish: Finish;
}

export interface FitRun {
  readonly signal: AbortSignal | undefined;
  readonly pool: WorkerPool<PassTools> | undefined;
  readonly workspace: Workspace;
  /** Called with the number of steps that are done, out of at most `total`. */
  readonly onProgress: (done: number, total: number) => void;
}

export interface Fitted {
  readonly quantizer: Quantizer;
  readonly codes: Codes;
  readonly report: FitReport;
}

/** Most rounds of moving classes and training codewords. */
const MOST_ROUNDS = 6;

/**
 * Brings the proposal closer to the softmax of the queries. It tries one step after another, each from the last state that
 * was kept. A step is kept if it lowers the 90th percentile of χ²(P‖Q) of the finished index over the held-out queries, with
 * the head of `scan` classes. It uses the instance's memory and holds all rows in it.
 */
export async function fitWith(kernels: TrainKernels, input: FitInput, run: FitRun): Promise<Fitted> {
  const { table, bias, scan, seed, origin, finish } = input;
  const yieldIfDue = startYielding(run.signal);
  const tools = await placeTable(kernels, table, bias);
  const queries = input.metric === "cosine" ? atUnitLength(input.queries, table.dim) : input.queries;
  const split = splitQueries(queries, table.dim, table.itemCount, seed);
  const fitted = await runAsync(groupQueries(tools, split.fitted), yieldIfDue);
  const heldOut = await runAsync(groupQueries(tools, split.heldOut), yieldIfDue);
  const metric = await runAsync(metricOf(input.quantizer, split.fitted), yieldIfDue);
  const context: StepContext = {
    tools,
    fitted,
    metric,
    scan,
    seed,
    yieldIfDue,
    signal: run.signal,
    pool: run.pool,
    trainingRows: (rowCount, dim) => run.workspace.trainingRows(rowCount, dim),
  };
  const distanceOf = async ({ quantizer, codes }: FitState, budget: number): Promise<ProposalDistance> =>
    proposalDistance(await runAsync(validate(tools, heldOut, quantizer, codes, budget, finish), yieldIfDue));

  let state: FitState = input;
  let best = await distanceOf(state, scan);
  const before = { withScan: best, plain: scan > 0 ? await distanceOf(state, 0) : best };
  const steps: FitStep[] = [];
  const plan = planOf(origin);
  for (const step of plan) {
    run.onProgress(steps.length, plan.length);
    const candidate = await step.apply(context, state);
    const after = await distanceOf(candidate, scan);
    const isBetter = after.chiSquareP90 < best.chiSquareP90;
    steps.push({ name: step.name, before: best, after, verdict: isBetter ? "kept" : "not kept" });
    if (isBetter) [state, best] = [candidate, after];
    else if (step === movingAndTraining) break;
  }
  run.onProgress(plan.length, plan.length);
  return {
    quantizer: state.quantizer,
    codes: state.codes,
    report: {
      scan,
      fittedQueries: split.fitted.length / table.dim,
      heldOutQueries: split.heldOut.length / table.dim,
      steps,
      before,
      after: { withScan: best, plain: scan > 0 ? await distanceOf(state, 0) : best },
    },
  };
}

/** Codebooks of an older index are only moved. k-means would renumber their codewords. */
function planOf(origin: FitInput["origin"]): readonly Step[] {
  return [
    ...(origin === "k-means" ? [longerClustering, clusteringByMass, clusteringInMetric] : []),
    ...[reassigning, training],
    ...Array.from({ length: MOST_ROUNDS }, () => movingAndTraining),
  ];
}

async function placeTable(kernels: TrainKernels, table: RowTable, bias: Float32Array | undefined): Promise<FitTools> {
  const { itemCount, dim } = table;
  const arena = startArena(kernels);
  const classes = placeClasses(arena, itemCount, dim, bias);
  let at = classes.rowsPtr;
  for await (const chunk of table.chunks()) {
    arena.f32(at, chunk.length).set(chunk);
    at += chunk.byteLength;
  }
  return { kernels, arena, classes };
}

const atUnitLength = (queries: Float32Array, dim: number): Float32Array =>
  unitRows(queries, dim, new Float32Array(queries.length));
