import { type Quantizer, trainQuantizer } from "../kmeans/quantizer.ts";
import { BLOCK_ROWS } from "../rows/row-source.ts";
import type { WeightedRows } from "../rows/training-rows.ts";
import { drawTrainingSample, expectedSampleRows } from "../rows/training-sample.ts";
import { runAsync } from "../runtime/event-loop.ts";
import { meanMasses } from "./class-masses.ts";
import { codebooksOutOf } from "./metric.ts";
import { nearestCodes, reassign } from "./reassign.ts";
import { planIntoMetric } from "./rows-in-metric.ts";
import type { Step, StepContext } from "./steps.ts";

// Steps that run k-means again in another way than the build did.

/** A build stops k-means early to save time. A fit may take longer. */
const SMALLEST_GAIN = 1e-4;
const MOST_UPDATES = 50;

/** Continues the k-means of the build. */
export const longerClustering: Step = {
  name: "longer k-means",
  async apply(context, { quantizer, training }) {
    const longer = await cluster(context, quantizer, training, quantizer);
    return {
      quantizer: longer,
      codes: await runAsync(nearestCodes(context.tools, longer), context.yieldIfDue),
      training,
    };
  },
};

/** Weighs rows by the square root of their softmax mass over the queries, in place of their counts. */
export const clusteringByMass: Step = {
  name: "k-means by softmax mass",
  async apply(context, { quantizer }) {
    const training = await rowsByMass(context, quantizer.codewordCount);
    const other = await cluster(context, quantizer, training);
    return {
      quantizer: other,
      codes: await runAsync(nearestCodes(context.tools, other), context.yieldIfDue),
      training,
    };
  },
};

/** Measures residuals by their effect on the logits of the queries. */
export const clusteringInMetric: Step = {
  name: "k-means in the queries' metric",
  async apply(context, { quantizer, codes, training }) {
    const { tools, metric, yieldIfDue } = context;
    const inMetric = await cluster(context, quantizer, await intoMetric(context, quantizer, training));
    const other = codebooksOutOf(metric, inMetric);
    return { quantizer: other, codes: await runAsync(reassign(tools, metric, other, codes), yieldIfDue), training };
  },
};

function cluster(
  { tools, seed, signal, pool }: StepContext,
  { kind, codewordCount }: Quantizer,
  { rows, weights }: WeightedRows,
  start?: Quantizer,
): Promise<Quantizer> {
  return trainQuantizer(tools.kernels, rows, weights, {
    kind,
    bits: 31 - Math.clz32(codewordCount),
    seed,
    smallestGain: SMALLEST_GAIN,
    maxIterations: MOST_UPDATES,
    ...(start && { start }),
    ...(signal && { signal }),
    ...(pool && { pool }),
    arena: tools.arena,
  });
}

async function rowsByMass(
  { tools, fitted, seed, yieldIfDue, trainingRows }: StepContext,
  codewordCount: number,
): Promise<WeightedRows> {
  const { arena, classes } = tools;
  const { itemCount, dim, rowsPtr } = classes;
  const masses = await runAsync(meanMasses(tools, fitted), yieldIfDue);
  const expected = expectedSampleRows(31 - Math.clz32(codewordCount));
  const { ids, weights } = drawTrainingSample(itemCount, masses.map(Math.sqrt), expected, seed);
  const rows = trainingRows(ids.length, dim);
  for (const id of ids) rows.add(arena.f32(rowsPtr + id * dim * 4, dim));
  return { rows, weights };
}

async function intoMetric(
  { tools, metric, yieldIfDue, trainingRows }: StepContext,
  quantizer: Quantizer,
  { rows, weights }: WeightedRows,
): Promise<WeightedRows> {
  const { rowCount, dim } = rows;
  const arena = tools.arena.nest();
  const mapIntoMetric = planIntoMetric(tools.kernels, arena, metric, quantizer);
  const source = rows.columns(arena, 0, dim);
  const blockPtr = arena.take(BLOCK_ROWS * dim * 4);
  const mapped = trainingRows(rowCount, dim);
  for (let first = 0; first < rowCount; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rowCount - first);
    source.load(first, count, blockPtr);
    mapIntoMetric(blockPtr, count, blockPtr);
    mapped.add(arena.f32(blockPtr, count * dim));
    await yieldIfDue();
  }
  return { rows: mapped, weights };
}
