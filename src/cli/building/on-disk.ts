import type { FeatureFacts } from "../../format/features.ts";
import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";
import { DEFAULT_EFFORT } from "../../train/build/calibration-options.ts";
import type { FeatureTable } from "../../train/index.ts";
import { defaultBits } from "../../train/kmeans/quantizer-options.ts";
import { measuredOf, readQueries, rowsAsQueries } from "../arguments/held-out.ts";
import type { EmbeddingInput } from "../inputs/input.ts";
import { labelsBytes } from "../inputs/labels.ts";
import type { BuildSize } from "../streaming/build-size.ts";
import { buildToFile } from "../streaming/build-to-file.ts";
import { measureFile } from "../streaming/measure-file.ts";
import { shareMemory } from "../streaming/memory-shares.ts";
import { memoryBounds, shapeOf } from "./capacity.ts";
import {
  type BuildCall,
  droppedOf,
  leftOutOf,
  libraryOptions,
  openEmbeddings,
  readVectors,
  type Vectors,
} from "./embeddings.ts";
import { type BuildArguments, queriesToCalibrate } from "./options.ts";
import type { BuiltIndex } from "./report.ts";
import { keepReport } from "./timed-build.ts";

/**
 * Builds an index in at most `maxMemory` MiB. A measurement needs the whole index in memory. Measurements that do not fit
 * are left out, and the result says so.
 */
export async function buildOnDisk(call: BuildCall, maxMemory: number): Promise<BuiltIndex> {
  const { options, progress, io, pool, openRemote } = call;
  const { output, queries, fineCodes } = options;
  const input = await openEmbeddings(call);
  try {
    const { itemCount, dim } = input;
    checkAddressable(input, options);
    const vectors = await readVectors(input);
    const shares = shareMemory(sizeOf(input, vectors, options), maxMemory);
    const [report, onReport] = keepReport();
    const columnsOf = { path: call.path, inputColumns: input.inputColumns };
    const held =
      queries === undefined
        ? undefined
        : await readQueries(queries, { itemCount, dim, least: queriesToCalibrate(options), openRemote, columnsOf });
    const buildOptions = { ...libraryOptions(call, vectors), ...(held && { queries: held }), onReport };
    const info = await buildToFile(input, output, buildOptions, shares, pool);
    const unmeasured = fineCodes && !shares.measuresRecall;
    const recallTakes = unmeasured && { recallTakes: shares.recallLimit };
    const uncalibrated = (options.calibrate ?? DEFAULT_EFFORT) !== "off" && !shares.measuresCalibration;
    const calibrationTakes = uncalibrated && { calibrationTakes: shares.calibrationLimit };
    const built = {
      output,
      info,
      report: report(),
      ...recallTakes,
      ...calibrationTakes,
      ...droppedOf(options, input),
      ...leftOutOf(input),
    };
    if (!shares.measuresQuality) return { ...built, qualityTakes: shares.qualityLimit };
    io.signal.throwIfAborted();
    const measured = held ? measuredOf(held, itemCount, dim) : await rowsAsQueries(input);
    return { ...built, origin: held ? "file" : "rows", ...(await measureFile(output, measured, progress)) };
  } finally {
    await input.close();
  }
}

/** Throws a RangeError for an index that no runtime could open. Only rows of standard input can't be divided into parts. */
function checkAddressable({ itemCount, dim }: EmbeddingInput, options: BuildArguments): void {
  const { least } = memoryBounds(itemCount, shapeOf(dim, options));
  if (least <= ADDRESSABLE_BYTES) return;
  throw new RangeError(
    `<embeddings> expected rows of an index of at most 4 GiB of memory, got ${itemCount} × ${dim}: save them in a file, and build with --parts auto`,
  );
}

/** Returns the sizes of a build that determine its memory. */
export function sizeOf(input: EmbeddingInput, { labels, features }: Vectors, options: BuildArguments): BuildSize {
  const { itemCount, dim } = input;
  const { rowType: rows = "i8", quantizer = "rq", bits = defaultBits(itemCount), threads } = options;
  return {
    itemCount,
    dim,
    rows,
    bits,
    quantizer,
    threads,
    hasFineCodes: options.fineCodes === true,
    hasResiduals: options.residuals === true,
    calibrate: options.calibrate ?? DEFAULT_EFFORT,
    hasBias: options.bias !== undefined,
    hasCounts: options.counts !== undefined,
    labelBytes: labels && utf8Bytes(labels),
    ...(features && { features: featureFacts(features) }),
    inputBytes: input.memoryBytes + featuresBytes(features),
  };
}

/** Returns the facts about a table of features that the file will state. */
function featureFacts({ shape, positions, labels, pooling = "sum" }: FeatureTable): FeatureFacts {
  return {
    featureCount: shape[0],
    positionCount: (positions?.length ?? 0) / shape[1],
    pooling,
    hasFeatureLabels: labels !== undefined,
    featureLabelBytes: utf8Bytes(labels ?? []),
  };
}

/** The memory of a table of features and of two copies of its names: one of them is written to the file. */
const featuresBytes = (table: FeatureTable | undefined): number =>
  table ? table.data.byteLength + (table.positions?.byteLength ?? 0) + 2 * labelsBytes(table.labels ?? []) : 0;

const utf8Bytes = (labels: readonly string[]): number =>
  labels.reduce((bytes, label) => bytes + Buffer.byteLength(label), 0);
