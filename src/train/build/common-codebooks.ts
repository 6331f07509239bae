import type { Checksum } from "../../bytes/sealed-header.ts";
import { unitRows } from "../../format/unit-rows.ts";
import { encode } from "../codes/encode.ts";
import { trainFineCodebooks } from "../codes/fine-codebooks.ts";
import { renumberSecond } from "../codes/renumber.ts";
import type { PassTools } from "../kmeans/parallel-pass.ts";
import { trainQuantizer } from "../kmeans/quantizer.ts";
import type { QuantizerKind } from "../kmeans/quantizer-options.ts";
import type { RowTable } from "../rows/row-table.ts";
import { startSourceHash } from "../rows/source-hash.ts";
import type { WeightedRows } from "../rows/training-rows.ts";
import { drawTrainingSample, expectedSampleRows } from "../rows/training-sample.ts";
import type { Workspace } from "../rows/workspace.ts";
import { startYielding } from "../runtime/event-loop.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { singleThread, type WorkerPool } from "../runtime/worker-pool.ts";
import type { ReusedCodebooks } from "./reused-codebooks.ts";
import { rowWeights } from "./row-weights.ts";

/** The settings that the parts of one index have in common. */
export interface CommonSettings {
  readonly quantizer: QuantizerKind;
  readonly bits: number;
  readonly metric: "dot" | "cosine";
  readonly hasFineCodes: boolean;
  readonly seed: bigint;
}

/** The classes of all parts, and the place of the rows that are drawn for training. */
interface AllClasses extends Pick<Workspace, "trainingRows"> {
  readonly table: RowTable;
  readonly bias: Float32Array | undefined;
  readonly counts: Float32Array | undefined;
  /** The number of rows of each part, in order. */
  readonly partRows: readonly number[];
}

/** The instances that a build runs on, and the hooks of its caller. */
interface Run {
  readonly train: TrainKernels;
  readonly checksum: Checksum;
  readonly signal?: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Reads all rows once. Draws the sample that one index of all rows would be trained on, whatever the parts are, and hashes
 * the rows and biases of each part as the build of that part will.
 */
export async function drawCommonSample(
  { train, checksum, signal, onProgress }: Run,
  { table, bias, counts, partRows, trainingRows }: AllClasses,
  { bits, metric, seed }: CommonSettings,
): Promise<{ readonly sample: WeightedRows; readonly sources: string[] }> {
  const { itemCount, dim } = table;
  const drawnBy = rowWeights({ bias, counts, bits }, train);
  const { ids, weights } = drawTrainingSample(itemCount, drawnBy, expectedSampleRows(bits), seed);
  const rows = trainingRows(ids.length, dim);
  const unit = new Float32Array(dim);
  const keep = (row: Float32Array): void => rows.add(metric === "cosine" ? unitRows(row, dim, unit) : row);
  const hashes = startPartHashes(checksum, partRows, dim, bias);
  const yieldIfDue = startYielding(signal);
  let first = 0;
  let next = 0;
  for await (const chunk of table.chunks()) {
    hashes.add(chunk);
    const end = first + chunk.length / dim;
    for (let id = ids[next]; id !== undefined && id < end; id = ids[++next]) {
      keep(chunk.subarray((id - first) * dim, (id - first + 1) * dim));
    }
    first = end;
    onProgress(first, itemCount);
    await yieldIfDue();
  }
  return { sample: { rows, weights: Float64Array.from(weights) }, sources: hashes.digits() };
}

/** Hashes rows part by part. An empty part has the hash of no rows. */
function startPartHashes(checksum: Checksum, partRows: readonly number[], dim: number, bias: Float32Array | undefined) {
  const hashes = partRows.map(() => startSourceHash(checksum));
  let part = 0;
  let left = (partRows[0] ?? 0) * dim;
  return {
    add(chunk: Float32Array): void {
      for (let at = 0; at < chunk.length; ) {
        while (left === 0) left = (partRows[++part] as number) * dim;
        const piece = chunk.subarray(at, at + left);
        hashes[part]?.add(piece);
        at += piece.length;
        left -= piece.length;
      }
    },
    digits(): string[] {
      let first = 0;
      return hashes.map((hash, i) => {
        const end = first + (partRows[i] as number);
        hash.endBlock();
        if (bias) hash.add(bias.subarray(first, end));
        hash.endBlock();
        first = end;
        return hash.digits();
      });
    },
  };
}

/** The codebooks of an older index that those of all parts start from. */
export interface CommonStart {
  readonly codebooks: ReusedCodebooks;
  /** Updates of its codebooks. With none they are taken over as they are. */
  readonly passes: number;
}

/**
 * Trains the codebooks that all parts reuse as they are, as one index of all rows does. They depend on the sample, the settings
 * and the codebooks that they start from.
 */
export async function trainCommonCodebooks(
  { train, signal, onProgress }: Run,
  { rows, weights }: WeightedRows,
  settings: CommonSettings & {
    readonly dim: number;
    readonly weighedBy: "counts" | "bias" | "none";
    readonly start?: CommonStart;
  },
  pool: WorkerPool<PassTools> | undefined,
): Promise<ReusedCodebooks> {
  const { quantizer: kind, bits, metric, hasFineCodes, seed, dim, weighedBy, start } = settings;
  const older = start?.passes === 0 ? start.codebooks : undefined;
  const trained =
    older?.quantizer ??
    (await trainQuantizer(train, rows, weights, {
      kind,
      bits,
      seed,
      onProgress,
      ...(start && { start: start.codebooks.quantizer, maxIterations: start.passes }),
      ...(signal && { signal }),
      ...(pool && { pool }),
    }));
  const workers = pool ?? singleThread({ train });
  const yieldIfDue = startYielding(signal);
  const renumbered = async () => renumberSecond(trained, await encode(workers, trained, rows.table(), yieldIfDue));
  const quantizer = start ? trained : await renumbered(); // classes are compared with older ones by their buckets
  const fineTrained = () => trainFineCodebooks(workers, train, { rows, weights }, quantizer, { seed, yieldIfDue });
  const fineCodebooks = hasFineCodes ? (older?.fineCodebooks ?? (await fineTrained())) : undefined;
  const report = {
    weights: older ? (older.facts.report?.weights ?? "none") : weighedBy,
    recallQueries: "none",
  } as const;
  return { facts: { dim, quantizer: kind, bits, metric, report }, quantizer, fineCodebooks };
}
