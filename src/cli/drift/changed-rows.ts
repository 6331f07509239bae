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

/** An index, or a part of several, with changes. */
export interface ChangedIndex {
  readonly index: MultiIndex;
  /** The number of classes of its file. */
  readonly fileCount: number;
  /** The ids of the classes that changes have added or replaced, in this index. */
  readonly ids: Int32Array;
}

/** The indexes that hold changed rows, and what measures these rows. */
export interface RowsToMeasure {
  readonly held: readonly ChangedIndex[];
  /** The quantizer of all files. */
  readonly quantizer: Quantizer;
  /** Returns the logarithms of the probabilities of all changed classes. */
  readonly logProbabilities: (query: Float32Array) => Float64Array | Promise<Float64Array>;
}

/** Measures the rows that files of changes have added or replaced, with queries f32 (n, dim). */
export async function changedRows(given: RowsToMeasure, queries: Float32Array): Promise<ChangedRows> {
  const { held, quantizer, logProbabilities } = given;
  const rows = held.reduce((sum, { ids }) => sum + ids.length, 0);
  if (rows === 0) return { rows: 0, share: 0 };
  const total = held.reduce((sum, { fileCount }) => sum + fileCount, 0);
  const energyOf = await planEnergy(quantizer);
  const before = held.flatMap((each) =>
    energyOf(each.index.rows(keptOf(each, Math.ceil((MOST_ROWS * each.fileCount) / total)))),
  );
  const now = held.flatMap(({ index, ids }) => energyOf(index.rows(ids)));
  return { rows, share: await shareOf(logProbabilities, queries, quantizer.dim), ...growthOf(before, now) };
}

/** Reads the quantizer of an index file, and the number of its classes. */
export async function quantizerOf(
  file: Uint8Array,
): Promise<{ readonly quantizer: Quantizer; readonly fileCount: number }> {
  const { query } = await compileInlined();
  const { quantizer, buckets } = readWarmStart(file, checksumWith(instantiateQuery(query)));
  return { quantizer, fileCount: buckets.length };
}

/** Returns the ids of at most `most` classes, evenly spaced, whose rows are still those of the file. */
function keptOf({ index, fileCount, ids }: ChangedIndex, most: number): Int32Array {
  const changed = new Set(ids);
  return evenly(fileCount, most).filter((id) => !changed.has(id) && isThere(index, id));
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
export function upsertsOf(changes: readonly ChangesFileInfo[]): string[] {
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

const evenly = (count: number, most: number): Int32Array =>
  Int32Array.from({ length: Math.min(count, most) }, (_, i) => Math.floor((i * count) / Math.min(count, most)));

/** Returns the mean of the share of Z that the changed classes have: they are scored exactly in every head. */
async function shareOf(
  logProbabilities: RowsToMeasure["logProbabilities"],
  queries: Float32Array,
  dim: number,
): Promise<number> {
  const count = queries.length / dim;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const logs = await logProbabilities(queries.subarray(i * dim, (i + 1) * dim));
    sum += logs.reduce((share, log) => share + Math.exp(log), 0);
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
