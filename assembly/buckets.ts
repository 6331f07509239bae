import { BLOCK_QUADS, GUIDE_STEP } from "../src/abi";
import { exp64 } from "./exp";
import { Layout } from "./layout";
import { log64 } from "./log";

// What load derives from the file: the numbers of a bucket are functions of its classes' biases, so they cannot disagree.

/**
 * bucketLogWeights[b] = log w_b, w_b the sum of pi = e^bias over the bucket (its number of classes without bias),
 * and shares: where each class's part of the bucket starts, in units of 2^-32 of it. Integers, so a class is drawn
 * with exactly the probability that log Q reports; each class has at least one unit, so none is unreachable.
 */
export function weighBuckets(layout: usize): void {
  const l = changetype<Layout>(layout);
  for (let bucket = 0; bucket < l.bucketCount; bucket++) {
    const offset = l.bucketOffsets + (<usize>bucket << 2);
    const first = load<i32>(offset), end = load<i32>(offset, 4);
    const logWeight = l.shares ? shareOut(l, first, end) : log64(<f64>(end - first));
    store<f32>(l.bucketLogWeights + (<usize>bucket << 2), <f32>logWeight);
  }
}

/** Shares of the classes first..end; returns log of their summed weight. */
function shareOut(l: Layout, first: i32, end: i32): f64 {
  const bias = l.bias, shares = l.shares;
  let top = load<f32>(bias + (<usize>first << 2));
  for (let i = first + 1; i < end; i++) top = max(top, load<f32>(bias + (<usize>i << 2)));
  let total: f64 = 0;
  for (let i = first; i < end; i++) total += exp64(<f64>load<f32>(bias + (<usize>i << 2)) - <f64>top);
  // One unit a class, the rest by weight.
  const perWeight = (4294967296.0 - <f64>(end - first)) / total;
  let sum: f64 = 0;
  for (let i = first; i < end; i++) {
    store<u32>(shares + (<usize>i << 2), <u32>(i - first) + <u32>(sum * perWeight));
    sum += exp64(<f64>load<f32>(bias + (<usize>i << 2)) - <f64>top);
  }
  placeGuides(l, first, end);
  return <f64>top + log64(total);
}

/**
 * shareGuides of a bucket, one for every GUIDE_STEP of its classes from index first / GUIDE_STEP on (no two buckets
 * share one): guide g is the class in whose share the first number of g's part of 2^32 falls (Chen & Asau 1974).
 */
function placeGuides(l: Layout, first: i32, end: i32): void {
  const guides = <u64>((end - first) / GUIDE_STEP);
  let position = first;
  for (let guide: u64 = 0; guide < guides; guide++) {
    const start = ((guide << 32) + guides - 1) / guides; // least number that positionIn sends to this guide
    while (position + 1 < end && <u64>load<u32>(l.shares + (<usize>position << 2), 4) <= start) position++;
    store<i32>(l.shareGuides + ((<usize>(first / GUIDE_STEP) + <usize>guide) << 2), position);
  }
}

/** Lays the buckets out in slots (drawn in masses.ts): group*, block* and slot* tables. Returns the number of blocks. */
export function layOutSlots(layout: usize): i32 {
  const l = changetype<Layout>(layout);
  const mask = l.codewordCount - 1;
  let bucket = 0, quads = 0;
  for (let group = 0; group < l.codewordCount; group++) {
    store<i32>(l.groupBlocks + (<usize>group << 2), quads / BLOCK_QUADS);
    const first = bucket;
    let top: f32 = -Infinity;
    for (; bucket < l.bucketCount && load<i32>(l.bucketCodes + (<usize>bucket << 2)) >> l.bits == group; bucket++) {
      top = max(top, load<f32>(l.bucketLogWeights + (<usize>bucket << 2)));
    }
    store<f32>(l.groupLogWeights + (<usize>group << 2), top);
    let column = -1;
    for (let b = first; b < bucket; b++) {
      const second = load<i32>(l.bucketCodes + (<usize>b << 2)) & mask;
      if (second >> 2 != column) {
        column = second >> 2;
        addQuad(l, quads++, column);
      }
      const slot = (<usize>(quads - 1) << 2) + <usize>(second & 3);
      const weight = exp64(<f64>load<f32>(l.bucketLogWeights + (<usize>b << 2)) - <f64>top);
      store<f32>(l.slotWeights + (slot << 2), <f32>weight);
      const count = countOf(l, b);
      store<f32>(l.slotRates + (slot << 2), 1 / <f32>count);
      store<i32>(l.slotCounts + (slot << 2), count);
      store<i32>(l.slotBuckets + (slot << 2), b);
    }
    while (quads % BLOCK_QUADS) addQuad(l, quads++, 0);
  }
  const blocks = quads / BLOCK_QUADS;
  store<i32>(l.groupBlocks + (<usize>l.codewordCount << 2), blocks);
  for (let group = l.codewordCount; group & 3; group++) {
    store<f32>(l.groupLogWeights + (<usize>group << 2), -Infinity);
  }
  return blocks;
}

function countOf(l: Layout, bucket: i32): i32 {
  const offset = l.bucketOffsets + (<usize>bucket << 2);
  return load<i32>(offset, 4) - load<i32>(offset);
}

function addQuad(l: Layout, quad: i32, column: i32): void {
  store<u8>(l.blockColumns + <usize>quad, <u8>column);
  v128.store(l.slotWeights + (<usize>quad << 4), f32x4.splat(0));
  v128.store(l.slotRates + (<usize>quad << 4), f32x4.splat(0));
  v128.store(l.slotCounts + (<usize>quad << 4), i32x4.splat(0));
  v128.store(l.slotBuckets + (<usize>quad << 4), i32x4.splat(-1));
}
