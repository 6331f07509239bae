// The cost of a compaction beside a build from scratch of the same classes, and the worth of the index then (npm run
// bench:compaction). 100,000 tokens, or the number given as an argument: 5 % get another row, 5 % are removed, and as many
// new ones come. The four ways take turns in one process; only ratios of one run count.
import type { ChangeSet } from "../src/changes/index.ts";
import { checksumOf } from "../src/train/compaction/base-index.ts";
import { compactWith } from "../src/train/compaction/compact.ts";
import { measureCompacted } from "../src/train/compaction/measure-compacted.ts";
import { singleThread } from "../src/train/runtime/worker-pool.ts";
import { haveTokens, tokensHead } from "./heads.ts";
import { build, buildMeasured, load, modules, trainKernels } from "./library.ts";
import { cpuMillis, median } from "./timing.ts";

const TURNS = 5;
const CHURN = 0.05;
const K = 10;
const SCAN = 1024;
const [itemCount = 100_000] = process.argv.slice(2).map(Number);

if (haveTokens()) {
  const { changes, older, table, options, queries, dim } = await churned();
  const ways: Readonly<Record<string, () => Promise<Uint8Array>>> = {
    "compact, carried over": () => compact(older, changes, "carry"),
    "build, not calibrated": () => build(table, { ...options, calibrate: "off" }),
    "compact, quick": () => compact(older, changes, "quick"),
    "build, quick": () => buildMeasured(table, options),
  };
  const times: Record<string, number[]> = {};
  const files: Record<string, Uint8Array> = {};
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [name, way] of Object.entries(ways)) {
      const start = cpuMillis();
      files[name] = await way();
      times[name] = [...(times[name] ?? []), cpuMillis() - start];
    }
  }
  console.log(
    `${itemCount} classes × ${dim}, ${2 * CHURN * itemCount} of them changed: ms of CPU (median of ${TURNS})`,
  );
  for (const [name, each] of Object.entries(times)) {
    const index = await load(files[name] as Uint8Array);
    let [found, error] = [0, 0];
    const count = queries.length / dim;
    for (let at = 0; at < queries.length; at += dim) {
      const query = queries.subarray(at, at + dim);
      const best = new Set(index.labels(index.topK(query, K, { exact: true }).ids));
      const { ids, logPartition } = index.predict(query, K, { scan: SCAN, seed: 1 });
      found += index.labels(ids).filter((label) => best.has(label)).length / (K * count);
      error += (logPartition - index.logPartition(query, { exact: true, seed: 1 }).logPartition) ** 2 / count;
    }
    const quality = `recall@${K} ${found.toFixed(4)}, error of log Z ${Math.sqrt(error).toFixed(4)}`;
    console.log(`${name}: ${median(each).toFixed(0)}; predict with scan ${SCAN}: ${quality}`);
    index.dispose();
  }
  console.log("hnswlib-node and usearch were not run: bench/peers installs them");
}

/** Compacts as the library does, whose kernels are inlined. */
async function compact(file: Uint8Array, changes: ChangeSet, calibrate: "carry" | "quick"): Promise<Uint8Array> {
  const kernels = trainKernels();
  const compacted = await compactWith(kernels, file, [changes], { calibrate });
  await measureCompacted(modules, checksumOf(kernels), compacted, { calibrate }, singleThread({ modules }));
  return compacted.file;
}

/** Makes an index of tokens, changes of it, and the table that they make of it. */
async function churned() {
  const count = CHURN * itemCount;
  const { data: all, dim, bias, queries } = tokensHead("tokens", itemCount + count);
  const data = Float32Array.from(all);
  const labels = Array.from({ length: itemCount }, (_, id) => String(id));
  const rowOf = (id: number): Float32Array<ArrayBuffer> => data.subarray(id * dim, (id + 1) * dim);
  const older = await build(
    { data: data.slice(0, itemCount * dim), shape: [itemCount, dim] },
    { bias: bias.slice(0, itemCount), labels, seed: 1 },
  );
  const picked = Array.from({ length: 2 * count }, (_, i) => (i * 7919) % itemCount);
  const [replaced, removed] = [picked.slice(0, count), new Set(picked.slice(count))];
  const fresh = new Map(
    replaced.map((id) => [id, rowOf(id).map((value, d) => (value + (rowOf(id + 1)[d] as number)) / 2)]),
  );
  const added = Array.from({ length: count }, (_, i) => itemCount + i);
  for (const id of added) fresh.set(id, rowOf(id));
  const rows = (ids: readonly number[]): Float32Array => {
    const all = new Float32Array(ids.length * dim);
    for (const [i, id] of ids.entries()) all.set(fresh.get(id) ?? rowOf(id), i * dim);
    return all;
  };
  const biases = (ids: readonly number[]): number[] => ids.map((id) => bias[id] as number);
  const upserted = [...replaced, ...added];
  const changes: ChangeSet = {
    upserts: { labels: upserted.map(String), rows: rows(upserted), biases: biases(upserted) },
    removals: [...removed].map(String),
  };
  const left = [...Array.from({ length: itemCount }, (_, id) => id).filter((id) => !removed.has(id)), ...added];
  return {
    ...{ changes, older, queries: queries.subarray(0, 200 * dim), dim },
    table: { data: rows(left), shape: [left.length, dim] } as const,
    options: { bias: biases(left), labels: left.map(String), seed: 1 },
  };
}
