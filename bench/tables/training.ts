import { checksumBy } from "../../src/train/model/checksum.ts";
import { rowCount } from "../../src/train/model/examples.ts";
import { type Metrics, metricsAt } from "../../src/train/model/metrics.ts";
import type { Model } from "../../src/train/model/model.ts";
import { readCheckpoint } from "../../src/train/model/read-checkpoint.ts";
import { trainWith } from "../../src/train/model/train.ts";
import { modelKernels } from "../library.ts";
import { type Proposal, samplerFactory, samplingOf } from "./proposals.ts";
import type { Measure, Measured, SetName, TableSet } from "./sets.ts";

/** One training run of the comparison. */
export interface Run {
  readonly set: SetName;
  readonly proposal: Proposal;
  /** M; 0 for the softmax over all classes. */
  readonly draws: number;
  readonly rate: number;
  readonly seed: number;
  readonly epochs: number;
}

/** The results after an epoch. */
export interface Passed {
  /** The CPU seconds of the training so far, with samplers and their refreshes, without the measurements. */
  readonly seconds: number;
  /** The set's measure on the validation part. */
  readonly valid: number;
  /** The test results: each measure's name and value. */
  readonly test: Readonly<Record<string, number>>;
}

export interface Trained extends Run {
  readonly epochsPassed: readonly Passed[];
}

const DIM = 32;
const BATCH = 64;
/** The number of refreshes of a sampler in an epoch. Their cost is part of the times. */
const REFRESHES = 4;

/** Trains, and measures after every epoch, on one thread, whose CPU time is the time reported. */
export async function trainRun(set: TableSet, run: Run): Promise<Trained> {
  const sampling = samplingOf(run.proposal, run.draws);
  const { epochs, rate, seed } = run;
  const epochsPassed: Passed[] = [];
  let seconds = 0;
  let since = process.threadCpuUsage();
  await trainWith(modelKernels(), set.train, {
    dim: DIM,
    batchSize: BATCH,
    epochs,
    learningRate: rate,
    seed,
    ...(sampling && {
      form: set.form,
      negatives: sampling.draws,
      sampler: samplerFactory(sampling, set.train),
      refreshEvery: Math.ceil(rowCount(set.train.positives) / BATCH / REFRESHES),
    }),
    onEpoch(_, checkpoint) {
      const { user, system } = process.threadCpuUsage(since);
      seconds += (user + system) / 1e6;
      const model = readCheckpoint(checkpoint(), checksumBy(modelKernels()));
      const valid = valuesOf(model, set.valid, set.ks)[set.measure] as number;
      epochsPassed.push({ seconds: rounded(seconds), valid: rounded(valid), test: valuesOf(model, set.test, set.ks) });
      since = process.threadCpuUsage();
    },
  });
  return { ...run, epochsPassed };
}

/** Returns the values of every measure that a table may show. */
function valuesOf(
  model: Model,
  { examples, rows, passedOver }: Measured,
  ks: readonly number[],
): Record<Measure | string, number> {
  const metrics = metricsAt(modelKernels(), model, examples, rows, ks, passedOver);
  return {
    perplexity: rounded((metrics[0] as Metrics).perplexity),
    ...Object.fromEntries(
      metrics.flatMap(({ k, ndcg, recall, precision }) => [
        [`NDCG@${k}`, rounded(ndcg)],
        [`Recall@${k}`, rounded(recall)],
        [`P@${k}`, rounded(precision)],
      ]),
    ),
  };
}

/** Rounds to five digits. More would only fill the file. */
const rounded = (value: number): number => Number(value.toPrecision(5));
