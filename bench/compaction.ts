// The cost of changes to an index, beside a build from scratch of the same classes, and the worth of the index then (npm
// run bench:compaction): midx by a delta and by compaction, hnswlib-node and usearch in place. 100,000 tokens, or the number
// given as an argument. The ways of midx take turns in one process. --write writes bench/results/compaction.json and the
// table of docs/changes.md.

import { applyChanges } from "../src/changes/index.ts";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { checksumOf } from "../src/train/compaction/base-index.ts";
import { compactWith } from "../src/train/compaction/compact.ts";
import { measureCompacted } from "../src/train/compaction/measure-compacted.ts";
import { onThisThread } from "../src/train/stand-ins/query-pools.ts";
import { type BiasedRows, bestOf, type Churn, changeSetOf, churnedTokens } from "./compaction/churn.ts";
import { type Graph, graphMakers, graphRows, SEARCH_WIDTH } from "./compaction/graphs.ts";
import type { CompactionResult, Way } from "./compaction/result.ts";
import { compactionTable } from "./compaction/table.ts";
import { haveTokens } from "./heads.ts";
import { build, buildMeasured, load, modules, trainKernels } from "./library.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";
import { writeResult } from "./results-file.ts";
import { cpuMillis, median } from "./timing.ts";

const TURNS = 5;
const K = 10;
const SCAN = 1024;
const [itemCount = 100_000] = process.argv.slice(2).map(Number).filter(Number.isFinite);

if (haveTokens()) {
  const churn = churnedTokens(itemCount);
  const { before, after, queries, dim } = churn;
  const best = bestOf(after, queries, dim, K);
  const bestBefore = bestOf(before, queries, dim, K);
  const result: CompactionResult = {
    ...originOf("one core"),
    itemCount,
    dim,
    changed: 2 * churn.removed.length,
    ways: [...(await ofMidx(churn, best, bestBefore)), ...ofGraphs(churn, best, bestBefore)],
  };
  console.log(compactionTable(result));
  if (process.argv.includes("--write")) {
    replaceBetween("docs/changes.md", "compaction", compactionTable(writeResult("compaction", result)));
  }
}

async function ofMidx(churn: Churn, best: readonly Set<number>[], bestBefore: readonly Set<number>[]): Promise<Way[]> {
  const { before, after, queries, dim } = churn;
  const changes = changeSetOf(churn);
  const tableOf = ({ rows, ids }: BiasedRows) => ({ data: rows, shape: [ids.length, dim] }) as const;
  const optionsOf = ({ ids, biases }: BiasedRows) => ({ bias: biases, labels: ids.map(String), seed: 1 });
  const older = await build(tableOf(before), optionsOf(before));
  const apply = async (): Promise<MultiIndex> => {
    const index = await load(older, { maxDelta: changes.upserts?.labels.length ?? 0 });
    const start = cpuMillis();
    applyChanges(index, changes);
    record("midx: changes applied to the loaded index", start, index);
    return index;
  };
  const measured = new Map<string, { readonly times: number[]; found: MultiIndex | Uint8Array }>();
  const record = (name: string, start: number, found: MultiIndex | Uint8Array): void => {
    const time = cpuMillis() - start;
    const known = measured.get(name);
    if (known) known.times.push(time);
    measured.set(name, { times: known?.times ?? [time], found });
  };
  const compact = async (calibrate: "carry" | "quick"): Promise<Uint8Array> => {
    const kernels = trainKernels();
    const compacted = await compactWith(kernels, older, [changes], { calibrate });
    const pools = onThisThread(modules, trainKernels());
    await measureCompacted(modules, checksumOf(kernels), compacted, { calibrate }, pools);
    return compacted.file;
  };
  type Ways = Readonly<Record<string, () => Promise<Uint8Array>>>;
  const compacting: Ways = {
    "midx: compact, calibration carried over": () => compact("carry"),
    "midx: compact, calibrated anew": () => compact("quick"),
  };
  const scratch: Ways = {
    "midx: build from scratch, not calibrated": () => build(tableOf(after), { ...optionsOf(after), calibrate: "off" }),
    "midx: build from scratch, calibrated": () => buildMeasured(tableOf(after), optionsOf(after)),
  };
  for (let turn = 0; turn < TURNS; turn++) {
    await apply();
    for (const [name, way] of Object.entries({ ...compacting, ...scratch })) {
      const start = cpuMillis();
      record(name, start, await way());
    }
  }
  const recallOf = (index: MultiIndex, truth: readonly Set<number>[]): number =>
    recall(queries, dim, truth, (query) =>
      index.labels(index.predict(query, K, { scan: SCAN, seed: 1 }).ids).map(Number),
    );
  const asked = `predict, scan ${SCAN.toLocaleString("en")}`;
  const recallBefore = recallOf(await load(older), bestBefore);
  const results: Way[] = [];
  for (const [name, { times, found }] of measured) {
    const index = found instanceof Uint8Array ? await load(found) : found;
    const before = name in scratch ? {} : { recallBefore };
    results.push({ name, millis: median(times), turns: times.length, ...before, recall: recallOf(index, best), asked });
  }
  return results;
}

function ofGraphs(churn: Churn, best: readonly Set<number>[], bestBefore: readonly Set<number>[]): Way[] {
  const { before, after, upserts, removed, queries, dim } = churn;
  const rows = graphRows(churn);
  const asked = `ef ${SEARCH_WIDTH}`;
  const known = new Set(before.ids);
  const results: Way[] = [];
  const fill = (graph: Graph, { ids }: BiasedRows, of: readonly Float32Array[]): void => {
    for (const [i, id] of ids.entries()) graph.add(id, of[i] as Float32Array, !known.has(id));
  };
  const recallOf = (graph: Graph, truth: readonly Set<number>[]): number =>
    recall(queries, dim, truth, (query) => graph.search(query, K));
  for (const [name, make] of graphMakers(rows.width, before.ids.length + upserts.ids.length)) {
    const graph = make();
    fill(graph, before, rows.before);
    const timed = (way: string, taken: Graph, earlier: Pick<Way, "recallBefore">, work: () => void): void => {
      const start = processMillis();
      work();
      const millis = processMillis() - start;
      results.push({ name: `${name}: ${way}`, millis, turns: 1, ...earlier, recall: recallOf(taken, best), asked });
    };
    timed("changed in place", graph, { recallBefore: recallOf(graph, bestBefore) }, () => {
      for (const id of removed) graph.remove(id);
      fill(graph, upserts, rows.upserts);
    });
    const scratch = make();
    timed("build from scratch", scratch, {}, () => {
      for (const [i, id] of after.ids.entries()) scratch.add(id, rows.after[i] as Float32Array, false);
    });
  }
  return results;
}

/** Returns the CPU milliseconds of all threads: a library may use one of its own. */
function processMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Returns the share of the best classes that answers have. */
function recall(
  queries: Float32Array,
  dim: number,
  truth: readonly Set<number>[],
  answer: (query: Float32Array) => readonly number[],
): number {
  let found = 0;
  for (const [q, best] of truth.entries()) {
    found += answer(queries.subarray(q * dim, (q + 1) * dim)).filter((id) => best.has(id)).length / (K * truth.length);
  }
  return found;
}
