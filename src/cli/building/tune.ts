import { predictWork } from "../../../worker/request/work.ts";
import { MAX_BITS } from "../../format/limits.ts";
import type { MultiIndex } from "../../index.ts";
import type { BuildOptions } from "../../train/build/build-options.ts";
import { measure } from "../../train/evaluation/evaluate-inlined.ts";
import type { RowTable } from "../../train/rows/row-table.ts";
import type { BuildCall } from "./embeddings.ts";
import { buildTimed } from "./timed-build.ts";
import { LEAST_ROW_RECALL, type Structure, type Trial, type Tuning } from "./tuning.ts";

const ROW_TYPES = ["i8", "f16", "f32"] as const;
/** A smaller error is rounding, and costs as much as this one. */
const LEAST_ERROR = 1e-4;
const K = 10;
const DEFAULT_SECONDS = 60;
/** The number of queries whose best classes are compared. */
const MOST_QUERIES = 64;

/**
 * Builds with row types, quantizers and bits other than the defaults, none of which the caller has given, and compares them on
 * queries. It takes the smallest row type that keeps the ten best classes, and the structure with the least cost among the
 * trials with that row type. Trials begin while less than `seconds` have passed, and the first one is the default structure.
 */
export async function tune(
  table: RowTable,
  options: BuildOptions,
  queries: Float32Array,
  { pool, progress, options: { tuneSeconds = DEFAULT_SECONDS } }: BuildCall,
): Promise<Tuning> {
  const start = performance.now();
  const inTime = (): boolean => performance.now() - start < 1000 * tuneSeconds;
  const trials: Trial[] = [];
  const best = await bestByRows(table, options, queries, pool);
  const attempt = async (structure: Partial<Structure>): Promise<Trial> => {
    progress.report({ phase: "tune", done: trials.length, total: trials.length + 1 });
    const trial = await tried(table, { ...options, ...structure, calibrate: "off" }, queries, best, pool);
    trials.push(trial);
    return trial;
  };
  let [taken, isComplete] = [await attempt({}), true];
  const unless = async (isGiven: boolean, structure: Partial<Structure>): Promise<Trial | undefined> => {
    if (isGiven) return undefined;
    isComplete &&= inTime();
    return isComplete ? attempt(structure) : undefined;
  };
  for (const rowType of ROW_TYPES.slice(ROW_TYPES.indexOf(taken.rowType) + 1)) {
    if (taken.rowRecall >= LEAST_ROW_RECALL) break;
    const next = await unless(options.rowType !== undefined || options.residuals === true, {
      ...structureOf(taken),
      rowType,
    });
    if (next && next.rowRecall > taken.rowRecall) taken = next;
  }
  const cheaper = (other: Trial | undefined): void => {
    if (other && other.cost < taken.cost) taken = other;
  };
  const { bits } = taken;
  for (const other of [bits + 1, bits - 1]) {
    if (other >= 1 && other <= MAX_BITS)
      cheaper(await unless(options.bits !== undefined, { ...structureOf(taken), bits: other }));
  }
  const quantizer = taken.quantizer === "rq" ? "pq" : "rq";
  cheaper(await unless(options.quantizer !== undefined, { ...structureOf(taken), quantizer }));
  return { trials, taken: structureOf(taken), isComplete };
}

const structureOf = ({ quantizer, bits, rowType }: Structure): Structure => ({ quantizer, bits, rowType });

/** The ten best classes of each query by the original rows. */
async function bestByRows(
  table: RowTable,
  options: BuildOptions,
  queries: Float32Array,
  pool: BuildCall["pool"],
): Promise<readonly ReadonlySet<number>[]> {
  const { encoder: _, ...others } = options;
  const whole = { ...others, rowType: "f32", bits: 1, fineCodes: false, residuals: false, calibrate: "off" } as const;
  const { index } = await buildTimed(table, whole, pool);
  const best = bestOf(index, queries).map((ids) => new Set(ids));
  index.dispose();
  return best;
}

function bestOf(index: MultiIndex, queries: Float32Array): Int32Array[] {
  const { dim, itemCount } = index.info;
  return Array.from({ length: Math.min(MOST_QUERIES, queries.length / dim) }, (_, row) => {
    const query = queries.subarray(row * dim, (row + 1) * dim);
    return index.topK(query, Math.min(K, itemCount), { exact: true }).ids; // by refined rows, if there are residuals
  });
}

async function tried(
  table: RowTable,
  options: BuildOptions,
  queries: Float32Array,
  best: readonly ReadonlySet<number>[],
  pool: BuildCall["pool"],
): Promise<Trial> {
  const { index } = await buildTimed(table, options, pool);
  const quality = await measure(index, queries);
  const stored = bestOf(index, queries);
  const hits = stored.map((ids, row) => ids.filter((id) => best[row]?.has(id)).length / ids.length);
  const { quantizer, rowType, codewordCount } = index.info;
  const work = predictWork(index.info, { exact: false }, K);
  const cost = work * Math.max(quality.logPartitionErrorP90, LEAST_ERROR) ** 2;
  index.dispose();
  const rowRecall = hits.reduce((sum, share) => sum + share, 0) / hits.length;
  return { quantizer, bits: 31 - Math.clz32(codewordCount), rowType, rowRecall, quality, work, cost };
}
