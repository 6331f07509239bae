// What changes cost a call: rows that were added and classes that were removed, in predicts and exact top k of the same run
// (node bench/changes.ts, after `npm run build:kernels`). The kinds of calls take turns in one process. 100,000 classes, or
// the number given as an argument.
import { applyChanges, type ChangeSet } from "../src/changes/index.ts";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { haveTokens, tokensHead } from "./heads.ts";
import { build, load } from "./library.ts";
import { cpuMillis, medianTimes } from "./timing.ts";

const ROUNDS = 24;
const BURST = 16;
const ROWS = [100, 1000, 10_000];
const REMOVED = [700, 7000];
const MOST = 20_000;
const [itemCount = 100_000] = process.argv.slice(2).map(Number);

if (haveTokens()) {
  const { data, dim, bias, queries } = tokensHead("tokens", itemCount);
  const file = await build({ data, shape: [itemCount, dim] }, { bias, seed: 1, calibrate: "off" });
  const query = (call: number): Float32Array => {
    const at = (call % (queries.length / dim)) * dim;
    return queries.subarray(at, at + dim);
  };
  /** Copies of rows of the file, as rows of new classes from `first` on or, without `first`, of their own. */
  const upserts = (count: number, first?: number): ChangeSet => {
    const sources = Array.from({ length: count }, (_, i) => (i * 7919) % itemCount);
    const rows = new Float32Array(count * dim);
    for (const [i, id] of sources.entries()) rows.set(data.subarray(id * dim, (id + 1) * dim), i * dim);
    const labels = sources.map((id, i) => String(first === undefined ? id : first + i));
    return { upserts: { labels, rows, biases: sources.map((id) => bias[id] as number) } };
  };
  const removals = (count: number): ChangeSet => ({
    removals: Array.from({ length: count }, (_, i) => String((i * 104_729) % itemCount)),
  });
  const changed = async (...sets: ChangeSet[]): Promise<MultiIndex> => {
    const index = await load(file, { maxDelta: MOST });
    for (const set of sets) applyChanges(index, set);
    return index;
  };
  const indexes: Record<string, MultiIndex> = {
    "loaded without maxDelta": await load(file),
    "no changes": await changed(),
    ...Object.fromEntries(
      await Promise.all(ROWS.map(async (count) => [`${count} rows added`, await changed(upserts(count, itemCount))])),
    ),
    ...Object.fromEntries(
      await Promise.all(REMOVED.map(async (count) => [`${count} classes removed`, await changed(removals(count))])),
    ),
    "1000 rows replaced": await changed(upserts(1000)),
  };
  const calls = {
    predict: (index: MultiIndex, call: number) => index.predict(query(call), 10, { seed: call }),
    "exact topK": (index: MultiIndex, call: number) => index.topK(query(call), 10, { exact: true }),
    "predict, 50 excluded, others in each call": (index: MultiIndex, call: number) =>
      index.predict(query(call), 10, {
        seed: call,
        exclude: Array.from({ length: 50 }, (_, i) => (call * 61 + i * 7) % itemCount),
      }),
  };
  console.log(`${itemCount} classes of ${dim} values, µs a call (median)`);
  for (const [name, ask] of Object.entries(calls)) {
    const kinds = Object.fromEntries(
      Object.entries(indexes).map(([kind, index]) => [kind, (call: number) => ask(index, call)]),
    );
    const times = medianTimes(ROUNDS, BURST, kinds);
    const unit = times["no changes"] as number;
    for (const [kind, time] of Object.entries(times)) {
      console.log(`${name}, ${kind}: ${time.toFixed(0)} (${time >= unit ? "+" : ""}${(time - unit).toFixed(0)})`);
    }
  }
  const full = indexes[`${ROWS.at(-1)} rows added`] as MultiIndex;
  for (const count of [1, 100]) {
    const start = cpuMillis();
    const turns = 20;
    for (let turn = 0; turn < turns; turn++) applyChanges(full, upserts(count, itemCount + 37 * turn));
    console.log(`applyChanges of ${count} rows to 10000: ${((cpuMillis() - start) / turns).toFixed(2)} ms of CPU`);
  }
}
