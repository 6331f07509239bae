import { MASS_BLOCK } from "../../src/abi";
import { lastAtMost } from "../bisect";
import { exp4 } from "../exp";
import { Layout, Search } from "../layout";
import { scanGroups } from "./groups";
import { endProposal, log64, scoreListed } from "./query";
import { scoreOf } from "./reservoir";
import { listOutliers } from "./top";

/**
 * Makes a proposal from the fine codes of all classes (docs/method.md, section 8) for the prepared query. The head is the
 * outliers and the `rescore` best classes by approximate score, at least one, with their exact scores. Every other class that
 * is not excluded has the mass e^(approximate score / T). O(N D / 4) additions of bytes, and O(D) for each class of the head.
 *
 * Leaves what `propose` leaves, with codeMasses instead of slotMasses: the tail's masses by position, in units of
 * e^massShift, and codePrefix, their sums by blocks.
 */
export function proposeByCodes(layout: usize, rescore: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const inBuckets = l.allowedCount - l.allowedOutliers;
  let count = scanGroups(l, l.itemCount, min(max(rescore, 1), inBuckets), l.codeMasses);
  memory.copy(l.headPositions, l.reservoirPositions, <usize>count << 2);
  count += listOutliers(l, l.headPositions + (<usize>count << 2));
  s.headBucketCount = 0;
  scoreListed(layout, count);
  weighTail(l, count);
  endProposal(layout);
}

/**
 * Turns the approximate scores in codeMasses into masses, e^((score - the head's smallest) / T), or 0 in the head and
 * for excluded classes. Sets codePrefix, tailTotal and massShift.
 */
function weighTail(l: Layout, headCount: i32): void {
  const s = changetype<Search>(l.search);
  const scores = l.codeMasses;
  for (let p = l.headPositions, end = p + (<usize>headCount << 2); p < end; p += 4) {
    store<f32>(scores + (<usize>load<i32>(p) << 2), -Infinity);
  }
  for (let position = l.itemCount - l.outlierCount; position < l.itemCount; position++) {
    store<f32>(scores + (<usize>position << 2), -Infinity); // outliers have no codes
  }
  v128.store(scores + (<usize>l.itemCount << 2), f32x4.splat(-Infinity));
  const hasTail = headCount < l.allowedCount;
  const top: f32 = hasTail ? scoreOf(<i32>s.reservoirFloor) : 0;
  if (!hasTail) memory.fill(scores, 0, <usize>l.itemCount << 2);
  const blocks = (l.itemCount + MASS_BLOCK - 1) / MASS_BLOCK;
  let total: f64 = 0;
  for (let block = 0; block < blocks; block++) {
    store<f64>(l.codePrefix + (<usize>block << 3), total);
    if (hasTail) total += weighBlock(l, block * MASS_BLOCK, top);
  }
  store<f64>(l.codePrefix + (<usize>blocks << 3), total);
  s.tailTotal = total;
  s.massShift = <f64>top * <f64>l.inverseTemperature;
}

/** Turns the scores of a block into masses and returns their sum. */
function weighBlock(l: Layout, first: i32, top: f32): f64 {
  const shift = f32x4.splat(top), scale = f32x4.splat(l.inverseTemperature), none = f32x4.splat(-Infinity);
  let sums = f64x2.splat(0);
  const start = l.codeMasses + (<usize>first << 2);
  for (let p = start, end = start + (<usize>min(MASS_BLOCK, l.itemCount - first) << 2); p < end; p += 16) {
    const scores = v128.load(p);
    const e = exp4(f32x4.mul(f32x4.sub(scores, shift), scale));
    const masses = v128.and(e, f32x4.gt(scores, none)); // exp4(-Infinity) is not 0
    v128.store(p, masses);
    sums = f64x2.add(sums, f64x2.promote_low_f32x4(masses));
    sums = f64x2.add(sums, f64x2.promote_low_f32x4(v128.shuffle<f32>(masses, masses, 2, 3, 2, 3)));
  }
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/**
 * Returns the position of the tail's class at `target`, in [0, tailTotal), when the masses are laid end to end. O(log N
 * + MASS_BLOCK). The proposal must be in place (proposeByCodes), and its tail must not be empty.
 */
export function codePositionAt(layout: usize, target: f64): i32 {
  const l = changetype<Layout>(layout);
  const blocks = (l.itemCount + MASS_BLOCK - 1) / MASS_BLOCK;
  const block = min(lastAtMost<f64>(l.codePrefix, blocks, target), blocks - 1);
  let before = load<f64>(l.codePrefix + (<usize>block << 3));
  let found = -1;
  for (let i = block * MASS_BLOCK, end = min(i + MASS_BLOCK, l.itemCount); i < end; i++) {
    const mass = load<f32>(l.codeMasses + (<usize>i << 2));
    if (mass == 0) continue;
    found = i;
    before += <f64>mass;
    if (target < before) break;
  }
  return found; // the last class with a mass, if rounding leads past all of them
}

/**
 * Returns the logarithm of the mass of the class at `position` in the tail, or -Infinity in the head and for an
 * excluded class. The proposal must be in place (proposeByCodes).
 */
export function codeLogMass(layout: usize, position: i32): f64 {
  const l = changetype<Layout>(layout);
  const mass = load<f32>(l.codeMasses + (<usize>position << 2));
  return mass > 0 ? log64(<f64>mass) + changetype<Search>(l.search).massShift : -Infinity;
}
