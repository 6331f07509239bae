import { BLOCK_QUADS, BLOCK_SLOTS } from "../src/abi";
import { dotRows } from "./dot";
import { expInto } from "./exp";
import { maxLanesI32, maxOf } from "./lanes";
import { Layout, Search } from "./layout";

// Slots: the non-empty buckets of a group (one first codeword), laid out by second codeword in quads of four, eight
// quads a block. A quad exists where one of its four buckets does; the others of the four, and the quads that fill the
// last block of a group, are empty slots of weight 0.
//
//   group k1:  | block: 8 quads, each 4 slots, k2 = 4 * column + lane | block | …
//
// So a bucket's mass is one lane of slotWeights * secondWeights[column] * groupScale: no gather, no exp per bucket.

/** Below this largest mass, f32 underflow may have eaten masses that matter: the caller takes the logarithmic road. */
const SMALLEST_MAXIMUM: f32 = reinterpret<f32>(0x1f800000); // 2^-64

/** Order-preserving map between f32 and i32; positive floats keep their bits. Its own inverse. */
// @ts-ignore: decorator
@inline
function ordered(bits: i32): i32 {
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

/** subScores1 and subScores2 of the prepared query. */
export function subScores(layout: usize): void {
  const l = changetype<Layout>(layout);
  dotRows(l.subQuery1, l.codebook1, l.codewordCount, l.codewordBytes1, l.subScores1);
  dotRows(l.subQuery2, l.codebook2, l.codewordCount, l.codewordBytes2, l.subScores2);
}

/**
 * slotMasses = w_b e^(s_b - massShift) (method: section 2), with blockMaxima as order keys and blockSums.
 * Factored: e^(subScores1 + log of the group's largest weight), e^subScores2 and w_b / largest weight, each at most 1.
 * Returns 0 when the largest mass is under 2^-64 of the factors' bound; then bucketLogMasses has to be taken instead.
 */
export function bucketMasses(layout: usize): i32 {
  const l = changetype<Layout>(layout);
  const groups = l.codewordCount, lanes = (groups + 3) & ~3;
  for (let o: usize = 0, end = <usize>lanes << 2; o < end; o += 16) {
    v128.store(l.groupScales + o, f32x4.add(v128.load(l.subScores1 + o), v128.load(l.groupLogWeights + o)));
  }
  const shift1 = maxOf(l.groupScales, groups), shift2 = maxOf(l.subScores2, groups);
  expInto(l.groupScales, lanes, shift1, l.groupScales);
  expInto(l.subScores2, lanes, shift2, l.secondWeights);
  changetype<Search>(l.search).massShift = <f64>shift1 + <f64>shift2;

  const second = l.secondWeights;
  let weights = l.slotWeights, masses = l.slotMasses, columns = l.blockColumns;
  let sums = l.blockSums, maxima = l.blockMaxima;
  let largest = f32x4.splat(0);
  for (let group = 0; group < groups; group++) {
    const scale = v128.load32_splat(l.groupScales + (<usize>group << 2));
    const blocks = load<i32>(l.groupBlocks + (<usize>group << 2), 4) - load<i32>(l.groupBlocks + (<usize>group << 2));
    for (let block = 0; block < blocks; block++) {
      let sum = f32x4.splat(0), top = f32x4.splat(0);
      for (let quad: usize = 0; quad < <usize>BLOCK_QUADS; quad++) {
        const w = f32x4.mul(v128.load(weights + (quad << 4)), v128.load(second + (<usize>load<u8>(columns + quad) << 4)));
        const mass = f32x4.mul(w, scale);
        v128.store(masses + (quad << 4), mass);
        sum = f32x4.add(sum, mass);
        top = f32x4.pmax(top, mass);
      }
      v128.store(sums, sum);
      v128.store(maxima, top);
      largest = f32x4.pmax(largest, top);
      weights += BLOCK_SLOTS << 2;
      masses += BLOCK_SLOTS << 2;
      columns += BLOCK_QUADS;
      sums += 16;
      maxima += 16;
    }
  }
  return i32(maxLanesI32(largest) >= reinterpret<i32>(SMALLEST_MAXIMUM));
}

/**
 * The logarithmic road, for logits whose masses no f32 can hold side by side: slotMasses holds order keys of
 * s_b + log w_b (the least i32 where no bucket is) and blockMaxima their maxima, until massesFromKeys.
 */
export function bucketLogMasses(layout: usize): void {
  const l = changetype<Layout>(layout);
  const mask = l.codewordCount - 1;
  for (let block = 0; block < l.blockCount; block++) {
    let top = i32x4.splat(i32.MIN_VALUE);
    for (let slot = block * BLOCK_SLOTS, end = slot + BLOCK_SLOTS; slot < end; slot++) {
      const bucket = load<i32>(l.slotBuckets + (<usize>slot << 2));
      let key = i32.MIN_VALUE;
      if (bucket >= 0) {
        const code = load<i32>(l.bucketCodes + (<usize>bucket << 2));
        const logMass = load<f32>(l.subScores1 + (<usize>(code >> l.bits) << 2))
          + load<f32>(l.subScores2 + (<usize>(code & mask) << 2)) + load<f32>(l.bucketLogWeights + (<usize>bucket << 2));
        key = ordered(reinterpret<i32>(logMass));
      }
      store<i32>(l.slotMasses + (<usize>slot << 2), key);
    }
    const keys = l.slotMasses + (<usize>block * (BLOCK_SLOTS << 2));
    for (let quad: usize = 0; quad < <usize>BLOCK_QUADS; quad++) top = i32x4.max_s(top, v128.load(keys + (quad << 4)));
    v128.store(l.blockMaxima + (<usize>block << 4), top);
  }
}

/** Ends the logarithmic road: slotMasses and blockSums as bucketMasses leaves them, massShift the largest log mass. */
export function massesFromKeys(layout: usize): void {
  const l = changetype<Layout>(layout);
  let top = i32x4.splat(i32.MIN_VALUE);
  for (let block = 0; block < l.blockCount; block++) top = i32x4.max_s(top, v128.load(l.blockMaxima + (<usize>block << 4)));
  const shift = l.blockCount > 0 ? reinterpret<f32>(ordered(maxLanesI32(top))) : 0;
  changetype<Search>(l.search).massShift = <f64>shift;
  for (let block = 0; block < l.blockCount; block++) {
    const masses = l.slotMasses + (<usize>block * (BLOCK_SLOTS << 2));
    let sum = f32x4.splat(0);
    for (let quad: usize = 0; quad < <usize>BLOCK_QUADS; quad++) {
      const keys = v128.load(masses + (quad << 4));
      const empty = i32x4.eq(keys, i32x4.splat(i32.MIN_VALUE));
      const logMass = v128.xor(keys, v128.and(i32x4.shr_s(keys, 31), i32x4.splat(0x7fffffff)));
      v128.store(masses + (quad << 4), v128.bitselect(f32x4.splat(shift), logMass, empty));
      expInto(masses + (quad << 4), 4, shift, masses + (quad << 4));
      const mass = v128.andnot(v128.load(masses + (quad << 4)), empty);
      v128.store(masses + (quad << 4), mass);
      sum = f32x4.add(sum, mass);
    }
    v128.store(l.blockSums + (<usize>block << 4), sum);
  }
}
