import type { MultiIndex } from "../../index.ts";
import { buildOnPool } from "../../train/build/build-inlined.ts";
import type { BuildOptions, BuildReport } from "../../train/build/build-options.ts";
import { measure } from "../../train/evaluation/evaluate-inlined.ts";
import { measureOnPool } from "../../train/evaluation/measure.ts";
import type { RowTable } from "../../train/rows/row-table.ts";
import { isMeasurable } from "../evaluating/is-measurable.ts";
import { onlyPart } from "../evaluating/table-part.ts";
import { tableWarnings } from "../evaluating/table-warnings.ts";
import { loadHere } from "../files/load-here.ts";
import type { Progress } from "../output/progress.ts";
import type { Threads } from "../threads/threads.ts";
import type { MeasuredBuild } from "./report.ts";

/** A build with its loaded index and its time. */
export interface TimedBuild {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly index: MultiIndex;
  readonly report: BuildReport;
  readonly seconds: number;
}

export async function buildTimed(
  table: RowTable,
  options: BuildOptions,
  pool: Threads | undefined,
): Promise<TimedBuild> {
  const [report, onReport] = keepReport();
  const start = performance.now();
  const bytes = await buildOnPool(pool, table, { ...options, onReport });
  const seconds = (performance.now() - start) / 1000;
  return { bytes, index: await loadHere(bytes), report: report(), seconds };
}

/** Measures the quality of a build, and disposes of its index. */
export async function measureBuilt(
  { bytes, index, report, seconds }: TimedBuild,
  queries: Float32Array,
  progress: Progress,
  pool: Threads | undefined,
): Promise<MeasuredBuild> {
  const { info } = index;
  const total = queries.length / info.dim;
  progress.report({ phase: "measure", done: 0, total });
  const measured = isMeasurable(info, queries) && {
    quality: pool ? await measureOnPool(pool, bytes, info, queries) : await measure(index, queries),
  };
  progress.report({ phase: "measure", done: total, total });
  const warnings = await tableWarnings([onlyPart(index)]);
  index.dispose();
  return { info, report, seconds, warnings, ...measured };
}

/** Returns a function that returns the report, and one that receives it. */
export function keepReport(): [() => BuildReport, (report: BuildReport) => void] {
  let kept: BuildReport | undefined;
  const report = (): BuildReport => {
    if (kept === undefined) throw new Error("the build made no report");
    return kept;
  };
  return [
    report,
    (received) => {
      kept = received;
    },
  ];
}
