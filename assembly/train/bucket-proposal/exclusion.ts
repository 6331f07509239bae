import { exp64 } from "../../exp";
import { log64 } from "../../log";
import { Buckets, Touched } from "./tables";
import { biasOf, entryAt, startOf, weightInRow } from "./weights";

/** Ends all exclusions. O(excluded classes). */
export function readmit(buckets: usize): void {
  const b = changetype<Buckets>(buckets);
  for (let t = 0; t < b.touchedCount; t++) {
    const touched = touchedBucket(b, t);
    const cell = <usize>touched.cell << 2;
    store<f32>(b.weights + cell, touched.weight);
    store<f32>(b.logWeights + cell, touched.logWeight);
    store<i32>(b.touchedAt + cell, -1);
  }
  for (let i = 0; i < b.excludedCount; i++) store<u8>(b.excluded + <usize>excludedId(b, i), 0);
  b.touchedCount = 0;
  b.excludedCount = 0;
}

/**
 * Excludes the first `count` classes of excludedIds. Their buckets weigh the classes that are left, which are added up
 * anew and never subtracted. O(classes of these buckets).
 *
 * The ids must be distinct, and no class may be excluded before (readmit).
 */
export function exclude(buckets: usize, count: i32): void {
  const b = changetype<Buckets>(buckets);
  b.excludedCount = count;
  for (let i = 0; i < count; i++) store<u8>(b.excluded + <usize>excludedId(b, i), 1);
  let used = 0;
  for (let i = 0; i < count; i++) {
    const cell = load<i32>(b.cells + (<usize>excludedId(b, i) << 2));
    if (load<i32>(b.touchedAt + (<usize>cell << 2)) < 0) used = touch(b, cell, used);
  }
}

/** Adds up the classes that are left in a cell and lists them from `used` on. Returns the end of the list. */
function touch(b: Buckets, cell: i32, used: i32): i32 {
  const touched = touchedBucket(b, b.touchedCount), place = <usize>cell << 2;
  store<i32>(b.touchedAt + place, b.touchedCount++);
  touched.cell = cell;
  touched.start = used;
  touched.weight = load<f32>(b.weights + place);
  touched.logWeight = load<f32>(b.logWeights + place);
  const start = load<i32>(startOf(b, cell)), end = load<i32>(startOf(b, cell), 4);
  let largest: f64 = -Infinity;
  for (let i = start; i < end; i++) {
    const id = entryAt(b, i).id;
    if (!load<u8>(b.excluded + <usize>id)) largest = max(largest, biasOf(b, id));
  }
  let sum: f64 = 0;
  for (let i = start; i < end; i++) {
    const id = entryAt(b, i).id;
    if (load<u8>(b.excluded + <usize>id)) continue;
    sum += exp64(biasOf(b, id) - largest);
    store<i32>(b.leftIds + (<usize>used << 2), id);
    store<f64>(b.leftSums + (<usize>used << 3), sum);
    used++;
  }
  touched.count = used - touched.start;
  const logWeight: f32 = sum > 0 ? <f32>(largest + log64(sum)) : -Infinity;
  store<f32>(b.logWeights + place, logWeight);
  store<f32>(b.weights + place, weightInRow(b, cell, logWeight));
  return used;
}

/** Returns entry `index` of the buckets with excluded classes. */
// @ts-ignore: decorator
@inline
export function touchedBucket(b: Buckets, index: i32): Touched {
  return changetype<Touched>(b.touched + <usize>index * offsetof<Touched>());
}

// @ts-ignore: decorator
@inline
function excludedId(b: Buckets, i: i32): i32 {
  return load<i32>(b.excludedIds + (<usize>i << 2));
}
