// The library from its sources, with the kernel modules in build/: everything that benchmarks need beyond the public
// names.
import { readFileSync } from "node:fs";
import { batchesWith } from "../src/batch/batches.ts";
import { SequenceEncoder } from "../src/encoder/sequence-encoder.ts";
import { describe } from "../src/index/describe.ts";
import { MultiIndex } from "../src/index/multi-index.ts";
import { checksumWith } from "../src/memory/checksum.ts";
import { instantiateQuery } from "../src/memory/kernels.ts";
import { type LoadOptions, limitsOf } from "../src/memory/load-options.ts";
import { type OpenedIndex, openIndex } from "../src/memory/opened-index.ts";
import { buildWith } from "../src/train/build/build.ts";
import type { BuildOptions } from "../src/train/build/build-options.ts";
import type { InternalBuildOptions } from "../src/train/build/build-plan.ts";
import { calibrationOptions, DEFAULT_EFFORT } from "../src/train/build/calibration-options.ts";
import { recallOptions } from "../src/train/build/recall-options.ts";
import { readWarmStart } from "../src/train/build/warm-start.ts";
import { addCalibration } from "../src/train/calibration/add-calibration.ts";
import { drawnBy } from "../src/train/calibration/drawn-queries.ts";
import type { Codes } from "../src/train/codes/encode.ts";
import { type MeasureOptions, measureWith, type Quality } from "../src/train/evaluation/measure.ts";
import type { Quantizer } from "../src/train/kmeans/quantizer.ts";
import { instantiateModelKernels, type ModelKernels } from "../src/train/model/kernels.ts";
import { addRecallCurves } from "../src/train/recall/recall-curves.ts";
import type { Matrix } from "../src/train/rows/matrix.ts";
import { tableOf } from "../src/train/rows/row-table.ts";
import { instantiateTrainKernels, type TrainKernels } from "../src/train/runtime/kernels.ts";
import type { SamplerTools } from "../src/train/samplers/tools.ts";
import { onThisThread } from "../src/train/stand-ins/query-pools.ts";

const compile = (name: string): Promise<WebAssembly.Module> =>
  WebAssembly.compile(readFileSync(new URL(`../build/${name}.wasm`, import.meta.url)));

export const modules = {
  query: await compile("query"),
  exact: await compile("exact"),
  scan: await compile("scan-relaxed"),
  batch: await compile("batch"),
};
/** The modules without relaxed SIMD. */
export const baseModules = { ...modules, scan: await compile("scan") };
const trainModule = await compile("train");
const modelModule = await compile("model");
export const encoderModule = await compile("encoder");
const drawQueries = drawnBy((index) => new SequenceEncoder(index, encoderModule));

const openedBy = new WeakMap<MultiIndex, OpenedIndex>();

/** Loads an index as the library does. `openedOf` then gives the kernels behind it. */
export async function load(file: Uint8Array, options: LoadOptions = {}): Promise<MultiIndex> {
  const limits = limitsOf(options);
  const opened = await openIndex(modules, file, limits, batchesWith(modules.batch));
  const index = new MultiIndex(opened, describe(opened), limits);
  openedBy.set(index, opened);
  return index;
}

/** Returns the kernels and addresses behind an index that `load` of this file made. */
export function openedOf(index: MultiIndex): OpenedIndex {
  const opened = openedBy.get(index);
  if (opened === undefined) throw new Error("the index expected load of bench/library.ts, got another");
  return opened;
}

/** Fresh instances of the kernels. */
export const trainKernels = (): TrainKernels => instantiateTrainKernels(trainModule);
export const modelKernels = (): ModelKernels => instantiateModelKernels(modelModule);

/** Returns the tools of one sampler, with fresh instances of the kernels. */
export const samplerTools = (): SamplerTools => ({
  train: trainKernels(),
  newInstance: trainKernels,
  checksum: checksumWith(instantiateQuery(modules.query)),
  modules: () => Promise.resolve(modules),
});

export const build = (embeddings: Matrix, options: BuildOptions = {}): Promise<Uint8Array<ArrayBuffer>> =>
  buildWith(trainKernels(), checksumWith(instantiateQuery(modules.query)), embeddings, options);

/** Builds an index without outliers, all of whose classes have codes (quantizedOf). */
export const buildWithoutOutliers = (embeddings: Matrix, options: BuildOptions): Promise<Uint8Array<ArrayBuffer>> => {
  const internal: InternalBuildOptions = { ...options, mostOutliers: 0 };
  return build(embeddings, internal);
};

/** Builds as the library does: `build`, and then the measurements of the finished index. */
export async function buildMeasured(embeddings: Matrix, given: BuildOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const options = { calibrate: DEFAULT_EFFORT, ...given };
  const checksum = checksumWith(instantiateQuery(modules.query));
  const file = await buildWith(trainKernels(), checksum, embeddings, { ...options, measuresRecall: true });
  const pools = onThisThread(modules, trainKernels());
  await addRecallCurves(modules, file, tableOf(embeddings), recallOptions(embeddings.shape, options), pools);
  return calibrated(file, embeddings, options);
}

/** Builds as `buildMeasured`, but without recall curves, on which no answer but that of topK depends. */
export async function buildCalibrated(embeddings: Matrix, options: BuildOptions): Promise<Uint8Array<ArrayBuffer>> {
  return calibrated(await build(embeddings, { calibrate: DEFAULT_EFFORT, ...options }), embeddings, options);
}

async function calibrated(
  file: Uint8Array<ArrayBuffer>,
  embeddings: Matrix,
  options: BuildOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const pools = onThisThread(modules, trainKernels());
  await addCalibration(
    modules,
    file,
    tableOf(embeddings),
    calibrationOptions(embeddings.shape, options, drawQueries),
    pools,
  );
  return file;
}

const logarithms = instantiateQuery(modules.query);

export const measure = (index: MultiIndex, queries: Float32Array, options: MeasureOptions = {}): Quality =>
  measureWith(logarithms, index, queries, options);

/** Returns the quantizer and the codes of the classes in the file of an index without outliers. */
export function quantizedOf(file: Uint8Array): { readonly quantizer: Quantizer; readonly codes: Codes } {
  const { quantizer, buckets } = readWarmStart(file, samplerTools().checksum);
  const { codewordCount } = quantizer;
  const codes1 = Uint16Array.from(buckets, (bucket) => Math.floor(bucket / codewordCount));
  const codes2 = Uint16Array.from(buckets, (bucket) => bucket % codewordCount);
  return { quantizer, codes: { codes1, codes2 } };
}
