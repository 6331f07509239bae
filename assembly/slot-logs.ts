import { BLOCK_SLOTS } from "../src/abi";
import { Layout } from "./layout";

/**
 * Sets slotLogWeights from the bucketLogWeights in place, unless they have these. Most searches need none by slot, and to store
 * them with every other temperature took a fifth of the time of weighing the buckets. O(B + blocks).
 */
export function placeSlotLogs(l: Layout): void {
  if (load<u32>(l.slotLogTable) == <u32>l.bucketLogWeights) return;
  for (let o: usize = 0, end = <usize>l.blockCount * (BLOCK_SLOTS << 2); o < end; o += 16) {
    v128.store(l.slotLogWeights + o, f32x4.splat(-f32.MAX_VALUE));
  }
  for (let o: usize = 0, end = <usize>l.bucketCount << 2; o < end; o += 4) {
    const slot = <usize>load<i32>(l.bucketSlots + o) << 2;
    store<f32>(l.slotLogWeights + slot, load<f32>(l.bucketLogWeights + o));
  }
  store<u32>(l.slotLogTable, <u32>l.bucketLogWeights);
}
