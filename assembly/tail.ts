import { BLOCK_QUADS, BLOCK_SLOTS } from "../src/abi";
import { sumLanes } from "./lanes";
import { Layout, Search } from "./layout";
import { log64 } from "./log";

const UNIT: f64 = 2.3283064365386963e-10; // 2^-32

/**
 * Takes the head's buckets out of the masses and sums the rest: groupPrefix and tailTotal.
 * The tail is summed over its own buckets, never by subtraction, which cancels when the head holds nearly everything.
 */
export function sumTail(layout: usize): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const headSlots = l.headSlots, count = <i32>s.headBucketCount;
  let touched = -1;
  for (let i = 0; i < count; i++) {
    const slot = load<i32>(headSlots + (<usize>i << 2));
    store<f32>(l.slotMasses + (<usize>slot << 2), 0);
    const block = slot / BLOCK_SLOTS;
    if (block == touched) continue;
    if (touched >= 0) sumBlock(l, touched);
    touched = block;
  }
  if (touched >= 0) sumBlock(l, touched);

  let total: f64 = 0;
  for (let group = 0; group < l.codewordCount; group++) {
    store<f64>(l.groupPrefix + (<usize>group << 3), total);
    const blocks = l.groupBlocks + (<usize>group << 2);
    const end = l.blockSums + (<usize>load<i32>(blocks, 4) << 4);
    let sum = f32x4.splat(0);
    for (let p = l.blockSums + (<usize>load<i32>(blocks) << 4); p < end; p += 16) sum = f32x4.add(sum, v128.load(p));
    total += <f64>sumLanes(sum);
  }
  store<f64>(l.groupPrefix + (<usize>l.codewordCount << 3), total);
  s.tailTotal = total;
}

function sumBlock(l: Layout, block: i32): void {
  const masses = l.slotMasses + <usize>block * (BLOCK_SLOTS << 2);
  let sum = f32x4.splat(0);
  for (let quad: usize = 0; quad < <usize>BLOCK_QUADS; quad++) sum = f32x4.add(sum, v128.load(masses + (quad << 4)));
  v128.store(l.blockSums + (<usize>block << 4), sum);
}

/**
 * The slot in which `target`, in [0, tailTotal), falls: prefix sums over groups, then blocks, quads, lanes.
 * Where rounding carries the target past the end of a level, the last slot with a mass is taken: weight 0 stays out.
 */
export function slotAt(layout: usize, target: f64): i32 {
  const l = changetype<Layout>(layout);
  const prefix = l.groupPrefix;
  // Last group whose prefix is at most the target; groups without mass share their successor's prefix.
  let low: usize = 0, high = <usize>l.codewordCount;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (load<f64>(prefix + (middle << 3)) <= target) low = middle;
    else high = middle;
  }
  while (low > 0 && load<f64>(prefix + (low << 3)) == load<f64>(prefix + (low << 3), 8)) low--;
  let rest = target - load<f64>(prefix + (low << 3));

  const firstBlock = load<i32>(l.groupBlocks + (low << 2)), endBlock = load<i32>(l.groupBlocks + (low << 2), 4);
  let block = firstBlock;
  for (let i = firstBlock; i < endBlock; i++) {
    const mass = <f64>sumLanes(v128.load(l.blockSums + (<usize>i << 4)));
    if (mass == 0) continue;
    block = i;
    if (rest < mass) break;
    rest -= mass;
  }
  const masses = l.slotMasses + <usize>block * (BLOCK_SLOTS << 2);
  let quad: usize = 0;
  for (let i: usize = 0; i < <usize>BLOCK_QUADS; i++) {
    const mass = <f64>sumLanes(v128.load(masses + (i << 4)));
    if (mass == 0) continue;
    quad = i;
    if (rest < mass) break;
    rest -= mass;
  }
  let lane: usize = 0;
  for (let i: usize = 0; i < 4; i++) {
    const mass = <f64>load<f32>(masses + (quad << 4) + (i << 2));
    if (mass == 0) continue;
    lane = i;
    if (rest < mass) break;
    rest -= mass;
  }
  return block * BLOCK_SLOTS + <i32>((quad << 2) + lane);
}

/** The class of `bucket` in whose share of 2^32 `random` falls: its position. Without bias all shares are equal. */
export function positionIn(layout: usize, bucket: i32, random: u32): i32 {
  const l = changetype<Layout>(layout);
  const offset = l.bucketOffsets + (<usize>bucket << 2);
  let low = load<i32>(offset), high = load<i32>(offset, 4);
  if (!l.shares) return low + <i32>((<u64>random * <u64>(high - low)) >> 32);
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (load<u32>(l.shares + (<usize>middle << 2)) <= random) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * log of the unnormalised mass of one class under the bucket proposal: s_b + log w_b + log of its share of the bucket,
 * which is s_b + log pi up to the rounding of the shares. In f64 over the f32 tables; adding nothing that underflows.
 */
export function logMassAt(layout: usize, bucket: i32, position: i32): f64 {
  const l = changetype<Layout>(layout);
  const code = load<i32>(l.bucketCodes + (<usize>bucket << 2));
  const subScore = <f64>load<f32>(l.subScores1 + (<usize>(code >> l.bits) << 2))
    + <f64>load<f32>(l.subScores2 + (<usize>(code & (l.codewordCount - 1)) << 2));
  if (!l.shares) return subScore;
  const share = l.shares + (<usize>position << 2);
  const next = position + 1 < load<i32>(l.bucketOffsets + (<usize>bucket << 2), 4) ? <u64>load<u32>(share, 4) : 1 << 32;
  const width = <f64>(next - <u64>load<u32>(share));
  return subScore + <f64>load<f32>(l.bucketLogWeights + (<usize>bucket << 2)) + log64(width * UNIT);
}
