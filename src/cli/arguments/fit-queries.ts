import type { BuildOptions } from "../../train/index.ts";
import type { RowTable } from "../../train/rows/row-table.ts";
import { type HeldOut, pickEvenly, type QuerySource, queryCount, readEvenly, readHeldOut } from "./held-out.ts";

/** Options that fit a build to its queries. */
export interface FitArguments {
  readonly queries?: string;
  readonly fit?: true;
  readonly fitScan?: number;
}

export interface QueriesOfBuild extends HeldOut {
  /** Options of a fitted build. The index is measured with other queries than these. */
  readonly fitting: Pick<BuildOptions, "queries" | "fit">;
}

/** The largest number of queries that are read from the file, evenly spaced. */
const MOST_QUERIES = 8192;
/** The share of the queries that the finished index is measured with. */
const MEASURED = 1 / 4;

/** Reads the queries to measure with, at least `least` if the file has them, and, for --fit, others of the file to fit to. */
export async function readQueriesFor(
  table: RowTable,
  { queries: path, fit, fitScan, openRemote, columnsOf }: FitArguments & QuerySource,
  least: number,
): Promise<QueriesOfBuild> {
  if (!fit) {
    if (fitScan !== undefined) throw new RangeError("'--fit-scan' needs '--fit'");
    return { ...(await readHeldOut(table, path, least, { openRemote, columnsOf })), fitting: {} };
  }
  if (path === undefined) throw new RangeError("'--fit' needs '--queries'");
  const { itemCount, dim } = table;
  const source = { dimOf: "the table of embeddings", openRemote, columnsOf };
  const { queries: all } = await readEvenly(path, MOST_QUERIES, dim, source);
  const count = all.length / dim;
  if (count < 3) {
    throw new RangeError(`'--fit' expected at least 3 queries, to fit, validate and measure with, got ${count}`);
  }
  const measured = new Float32Array(Math.min(queryCount(itemCount), Math.ceil(count * MEASURED)) * dim);
  const taken = pickEvenly(all, 0, count, measured, dim);
  const rest = new Float32Array(all.length - measured.length);
  let at = 0;
  for (let q = 0; q < count; q++) {
    if (taken.has(q)) continue;
    rest.set(all.subarray(q * dim, (q + 1) * dim), at);
    at += dim;
  }
  return {
    queries: measured,
    origin: "file",
    fitting: { queries: rest, fit: fitScan === undefined ? {} : { scan: fitScan } },
  };
}
