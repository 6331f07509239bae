import { FEW } from "../../src/abi";
import { allowedBits, countAllowed } from "../bucket-weights";
import { sumLanes } from "../lanes";
import { Layout } from "../layout";
import { log4 } from "../log";
import { log64, portionOut } from "./query";
import { logsAt } from "./weights";

// The portion of a class is its part of the weight of its bucket at a knot, with nothing excluded. So a filter changes log w_b
// by the logarithm of the portions that it leaves, and it costs no exponential of a class:
//
//   log w_b = log w_b of all classes + log (sum of the portions of the classes that are not excluded)

/**
 * If less than this part of a bucket is left, its weight is summed anew, so that no logarithm is long and no portion too small.
 */
const LEAST_PART: f32 = 0.0000152587890625; // 2^-16

const ONE: i32 = 0x3f800000;

/** For each mask of four bits, the lanes that it has. */
const LANES = memory.data<i32>([
  0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0, 0, -1, -1, 0, 0, 0, 0, -1, 0, -1, 0, -1, 0, 0, -1, -1, 0, -1, -1, -1, 0,
  0, 0, 0, -1, -1, 0, 0, -1, 0, -1, 0, -1, -1, -1, 0, -1, 0, 0, -1, -1, -1, 0, -1, -1, 0, -1, -1, -1, -1, -1, -1, -1,
]);

/** Writes to `out`, by position, the portions of all classes that are in buckets at 1 / T = `scale`. O(N). */
export function measurePortions(layout: usize, scale: f32, out: usize): void {
  const l = changetype<Layout>(layout);
  for (let bucket = 0; bucket < l.bucketCount; bucket++) {
    portionOut(layout, bucket, scale, out + (<usize>load<i32>(l.bucketOffsets + (<usize>bucket << 2)) << 2));
  }
}

/**
 * Counts the classes that are not excluded in `count` buckets, listed at `list`, or in all buckets if `list` is 0: slotBuckets,
 * slotCounts and their rates. A bucket without classes leaves an empty slot. O(these buckets + their classes / 32).
 */
export function countBuckets(layout: usize, list: usize, count: i32): void {
  countAndSum(changetype<Layout>(layout), list, count, 0, 0, 0);
}

/**
 * Counts as countBuckets does, and computes log w_b at the knot below or, with `isHigh`, above, for weighFiltered: from the
 * weights of all classes at the knot, `logs` by bucket, and from their portions. If `portions` is 0, the portions of each
 * bucket are computed. It leaves NaN for a bucket of which too little is left. O(classes of these buckets / 4).
 */
export function filterKnot(layout: usize, list: usize, count: i32, logs: usize, portions: usize, isHigh: i32): void {
  const l = changetype<Layout>(layout);
  const out = logsAt(l, list, isHigh);
  countAndSum(l, list, count, isHigh ? l.knotHigh : l.knotLow, portions, out);
  const least = f32x4.splat(LEAST_PART), none = f32x4.splat(0), end = out + (<usize>(list ? count : l.bucketCount) << 2);
  for (let p = out; p < end; p += 16) { // the last turn reads and writes up to three numbers behind the last
    const part = v128.load(p);
    const left = v128.bitselect(f32x4.splat(NaN), log4(part), f32x4.lt(part, least));
    v128.store(p, v128.bitselect(f32x4.splat(-Infinity), left, f32x4.eq(part, none))); // no class is left
  }
  for (let o: usize = 0; out + o < end; o += 4) {
    const bucket = list ? <usize>load<i32>(list + o) << 2 : o;
    store<f32>(out + o, load<f32>(logs + bucket) + load<f32>(out + o));
  }
}

/** Counts, and writes to `out`, unless it is 0, the part that is left of each bucket, exactly 1 for a whole one. */
function countAndSum(l: Layout, list: usize, count: i32, scale: f32, portions: usize, out: usize): void {
  if (!list) count = l.bucketCount;
  const offsets = l.bucketOffsets, excluded = l.excluded, few = l.fewRates;
  for (let i: usize = 0; i < <usize>count; i++) {
    const bucket = list ? load<i32>(list + (i << 2)) : <i32>i;
    const first = load<i32>(offsets + (<usize>bucket << 2)), size = load<i32>(offsets + (<usize>bucket << 2), 4) - first;
    let own = portions + (<usize>first << 2), allowed = size, sum: f32 = 0;
    if (out != 0 && portions == 0) portionOut(changetype<usize>(l), bucket, scale, own = l.headScores);
    if (excluded != 0 && size > 8) {
      allowed = countAllowed(l, first, first + size);
      if (out) sum = <f32>sumOfMany(excluded, first, size, own);
    } else if (excluded) {
      const bits = allowedBits(excluded, first, size);
      allowed = popcnt(bits);
      if (out) sum = sumLanes(f32x4.add(lanesOf(bits, own), lanesOf(bits >> 4, own + 16)));
    }
    // Choosing between floats would take a branch, which is mispredicted.
    if (out) store<i32>(out + (i << 2), select<i32>(ONE, reinterpret<i32>(sum), allowed == size));
    const slot = <usize>load<i32>(l.bucketSlots + (<usize>bucket << 2)) << 2;
    store<i32>(l.slotBuckets + slot, allowed > 0 ? bucket : -1);
    store<i32>(l.slotCounts + slot, allowed);
    if (allowed <= FEW) {
      store<f32>(l.slotRates + slot, load<f32>(few + (<usize>allowed << 3)));
      store<f32>(l.slotLogRates + slot, load<f32>(few + (<usize>allowed << 3), 4));
    } else {
      store<f32>(l.slotRates + slot, 1 / <f32>allowed);
      store<f32>(l.slotLogRates + slot, <f32>-log64(<f64>allowed));
    }
  }
}

/** Returns the sum of the portions of a bucket that are not excluded: in f32 over 32 classes, and in f64 over these sums. */
function sumOfMany(excluded: usize, first: i32, size: i32, portions: usize): f64 {
  let total: f64 = 0;
  for (let i = 0; i < size; i += 32) {
    let sum = f32x4.splat(0), own = portions + (<usize>i << 2);
    for (let bits = allowedBits(excluded, first + i, min(32, size - i)); bits; bits >>= 4, own += 16) {
      sum = f32x4.add(sum, lanesOf(bits, own));
    }
    total += <f64>sumLanes(sum);
  }
  return total;
}

/** Returns four portions, 0 where the bit of the lane is 0. */
// @ts-ignore: decorator
@inline
function lanesOf(bits: u32, portions: usize): v128 {
  return v128.and(v128.load(portions), v128.load(LANES + (<usize>(bits & 15) << 4)));
}
