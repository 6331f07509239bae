import type { Filter } from "../../src/columns/filter.ts";
import { medianTimes } from "../timing.ts";
import { type ChangedTokens, PRICES, UNCHANGED } from "./call-costs.ts";

const ROUNDS = 24;
const BURST = 16;
/** The shares of the classes that pass. */
const SHARES = [0.5, 0.1, 0.01];
const [ADDED, REMOVED] = [10_000, 7000];

/** The time of a predict with a filter, in units of one without a filter on the same index. */
export interface FilterCost {
  /** What has changed in the index. */
  readonly changes: string;
  /** The share of the classes that pass. */
  readonly share: number;
  /** With a filter that no call had before. */
  readonly first: number;
  /** With the filter of the call before. */
  readonly again: number;
}

/** Measures what a filter costs the first time and again. */
export async function filterCosts({
  itemCount,
  query,
  upserts,
  removals,
  changed,
}: ChangedTokens): Promise<FilterCost[]> {
  const indexes = {
    [UNCHANGED]: await changed(),
    [`${ADDED} rows added`]: await changed(upserts(ADDED, itemCount)),
    [`${REMOVED} classes removed`]: await changed(removals(REMOVED)),
  };
  const costs: FilterCost[] = [];
  for (const [changes, index] of Object.entries(indexes)) {
    const predict = (filter?: (call: number) => Filter) => (call: number) =>
      index.predict(query(call), 10, { seed: call, ...(filter && { filter: filter(call) }) });
    const calls: Record<string, (call: number) => unknown> = { predict: predict() };
    for (const share of SHARES) {
      calls[`first ${share}`] = predict((call) => pricesFrom(call, share));
      calls[`again ${share}`] = predict(() => pricesFrom(0, share));
    }
    const times = medianTimes(ROUNDS, BURST, calls);
    const cost = (name: string): number => (times[name] as number) / (times.predict as number);
    for (const share of SHARES) {
      costs.push({ changes, share, first: cost(`first ${share}`), again: cost(`again ${share}`) });
    }
    index.dispose();
  }
  return costs;
}

/** Returns a filter that a share of the classes passes, other ones for every call. */
function pricesFrom(call: number, share: number): Filter {
  const width = Math.round(share * PRICES);
  const from = (call * 2741) % (PRICES - width);
  return { price: { $gte: from, $lt: from + width } };
}
