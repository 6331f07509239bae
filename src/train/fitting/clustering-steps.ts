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

// Steps that do k-means again, otherwise than the build did.

/** A build ends k-means where it has gone far enough for the time it takes; a fit takes more. */
const SMALLEST_GAIN = 1e-4;
const MOST_UPDATES = 50;

/** From where the build left it. */
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

/** Rows weigh the square root of what the softmax of the queries gives them, in place of their counts'. */
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

/** Residuals count by what they do to the logits of the queries. */
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
    ...{ kind, bits: 31 - Math.clz32(codewordCount), seed, smallestGain: SMALLEST_GAIN, maxIterations: MOST_UPDATES },
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
  const bring = planIntoMetric(tools.kernels, arena, metric, quantizer);
  const given = rows.columns(arena, 0, dim);
  const blockPtr = arena.take(BLOCK_ROWS * dim * 4);
  const brought = trainingRows(rowCount, dim);
  for (let first = 0; first < rowCount; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rowCount - first);
    given.load(first, count, blockPtr);
    bring(blockPtr, count, blockPtr);
    brought.add(arena.f32(blockPtr, count * dim));
    await yieldIfDue();
  }
  return { rows: brought, weights };
}
