import { PURPOSE_TAIL } from "../src/abi";
import { Layout, Search } from "./layout";
import { philoxInto, uniformAt } from "./random";
import { touchShares } from "./shares";
import { groupFrom, slotIn } from "./tail";

/**
 * Draws the random numbers of `count` draws: for draw j a uniform number in [0, 1) in drawFactors and one more word in
 * drawScores. They depend on seed, query, purpose and j alone.
 */
export function drawNumbers(l: Layout, purpose: u64, count: i32, seed: u64): void {
  const queryHash = changetype<Search>(l.search).queryHash;
  for (let j = 0; j < count; j++) {
    philoxInto(seed, queryHash, (<u64>j << 32) | purpose, l.random);
    store<f64>(l.drawFactors + (<usize>j << 3), uniformAt(l.random));
    store<u32>(l.drawScores + (<usize>j << 2), load<u32>(l.random, 8));
  }
}

/**
 * Draws `count` buckets of the tail, stratified, and leaves them in drawPositions, with a random word for each in drawScores and
 * the inverse of its probability in drawFactors. There is one loop for each step, so that the latencies of several draws
 * overlap.
 */
export function drawBuckets(layout: usize, count: i32, seed: u64): void {
  const l = changetype<Layout>(layout);
  const tailTotal = changetype<Search>(l.search).tailTotal, stratum = tailTotal / <f64>count;
  const numbers = l.drawScores, buckets = l.drawPositions;
  drawNumbers(l, PURPOSE_TAIL, count, seed);
  let group = 0;
  for (let j = 0; j < count; j++) {
    const factor = l.drawFactors + (<usize>j << 3);
    const target = (<f64>j + load<f64>(factor)) * stratum;
    group = groupFrom(l, group, target);
    const slot = slotIn(layout, group, target);
    store<i32>(buckets + (<usize>j << 2), slot);
    store<f64>(factor, tailTotal / <f64>load<f32>(l.slotMasses + (<usize>slot << 2)));
  }
  for (let j = 0; j < count; j++) {
    const bucket = load<i32>(l.slotBuckets + (<usize>load<i32>(buckets + (<usize>j << 2)) << 2));
    store<i32>(buckets + (<usize>j << 2), bucket);
    touchShares(l, bucket, load<u32>(numbers + (<usize>j << 2)));
  }
}
