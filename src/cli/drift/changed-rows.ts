import type { ChangesFileInfo } from "../../changes/index.ts";
import type { MultiIndex } from "../../index.ts";
import { checksumWith } from "../../memory/checksum.ts";
import { compileInlined } from "../../memory/compile-inlined.ts";
import { instantiateQuery } from "../../memory/kernels.ts";
import { readWarmStart } from "../../train/build/warm-start.ts";
import { planEncoding } from "../../train/codes/encode.ts";
import type { Quantizer } from "../../train/kmeans/quantizer.ts";
import { buildKernels } from "../../train/runtime/kernels-inlined.ts";
import type { ChangedRows } from "./found-drift.ts";

/** The most rows of the file that new rows are compared with, evenly spaced. */
const MOST_ROWS = 20_000;

/** Measures the rows that files of changes added to an index, which has them already, with queries f32 (n, dim). */
export async function changedRows(
  index: MultiIndex,
  file: Uint8Array,
  changes: readonly ChangesFileInfo[],
  queries: Float32Array,
): Promise<ChangedRows> {
  const upserts = upsertsOf(changes);
  const ids = index.info.hasLabels ? index.idsOf(upserts) : Int32Array.from(upserts, Number);
  if (ids.length === 0) return { rows: 0, share: 0 };
  const { query } = await compileInlined();
  const { quantizer, buckets } = readWarmStart(file, checksumWith(instantiateQuery(query)));
  const isNew = new Set(ids);
  const kept = evenly(Int32Array.from(buckets.keys()).filter((id) => !isNew.has(id) && isThere(index, id)));
  const energyOf = await planEnergy(quantizer);
  const growth = growthOf(energyOf(index.rows(kept)), energyOf(index.rows(ids)));
  return { rows: ids.length, share: shareOf(index, ids, queries), ...growth };
}

/** The energies of a row: ‖row − its codewords‖² and ‖row‖². */
type Energies = readonly { readonly residual: number; readonly total: number }[];

const sumOf = (rows: Energies, of: (row: Energies[number]) => number): number =>
  rows.reduce((sum, row) => sum + of(row), 0);

/**
 * Returns the ratio of the residual energies of two tables, with the error that it would have if the rows of both were alike: a
 * few rows may differ much by chance. The rows of the first table tell by how much.
 */
function growthOf(before: Energies, now: Energies): Pick<ChangedRows, "residualGrowth" | "residualError"> | undefined {
  const [all, own] = [before, now].map((rows) => sumOf(rows, ({ total }) => total)) as [number, number];
  const mean = sumOf(before, ({ residual }) => residual) / all;
  const residualGrowth = sumOf(now, ({ residual }) => residual) / own / mean;
  if (!Number.isFinite(residualGrowth)) return undefined;
  const squareOf = ({ residual, total }: Energies[number]): number => (residual - mean * total) ** 2;
  // Short rows differ by as much as others do, and long rows by the same share of their energy.
  const square = sumOf(before, squareOf) / before.length;
  const share = sumOf(before, (row) => (row.total > 0 ? squareOf(row) / row.total : 0)) / all;
  const variance = Math.max(square * now.length, share * sumOf(now, ({ total }) => total ** 2));
  const residualError = (Math.sqrt(variance) / (mean * own)) * Math.sqrt(1 + now.length / before.length);
  return { residualGrowth, residualError };
}

/** Returns the labels that files of changes add or replace, in their order, and do not remove again. */
function upsertsOf(changes: readonly ChangesFileInfo[]): string[] {
  const labels = new Set<string>();
  for (const { upserts, removals } of changes) {
    for (const label of removals) labels.delete(label);
    for (const label of upserts) labels.add(label);
  }
  return [...labels];
}

/** Tells whether a class was not removed. */
function isThere(index: MultiIndex, id: number): boolean {
  try {
    index.rows([id]);
    return true;
  } catch {
    return false;
  }
}

const evenly = (ids: Int32Array): Int32Array =>
  ids.length <= MOST_ROWS
    ? ids
    : Int32Array.from({ length: MOST_ROWS }, (_, i) => ids[Math.floor((i * ids.length) / MOST_ROWS)] as number);

/** Returns the mean of the share of Z that these classes have: they are scored exactly in every head. */
function shareOf(index: MultiIndex, ids: Int32Array, queries: Float32Array): number {
  const { dim } = index.info;
  const count = queries.length / dim;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const asked = queries.subarray(i * dim, (i + 1) * dim);
    const { logProbabilities } = index.logProbability(asked, ids);
    sum += logProbabilities.reduce((share, log) => share + Math.exp(log), 0);
  }
  return sum / Math.max(1, count);
}

/** Returns a function that computes the energies of rows, f32 (n, dim). */
async function planEnergy(quantizer: Quantizer): Promise<(rows: Float32Array) => Energies> {
  const { kind, dim, dim1, dim2, codebook1, codebook2 } = quantizer;
  const encode = planEncoding((await buildKernels()).train, quantizer);
  const secondFrom = kind === "rq" ? 0 : dim1;
  return (rows) => {
    const count = rows.length / dim;
    const codes = { codes1: new Uint16Array(count), codes2: new Uint16Array(count) };
    encode(rows, codes);
    return Array.from({ length: count }, (_, row) => {
      let [residual, total] = [0, 0];
      const [first, second] = [(codes.codes1[row] as number) * dim1, (codes.codes2[row] as number) * dim2];
      for (let d = 0; d < dim; d++) {
        const value = rows[row * dim + d] as number;
        const near = d < dim1 ? (codebook1[first + d] as number) : 0;
        const rest = d >= secondFrom && d - secondFrom < dim2 ? (codebook2[second + d - secondFrom] as number) : 0;
        residual += (value - near - rest) ** 2;
        total += value ** 2;
      }
      return { residual, total };
    });
  };
}
