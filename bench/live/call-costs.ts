import { applyChanges, type ChangeSet } from "../../src/changes/index.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { tokensHead } from "../heads.ts";
import { build, load } from "../library.ts";
import { medianTimes } from "../timing.ts";

const ROUNDS = 24;
const BURST = 16;
const REMOVED = [700, 7000];
const REPLACED = 1000;
const MOST = 20_000;

/** The median times of calls in µs, by kind of call and by what has changed. The kinds took turns in one process. */
export type CallTimes = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The name of the index without changes, whose times are the unit. */
export const UNCHANGED = "no changes";

/** Prices are spread over 0 to PRICES − 1. */
export const PRICES = 10_007;

/** An index of tokens with prices, and changes to it. */
export interface ChangedTokens {
  readonly itemCount: number;
  query(call: number): Float32Array;
  /** Copies of rows of the file, as rows of new classes from `first` on or, without `first`, of their own. */
  upserts(count: number, first?: number): ChangeSet;
  removals(count: number): ChangeSet;
  changed(...sets: ChangeSet[]): Promise<MultiIndex>;
  times(rows: readonly number[]): Promise<CallTimes>;
}

/** Builds an index of tokens, to be changed. */
export async function changedTokens(itemCount: number): Promise<ChangedTokens> {
  const { data, dim, bias, queries } = tokensHead("tokens", itemCount);
  const priceOf = (id: number): number => (Math.imul(id, 0x9e3779b1) >>> 0) % PRICES;
  const values = Float64Array.from({ length: itemCount }, (_, id) => priceOf(id));
  const columns = { price: { type: "number", values } } as const;
  const file = await build({ data, shape: [itemCount, dim] }, { bias, seed: 1, calibrate: "off", columns });
  const query = (call: number): Float32Array => {
    const at = (call % (queries.length / dim)) * dim;
    return queries.subarray(at, at + dim);
  };
  const upserts = (count: number, first?: number): ChangeSet => {
    const sources = Array.from({ length: count }, (_, i) => (i * 7919) % itemCount);
    const rows = new Float32Array(count * dim);
    for (const [i, id] of sources.entries()) rows.set(data.subarray(id * dim, (id + 1) * dim), i * dim);
    const labels = sources.map((id, i) => String(first === undefined ? id : first + i));
    const biases = sources.map((id) => bias[id] as number);
    return { upserts: { labels, rows, biases, columns: { price: sources.map(priceOf) } } };
  };
  const removals = (count: number): ChangeSet => ({
    removals: Array.from({ length: count }, (_, i) => String((i * 104_729) % itemCount)),
  });
  const changed = async (...sets: ChangeSet[]): Promise<MultiIndex> => {
    const index = await load(file, { maxDelta: MOST });
    for (const set of sets) applyChanges(index, set);
    return index;
  };
  const times = async (rows: readonly number[]): Promise<CallTimes> => {
    const indexes: Record<string, MultiIndex> = {
      "loaded without maxDelta": await load(file),
      [UNCHANGED]: await changed(),
    };
    for (const count of rows) indexes[`${count} rows added`] = await changed(upserts(count, itemCount));
    for (const count of REMOVED) indexes[`${count} classes removed`] = await changed(removals(count));
    indexes[`${REPLACED} rows replaced`] = await changed(upserts(REPLACED));
    const calls = {
      predict: (index: MultiIndex, call: number) => index.predict(query(call), 10, { seed: call }),
      "exact topK": (index: MultiIndex, call: number) => index.topK(query(call), 10, { exact: true }),
      "predict, 50 excluded, others in each call": (index: MultiIndex, call: number) =>
        index.predict(query(call), 10, {
          seed: call,
          exclude: Array.from({ length: 50 }, (_, i) => (call * 61 + i * 7) % itemCount),
        }),
    };
    const timesOf = (ask: (index: MultiIndex, call: number) => unknown): Record<string, number> =>
      medianTimes(
        ROUNDS,
        BURST,
        Object.fromEntries(Object.entries(indexes).map(([kind, index]) => [kind, (call: number) => ask(index, call)])),
      );
    const all = Object.fromEntries(Object.entries(calls).map(([name, ask]) => [name, timesOf(ask)]));
    for (const index of Object.values(indexes)) index.dispose();
    return all;
  };
  return { itemCount, query, upserts, removals, changed, times };
}
