import { BLOCK_QUADS, BLOCK_SLOTS, DISPERSION_DIRECTIONS, FEW } from "../../src/abi";
import { Layout } from "../layout";
import { directionBytes } from "../tilt";
import { log64, maxOf } from "./query";

// Tables that load derives from the places of the buckets. They are functions of the file, so they cannot disagree with
// it.

/**
 * Assigns the buckets to slots, which masses.ts draws: it sets groupBlocks, groupBuckets, blockColumns, slotBuckets,
 * bucketSlots and topPositions and, if the file has dispersions, slotDispersions, blockDispersions and largestDispersion. All
 * slots are empty afterwards, until weighBuckets fills them. Returns the number of blocks. O(N + blocks).
 *
 * bucketCodes must ascend and lie below K² (firstUnordered).
 */
export function layOutSlots(layout: usize): i32 {
  const l = changetype<Layout>(layout);
  const mask = l.codewordCount - 1;
  let bucket = 0, quads = 0;
  for (let group = 0; group < l.codewordCount; group++) {
    store<i32>(l.groupBlocks + (<usize>group << 2), quads / BLOCK_QUADS);
    store<i32>(l.groupBuckets + (<usize>group << 2), bucket);
    let column = -1;
    for (; bucket < l.bucketCount; bucket++) {
      const code = load<i32>(l.bucketCodes + (<usize>bucket << 2));
      if (code >> l.bits != group) break;
      const second = code & mask;
      if (second >> 2 != column) {
        column = second >> 2;
        store<u8>(l.blockColumns + <usize>quads, <u8>column);
        quads++;
      }
      store<i32>(l.bucketSlots + (<usize>bucket << 2), ((quads - 1) << 2) + (second & 3));
    }
    for (; quads % BLOCK_QUADS; quads++) store<u8>(l.blockColumns + <usize>quads, 0);
  }
  const blocks = quads / BLOCK_QUADS;
  store<i32>(l.groupBlocks + (<usize>l.codewordCount << 2), blocks);
  store<i32>(l.groupBuckets + (<usize>l.codewordCount << 2), bucket);
  for (let slot: usize = 0; slot < <usize>blocks * BLOCK_SLOTS; slot += 4) emptySlots(l, slot << 2);
  memory.fill(l.slotWeights, 0, <usize>l.weightSlots << 2); // slots without a bucket keep it
  if (l.dispersionBuckets) placeDispersions(l, blocks);
  for (bucket = 0; bucket < l.bucketCount; bucket++) placeTop(l, bucket);
  store<f32>(l.fewRates, 0);
  store<f32>(l.fewRates, 0, 4);
  for (let count = 1; count <= FEW; count++) {
    store<f32>(l.fewRates + (<usize>count << 3), 1 / <f32>count);
    store<f32>(l.fewRates + (<usize>count << 3), <f32>-log64(<f64>count), 4);
  }
  return blocks;
}

/** Sets the topPositions of a bucket: the first class with its largest bias. */
function placeTop(l: Layout, bucket: i32): void {
  const offset = l.bucketOffsets + (<usize>bucket << 2), end = load<i32>(offset, 4);
  let top = load<i32>(offset);
  for (let position = top + 1; l.bias != 0 && position < end; position++) {
    if (load<f32>(l.bias + (<usize>position << 2)) > load<f32>(l.bias + (<usize>top << 2))) top = position;
  }
  store<i32>(l.topPositions + (<usize>bucket << 2), top);
}

/** Sets slotDispersions, blockDispersions, largestDispersion and evenShare. The buckets must have their slots. */
function placeDispersions(l: Layout, blocks: i32): void {
  memory.fill(l.slotDispersions, 0, <usize>blocks * (BLOCK_SLOTS << 2));
  let largest: f32 = 0;
  for (let bucket: usize = 0; bucket < <usize>l.bucketCount; bucket++) {
    const dispersion = load<f32>(l.dispersionBuckets + (bucket << 2));
    store<f32>(l.slotDispersions + (<usize>load<i32>(l.bucketSlots + (bucket << 2)) << 2), dispersion);
    largest = max(largest, dispersion);
  }
  l.largestDispersion = largest;
  for (let block: usize = 0; block < <usize>blocks; block++) {
    store<f32>(l.blockDispersions + (block << 2), maxOf(l.slotDispersions + block * (BLOCK_SLOTS << 2), BLOCK_SLOTS));
  }
  l.residualReach = <f32>sqrt(2 * log64(<f64>max(l.itemCount, 2)));
  let excess: f64 = 0;
  const end = l.dispersionDirections + <usize>DISPERSION_DIRECTIONS * directionBytes(l);
  for (let p = l.dispersionDirections; p < end; p += 4) excess += <f64>load<f32>(p) * <f64>load<f32>(p);
  l.evenShare = <f32>max<f64>(0, 1 - excess / <f64>l.dim);
}

/** Marks four slots as empty: rate and number of classes are 0. */
function emptySlots(l: Layout, offset: usize): void {
  v128.store(l.slotRates + offset, f32x4.splat(0));
  v128.store(l.slotCounts + offset, i32x4.splat(0));
  v128.store(l.slotBuckets + offset, i32x4.splat(-1));
  v128.store(l.slotLogRates + offset, f32x4.splat(0));
}
