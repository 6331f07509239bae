import type { Checksum } from "../../../bytes/sealed-header.ts";
import type { RowTable } from "../../rows/row-table.ts";
import { startSourceHash } from "../../rows/source-hash.ts";
import type { TrainingRows } from "../../rows/training-rows.ts";
import { unitRows } from "../../rows/unit-rows.ts";
import type { Step } from "../progress.ts";

export interface SurveyOptions {
  /** Largest magnitude of a value. */
  readonly limit: number;
  /** Train on rows of unit length. */
  readonly unit: boolean;
  readonly bias: Float32Array | undefined;
  /** Rows to train on, ascending. */
  readonly picked: Uint32Array;
  readonly step: Step;
}

/**
 * The first reading of the rows: checks each value, adds the picked rows to `training` and returns the hash of values
 * and biases, 16 hex digits. RangeError names the first row with a bad value.
 */
export async function survey(
  table: RowTable,
  training: TrainingRows,
  checksum: Checksum,
  { limit, unit, bias, picked, step }: SurveyOptions,
): Promise<string> {
  const { dim } = table;
  const hash = startSourceHash(checksum);
  const row = new Float32Array(dim);
  let first = 0;
  let next = 0;
  for await (const chunk of table.chunks()) {
    checkValues(chunk, first, dim, limit);
    hash.add(chunk);
    const end = first + chunk.length / dim;
    for (let id = picked[next]; id !== undefined && id < end; id = picked[++next]) {
      const given = chunk.subarray((id - first) * dim, (id - first + 1) * dim);
      training.add(unit ? unitRows(given, dim, row) : given);
    }
    first = end;
    await step(first);
  }
  hash.endBlock();
  if (bias) hash.add(bias);
  hash.endBlock();
  return hash.digits();
}

function checkValues(chunk: Float32Array, first: number, dim: number, limit: number): void {
  for (let i = 0; i < chunk.length; i++) {
    if (Math.abs(chunk[i] as number) <= limit) continue;
    const row = first + Math.floor(i / dim);
    throw new RangeError(`"data" row ${row} expected finite values of magnitude at most ${limit}, got ${chunk[i]}`);
  }
}
