import { unitRows } from "../../../format/unit-rows.ts";
import type { RowSample } from "../../random/sample-rows.ts";
import { rowLimit } from "../../rows/matrix.ts";
import { startSourceHash } from "../../rows/source-hash.ts";
import type { WeightedRows } from "../../rows/training-rows.ts";
import { drawTrainingSample, expectedSampleRows } from "../../rows/training-sample.ts";
import { rowWeights } from "../row-weights.ts";
import type { Build } from "./stage.ts";

export interface Surveyed {
  /** The rows that codebooks are learned from. There are none where all codebooks come from an older index. */
  readonly training: WeightedRows;
  /** The hash of values and biases as 16 hex digits. */
  readonly source: string;
}

const NO_SAMPLE: RowSample = { ids: new Uint32Array(0), weights: new Float64Array(0) };

/**
 * Reads the rows for the first time: checks every value, hashes all values and keeps a sample to learn from. A RangeError
 * names the first row with a bad value.
 */
export async function surveyRows(build: Build): Promise<Surveyed> {
  const { input, plan, checksum, workspace, progress } = build;
  const { itemCount, dim } = input;
  const { ids, weights } = sampleOf(build);
  const training = workspace.trainingRows(ids.length, dim);
  const hash = startSourceHash(checksum);
  const limit = rowLimit(plan.rowType);
  const advance = progress.advance("read", itemCount);
  const unit = new Float32Array(dim);
  let first = 0;
  let next = 0;
  for await (const chunk of input.chunks()) {
    checkValues(chunk, first, dim, limit);
    hash.add(chunk);
    const end = first + chunk.length / dim;
    for (let id = ids[next]; id !== undefined && id < end; id = ids[++next]) {
      const row = chunk.subarray((id - first) * dim, (id - first + 1) * dim);
      training.add(plan.metric === "cosine" ? unitRows(row, dim, unit) : row);
    }
    first = end;
    await advance(first);
  }
  hash.endBlock();
  if (plan.bias) hash.add(plan.bias);
  hash.endBlock();
  return { training: { rows: training, weights }, source: hash.digits() };
}

function sampleOf({ input, plan, kernels }: Build): RowSample {
  if (!plan.trainsCodebooks && !plan.trainsFineCodebooks) return NO_SAMPLE;
  return drawTrainingSample(input.itemCount, rowWeights(plan, kernels), expectedSampleRows(plan.bits), plan.seed);
}

function checkValues(chunk: Float32Array, first: number, dim: number, limit: number): void {
  for (let i = 0; i < chunk.length; i++) {
    if (Math.abs(chunk[i] as number) <= limit) continue;
    const row = first + Math.floor(i / dim);
    throw new RangeError(`"data" row ${row} expected finite values of magnitude at most ${limit}, got ${chunk[i]}`);
  }
}
