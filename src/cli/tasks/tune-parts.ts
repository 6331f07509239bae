import { MAX_BITS } from "../../format/limits.ts";
import { defaultBits } from "../../train/kmeans/quantizer-options.ts";
import { tableOf } from "../../train/rows/row-table.ts";
import { measuredOf, readHeldOut } from "../arguments/held-out.ts";
import { type BuildCall, libraryOptions } from "../building/embeddings.ts";
import { queriesToCalibrate } from "../building/options.ts";
import { tune } from "../building/tune.ts";
import { tuningLines } from "../building/tune-report.ts";
import type { Structure, Tuning } from "../building/tuning.ts";
import type { EmbeddingInput } from "../inputs/input.ts";
import { startProgress } from "../output/progress.ts";
import { printJson, printLines } from "../process/io.ts";
import { withThreads } from "../threads/with-threads.ts";

/** The most bytes of the rows that trials are made with, as f32. */
const MOST_BYTES = 2 ** 28;
/** The number of values read at a time: 4 MiB of f32. */
const CHUNK_VALUES = 2 ** 20;

/**
 * Chooses the structure of parts by trials on evenly spaced rows of all of them, as many as one part has, or as fit into MOST_BYTES. It
 * prints what was tried on what.
 */
export async function tuneParts(
  call: Omit<BuildCall, "progress" | "pool">,
  input: EmbeddingInput,
  partRows: number,
): Promise<Structure> {
  const { options, io } = call;
  const { itemCount, dim } = input;
  const rows = Math.min(partRows, Math.max(1, Math.floor(MOST_BYTES / (4 * dim))));
  const progress = startProgress(io, options.json ? "json" : "text");
  const [tuning, queryCount] = await withThreads(options.threads ?? 1, io.signal, (pool) =>
    tried({ ...call, progress, pool }, input, rows),
  ).finally(() => progress.stop());
  const { bits: best } = tuning.taken;
  // The best number of bits grows with the rows as the default does. Parts share codebooks, so all rows count.
  const larger = Math.min(MAX_BITS, Math.max(0, best + defaultBits(itemCount) - defaultBits(rows)));
  const taken = { ...tuning.taken, bits: options.bits ?? larger };
  if (options.json) {
    printJson(io.stdout, { event: "tuned", ...tuning, taken, rows, itemCount, queryCount });
    return taken;
  }
  const queries = `${queryCount} ${options.queries === undefined ? "rows as queries" : "queries"}`;
  printLines(io.stdout, [
    `trials on ${rows} of ${itemCount} rows, evenly spaced, with ${queries}:`,
    ...tuningLines(tuning),
    ...(taken.bits === best ? [] : [`there are more rows than in the trials, so parts get ${taken.bits} bits`]),
    "",
  ]);
  return taken;
}

async function tried(call: BuildCall, input: EmbeddingInput, rows: number): Promise<[Tuning, queryCount: number]> {
  const { options, path, openRemote } = call;
  const { itemCount, dim, inputColumns } = input;
  const table = tableOf({ data: await evenRows(input, rows), shape: [rows, dim] });
  const picked = (values: Float32Array | undefined): Float32Array<ArrayBuffer> | undefined =>
    values && Float32Array.from({ length: rows }, (_, i) => values[rowAt(i, rows, itemCount)] as number);
  const numbers = { bias: picked(await input.bias()), counts: picked(await input.counts()) };
  const source = { openRemote, columnsOf: { path, inputColumns } };
  const { queries } = await readHeldOut(table, options.queries, queriesToCalibrate(options), source);
  const measured = measuredOf(queries, rows, dim);
  const given = libraryOptions(call, { ...numbers, labels: undefined, columns: undefined, features: undefined });
  return [await tune(table, given, measured, call), measured.length / dim];
}

const rowAt = (i: number, rows: number, itemCount: number): number => Math.floor((i * itemCount) / rows);

/** Reads evenly spaced rows, f32 (rows, dim), in one pass. */
async function evenRows(input: EmbeddingInput, rows: number): Promise<Float32Array<ArrayBuffer>> {
  const { itemCount, dim } = input;
  const chosen = new Float32Array(rows * dim);
  let [next, first] = [0, 0];
  for await (const chunk of input.rows(Math.max(1, Math.floor(CHUNK_VALUES / dim)))) {
    const end = first + chunk.length / dim;
    for (; next < rows && rowAt(next, rows, itemCount) < end; next++) {
      const at = (rowAt(next, rows, itemCount) - first) * dim;
      chosen.set(chunk.subarray(at, at + dim), next * dim);
    }
    first = end;
  }
  return chosen;
}
