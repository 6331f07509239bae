import { exp64 } from "../../exp";
import { log64 } from "../../log";
import { Buckets, Entry, ENTRY_BYTES } from "./tables";

/**
 * Sorts the classes into their cells and computes everything that depends on cells and biases: starts, entries,
 * weights, logWeights and rowLogWeights. Afterwards no class is excluded. O(N + C).
 */
export function weighBuckets(buckets: usize): void {
  const b = changetype<Buckets>(buckets);
  sortClasses(b);
  memory.fill(b.excluded, 0, <usize>b.itemCount);
  memory.fill(b.touchedAt, 0xff, (<usize>b.rowCount << b.columnBits) << 2);
  for (let row = 0; row < b.rowCount; row++) weighRow(b, row);
}

/** Computes starts and the class of each entry. The classes of a cell ascend. */
function sortClasses(b: Buckets): void {
  const cellCount = b.rowCount << b.columnBits;
  memory.fill(b.starts, 0, <usize>(cellCount + 1) << 2);
  for (let id: usize = 0; id < <usize>b.itemCount; id++) {
    const count = startOf(b, load<i32>(b.cells + (id << 2)) + 1);
    store<i32>(count, load<i32>(count) + 1);
  }
  for (let cell = 0; cell < cellCount; cell++) {
    const start = startOf(b, cell);
    store<i32>(start, load<i32>(start, 4) + load<i32>(start), 4);
  }
  // Each start advances to the end of its cell, which is the start of the next. Afterwards all are moved back by one.
  for (let id = 0; id < b.itemCount; id++) {
    const start = startOf(b, load<i32>(b.cells + (<usize>id << 2)));
    const place = load<i32>(start);
    entryAt(b, place).id = id;
    store<i32>(start, place + 1);
  }
  memory.copy(b.starts + 4, b.starts, <usize>cellCount << 2);
  store<i32>(b.starts, 0);
}

/** Computes the weights and alias tables of a row of cells. */
function weighRow(b: Buckets, row: i32): void {
  const columns = 1 << b.columnBits, first = row << b.columnBits;
  let largest: f64 = -Infinity;
  for (let cell = first; cell < first + columns; cell++) {
    const start = startOf(b, cell);
    const logWeight = load<i32>(start) < load<i32>(start, 4) ? fillAliases(b, load<i32>(start), load<i32>(start, 4)) : -Infinity;
    store<f32>(b.logWeights + (<usize>cell << 2), <f32>logWeight);
    largest = max(largest, logWeight);
  }
  store<f32>(b.rowLogWeights + (<usize>row << 2), <f32>largest);
  for (let cell = first; cell < first + columns; cell++) {
    store<f32>(b.weights + (<usize>cell << 2), weightInRow(b, cell, load<f32>(b.logWeights + (<usize>cell << 2))));
  }
}

/** Returns w of a cell over the largest of its row. */
export function weightInRow(b: Buckets, cell: i32, logWeight: f32): f32 {
  if (logWeight == -Infinity) return 0;
  return <f32>exp64(<f64>logWeight - <f64>load<f32>(b.rowLogWeights + (<usize>(cell >> b.columnBits) << 2)));
}

/**
 * Makes the alias table (Walker 1977, by Vose's method) of the entries from `start` to `end`, with masses e^bias.
 * Returns the logarithm of their sum. O(end - start). A draw chooses an entry by one word, so the probability of each
 * of n entries is 1/n up to n · 2^-32.
 */
function fillAliases(b: Buckets, start: i32, end: i32): f64 {
  const count = end - start;
  let largest: f64 = -Infinity;
  for (let i = start; i < end; i++) largest = max(largest, biasOf(b, entryAt(b, i).id));
  let sum: f64 = 0;
  for (let i = start; i < end; i++) sum += exp64(biasOf(b, entryAt(b, i).id) - largest);

  // leftSums holds the heights. leftIds holds, from both ends, the entries that are lower than a column and those that
  // are not.
  const heights = b.leftSums, listed = b.leftIds;
  let low = 0, high = count;
  for (let i = 0; i < count; i++) {
    const entry = entryAt(b, start + i);
    const height = exp64(biasOf(b, entry.id) - largest) / sum * <f64>count;
    store<f64>(heights + (<usize>i << 3), height);
    entry.alias = entry.id;
    if (height < 1) store<i32>(listed + (<usize>(low++) << 2), i);
    else store<i32>(listed + (<usize>(--high) << 2), i);
  }
  while (low > 0 && high < count) {
    const short = load<i32>(listed + (<usize>(--low) << 2)), tall = load<i32>(listed + (<usize>high << 2));
    const lowEntry = entryAt(b, start + short), height = load<f64>(heights + (<usize>short << 3));
    lowEntry.height = <u32>(height * 4294967296.0);
    lowEntry.alias = entryAt(b, start + tall).id;
    const left = load<f64>(heights + (<usize>tall << 3)) - (1 - height);
    store<f64>(heights + (<usize>tall << 3), left);
    if (left >= 1) continue;
    high++;
    store<i32>(listed + (<usize>(low++) << 2), tall);
  }
  // The entries that are left are as tall as a column: all high ones and, by rounding, low ones. Each is its own alias.
  return largest + log64(sum);
}

/** Returns the address of the first entry of a cell; the first of the next cell follows it. */
// @ts-ignore: decorator
@inline
export function startOf(b: Buckets, cell: i32): usize {
  return b.starts + (<usize>cell << 2);
}

/** Returns an entry of the alias tables. */
// @ts-ignore: decorator
@inline
export function entryAt(b: Buckets, place: i32): Entry {
  return changetype<Entry>(b.entries + <usize>place * ENTRY_BYTES);
}

/** Returns the bias of a class. */
// @ts-ignore: decorator
@inline
export function biasOf(b: Buckets, id: i32): f64 {
  return <f64>load<f32>(b.biases + (<usize>id << 2));
}
