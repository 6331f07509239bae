import type { IndexSource } from "../byte-source.ts";
import { loadWith } from "../load.ts";
import { CURVE_KS, CURVE_POINTS, LARGEST_SIZE, type RecallCurve, type RecallPoint } from "../recall-curve.ts";
import type { Crew, Task } from "./crew.ts";
import type { Asked, QueryTools } from "./true-neighbours.ts";

/** Smallest number of codes read, and what rescored rows are tried, in k. */
const LEAST_SCAN = 256;
const RESCORES = [1, 2, 5, 10, 20, 50];

/** Time of a row that is scored exactly, in codes read: 25 and 1.5 ns at 100 values. */
const RESCORE_COST = 16;

/** Points that gain less than this are left out. */
const LEAST_GAIN = 0.002;

/** Rows rescored at most; a query that is a row is asked for one more. */
export const MOST_RESCORED = Math.max(...RESCORES) * Math.max(...CURVE_KS) + 1;

interface RecallPlan extends Asked {
  readonly file: IndexSource;
  /** The best rows for each query. */
  readonly truth: readonly Int32Array[];
  readonly itemCount: number;
}

/** What topK is asked for. */
interface Trial {
  readonly k: number;
  readonly scan: number;
  readonly rescore: number;
}

/** Curves of what topK finds for what work. */
export async function measureCurves(
  crew: Crew<QueryTools>,
  plan: RecallPlan,
  pause: () => Promise<void>,
): Promise<RecallCurve[]> {
  const trials =
    plan.truth.length > 0 ? CURVE_KS.map((k) => trialsOf(Math.min(k, plan.itemCount), plan.itemCount)) : [];
  const recalls: number[] = [];
  for await (const recall of crew.perform(measureRecall, plan, trials.flat())) {
    recalls.push(recall);
    await pause();
  }
  return CURVE_KS.map((k, i) => {
    const tried = (trials[i] ?? []).map((trial) => ({ ...trial, recall: recalls.shift() as number }));
    return { k, points: bestPoints(tried) };
  });
}

function trialsOf(k: number, itemCount: number): Trial[] {
  const trials: Trial[] = [];
  const most = Math.min(itemCount, LARGEST_SIZE);
  for (let scan = LEAST_SCAN; ; scan *= 2) {
    const rows = Math.min(scan, most);
    for (const factor of RESCORES) trials.push({ k, scan: rows, rescore: Math.min(factor * k, itemCount) });
    if (rows === most) return trials;
  }
}

/** Points that find more than those of less work. */
function bestPoints(tried: readonly RecallPoint[]): RecallPoint[] {
  const cost = ({ scan, rescore }: RecallPoint): number => scan + RESCORE_COST * rescore;
  const best: RecallPoint[] = [];
  for (const { scan, rescore, recall } of [...tried].sort((a, b) => cost(a) - cost(b))) {
    const before = best.at(-1)?.recall ?? 0;
    if (recall > before + LEAST_GAIN || (recall === 1 && before < 1))
      best.push({ scan, rescore, recall: Math.fround(recall) });
  }
  return thinOut(best);
}

/** Leaves out the points that gain least, until there are no more than the file has room for; the last stays. */
function thinOut(points: RecallPoint[]): RecallPoint[] {
  const kept = points.slice();
  const gain = (i: number): number => (kept[i] as RecallPoint).recall - (kept[i - 1]?.recall ?? 0);
  while (kept.length > CURVE_POINTS) {
    let least = 0;
    for (let i = 1; i < kept.length - 1; i++) if (gain(i) < gain(least)) least = i;
    kept.splice(least, 1);
  }
  return kept;
}

/** A piece gives the share of the k true neighbours that topK finds, mean over the queries. */
export const measureRecall: Task<QueryTools, RecallPlan, Trial, number> = async ({ modules }, plan) => {
  const { file, queries, rows, truth } = plan;
  const index = await loadWith(modules, file, { maxScan: MOST_RESCORED });
  const { dim } = index.info;
  return ({ k, scan, rescore }) => {
    let found = 0;
    let wanted = 0;
    for (const [i, neighbours] of truth.entries()) {
      const query = queries.subarray(i * dim, (i + 1) * dim);
      const self = rows?.[i];
      const { ids } = index.topK(query, self === undefined ? k : k + 1, {
        scan,
        rescore: rescore + (self === undefined ? 0 : 1),
      });
      const answer = new Set(ids.filter((id) => id !== self).slice(0, k));
      const expected = neighbours.subarray(0, k);
      for (const id of expected) if (answer.has(id)) found++;
      wanted += expected.length;
    }
    return wanted > 0 ? found / wanted : 1;
  };
};
